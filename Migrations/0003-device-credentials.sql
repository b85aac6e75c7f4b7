-- Credentials of their own that the server makes and sets on devices which come with the shared one.
-- True for a credential that the server made; those that operators made are never replaced by it.
ALTER TABLE credential ADD COLUMN generated boolean NOT NULL DEFAULT false;

-- The credential of the device's own: 0 none yet, 1 set on the device, which has not shown it yet, 2 shown, so that the shared
-- one does not let the device in any more, 3 refused by the device.
ALTER TABLE device_state ADD COLUMN own_credential smallint NOT NULL DEFAULT 0;
-- When the device may be given one again; null: now.
ALTER TABLE device_state ADD COLUMN own_credential_due timestamptz;
