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
