-- Data models that operators brought: a small reference table, of which all nodes look at the digests again and again.
CREATE TABLE data_model (
  name text PRIMARY KEY,
  -- What the model is called in its document, for example Device:2.19.
  model text NOT NULL,
  -- The URN of that document, and its file's name.
  spec text NOT NULL,
  file text NOT NULL,
  -- How many documents there are with those that it imports, and their bytes together.
  documents integer NOT NULL,
  size bigint NOT NULL,
  sha256 bytea NOT NULL,
  -- How content is packed.
  codec smallint NOT NULL,
  content bytea NOT NULL,
  imported_by text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now()
);

-- It is compressed already.
ALTER TABLE data_model ALTER COLUMN content SET STORAGE EXTERNAL;
