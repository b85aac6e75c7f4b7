-- The WAN's address has one name for devices of both data models: that of TR-181.

INSERT INTO fact (name)
SELECT 'IP.Interface.1.IPv4Address.1.IPAddress'
WHERE NOT EXISTS (SELECT FROM fact WHERE name = 'IP.Interface.1.IPv4Address.1.IPAddress');

INSERT INTO device_fact (device_id, fact_id, value)
SELECT v.device_id, (SELECT fact_id FROM fact WHERE name = 'IP.Interface.1.IPv4Address.1.IPAddress'), max(v.value)
FROM device_fact v JOIN fact f USING (fact_id)
WHERE f.name IN (
    'WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress',
    'WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.ExternalIPAddress'
  ) AND v.value <> ''
GROUP BY v.device_id
ON CONFLICT (device_id, fact_id) DO NOTHING;

DELETE FROM device_fact v USING fact f
WHERE f.fact_id = v.fact_id
  AND f.name IN (
    'WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress',
    'WANDevice.1.WANConnectionDevice.1.WANPPPConnection.1.ExternalIPAddress'
  );
