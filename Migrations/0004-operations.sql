-- Files that devices sent because a task asked them to; the content itself is a file like any other.
CREATE TABLE upload (
  device_id bigint NOT NULL,
  task_id bigint NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  at timestamptz NOT NULL,
  -- How many times the file has been sent; a device that goes on and on is stopped.
  arrivals smallint NOT NULL DEFAULT 1,
  PRIMARY KEY (device_id, task_id)
);
CREATE INDEX upload_file ON upload (sha256);

-- How devices shall report changes of parameters; ordered again when a device has forgotten it.
CREATE TABLE desired_attribute (
  device_id bigint NOT NULL,
  path text NOT NULL,
  -- 0 off, 1 passive, 2 active, 3 to 6 with lightweight notifications; null: as the device has it.
  notification smallint,
  -- Who besides the server may write it; null: as the device has it.
  access_list text[],
  at timestamptz NOT NULL,
  PRIMARY KEY (device_id, path)
);

-- Measurements under way, to ask their devices to call when they may have ended.
CREATE INDEX task_diagnosis ON task (due_at)
  WHERE state = 'waiting' AND waiting_for = 'diagnosis';
