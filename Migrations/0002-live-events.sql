-- Lets events be followed as they become visible. Their keys are drawn before their transactions commit, so that one with
-- a lower key may appear later; below the oldest transaction that still runs, though, nothing more can appear.
-- Events from before have no transaction: they are history, which is read by device.
ALTER TABLE event ADD COLUMN transaction xid8;
ALTER TABLE event ALTER COLUMN transaction SET DEFAULT pg_current_xact_id();
CREATE INDEX event_transaction ON event (transaction, event_id);
