-- What devices of one make and firmware support, put together from the trees of the first of them; a small reference table.
CREATE TABLE supported_model (
  -- OUI-ProductClass@SoftwareVersion, percent-encoded, with @ and the protocol behind it where that is not cwmp.
  name text PRIMARY KEY,
  manufacturer text NOT NULL,
  oui text NOT NULL,
  product_class text NOT NULL,
  software_version text NOT NULL,
  protocol text NOT NULL,
  root text NOT NULL,
  objects integer NOT NULL,
  parameters integer NOT NULL,
  commands integer NOT NULL,
  events integer NOT NULL,
  -- True where there is more than is kept.
  is_cut boolean NOT NULL,
  -- The documents that the devices say to follow.
  announced jsonb NOT NULL,
  -- The devices whose trees are in it.
  sources bigint[] NOT NULL,
  codec smallint NOT NULL,
  content bytea NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- When a device with it was last read as a whole, to the hour; those that were not for longest go first.
  seen_at timestamptz NOT NULL
);
ALTER TABLE supported_model ALTER COLUMN content SET STORAGE EXTERNAL;

-- Up to where the readings have been looked at.
CREATE TABLE supported_model_progress (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  read_at timestamptz NOT NULL,
  device_id bigint NOT NULL
);
INSERT INTO supported_model_progress (read_at, device_id) VALUES ('-infinity', 0);

-- Changes with complete readings only, so that what contacts write stays on its page (HOT).
CREATE INDEX device_state_read ON device_state (read_at, device_id) WHERE read_at IS NOT NULL;
