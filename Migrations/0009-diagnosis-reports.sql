-- Measurements whose devices showed the results of older ones, and may show those of the newer ones when they are asked to call.
CREATE INDEX task_diagnosis_report ON task (due_at)
  WHERE state = 'waiting' AND waiting_for = 'diagnosisReport' AND result ? 'olderResults';
