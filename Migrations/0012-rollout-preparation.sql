-- Devices of a rollout may load its image ahead of their turns: 'preparing' while they do, 'prepared' until their turn comes.
-- One that is 'pending' and has a task could not.
ALTER TABLE rollout_target
  DROP CONSTRAINT rollout_target_state_check,
  ADD CONSTRAINT rollout_target_state_check CHECK (
    state IN (
      'pending', 'preparing', 'prepared', 'active', 'done', 'skipped', 'failed', 'cancelled'));
