-- What every database that is written through a writer needs: the central one and each tenant's.

CREATE TABLE commit_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- New after a restore, so that a version from before it promises nothing.
  epoch TEXT NOT NULL,
  commit_seq INTEGER NOT NULL,
  -- Gapless: raised in the unit of work that writes the events.
  last_event_sequence INTEGER NOT NULL
) STRICT;

INSERT INTO commit_state (id, epoch, commit_seq, last_event_sequence) VALUES (1, lower(hex(randomblob(8))), 0, 0);

-- A batch that was committed, or one that was lost and made void so that it never can be.
CREATE TABLE batches (
  batch_id TEXT PRIMARY KEY,
  outcome TEXT NOT NULL CHECK (outcome IN ('committed', 'void')),
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_age ON batches (created_at_ms);

-- The proof that a key took effect, and its answer. `code` names the guard that refused, null for an effect.
CREATE TABLE receipts (
  principal TEXT NOT NULL,
  method TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  request_id TEXT NOT NULL,
  status INTEGER,
  code TEXT,
  answer TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (principal, method, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_by_expiry ON receipts (expires_at_ms);

-- Work that must happen. A queue message only says "look here"; the row stays until the work's own unit marks it done.
CREATE TABLE wanted (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('wanted', 'done', 'dead')),
  -- Raised by each request; work that finishes request 7 does not answer request 8.
  requests INTEGER NOT NULL,
  -- When the next message is due.
  due_at_ms INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0,
  -- The delivery that took it last.
  claim TEXT,
  wanted_at_ms INTEGER NOT NULL,
  done_at_ms INTEGER,
  last_error TEXT,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX wanted_by_due ON wanted (due_at_ms) WHERE state = 'wanted';

CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  event_type TEXT NOT NULL,
  source TEXT NOT NULL,
  occurred_at_ms INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_age ON outbox (occurred_at_ms);

-- How far each consumer of the outbox has come.
CREATE TABLE outbox_consumers (
  consumer TEXT PRIMARY KEY,
  applied_sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_consumers (consumer, applied_sequence) VALUES ('domain-events', 0);

-- Messages that were tried to the end, kept until somebody replays them.
CREATE TABLE dead_letters (
  id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  message TEXT NOT NULL,
  reason TEXT,
  died_at_ms INTEGER NOT NULL,
  replayed_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letters_by_age ON dead_letters (died_at_ms);
