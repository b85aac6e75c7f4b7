-- Where agents are reached through a broker: they notice nothing when this server restarts, and would be silent until they have
-- something to tell.
CREATE TABLE agent_address (
  device_id bigint NOT NULL,
  -- mqtt or stomp.
  transport text NOT NULL,
  endpoint text NOT NULL,
  -- As the transport writes it.
  address text NOT NULL,
  PRIMARY KEY (device_id, transport)
);

-- Whether a certificate has named the endpoint ID as that of the device, and when an endpoint ID was noted.
ALTER TABLE device_identity
  ADD COLUMN certified boolean NOT NULL DEFAULT false,
  ADD COLUMN noted_at timestamptz;
