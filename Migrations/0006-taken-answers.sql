-- Answers to challenges that have let a device in, so that none lets anyone in a second time, on whichever node.
-- They matter for minutes only; after a crash of the database those of the last minutes are forgotten.
CREATE UNLOGGED TABLE taken_answer (
  answer bigint PRIMARY KEY,
  -- When its nonce is past its lifetime on every node.
  until timestamptz NOT NULL
);
