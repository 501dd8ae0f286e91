-- When a provider last said that something changed without saying what; null: never.
ALTER TABLE source_systems ADD COLUMN refresh_wanted_at_ms INTEGER;
-- What the provider's notifications are signed with, sealed with SECRETS_KEY: a list of {slot, secret_id, key_id, sealed, set_at_ms}.
ALTER TABLE source_systems ADD COLUMN webhook_secrets TEXT NOT NULL DEFAULT '[]';

-- Notifications that no run has taken yet: of one thing only the newest.
CREATE TABLE webhook_notifications (
  source_system_id TEXT NOT NULL REFERENCES source_systems (source_system_id),
  topic TEXT NOT NULL,
  object_id TEXT NOT NULL,
  -- Where the body lies in object storage, and that of the one this replaced.
  body_key TEXT NOT NULL,
  replaced_body_key TEXT,
  body_hash TEXT NOT NULL,
  content_type TEXT NOT NULL,
  body_bytes INTEGER NOT NULL,
  -- When it happened at the provider; null where that is not said.
  occurred_at_ms INTEGER,
  received_at_ms INTEGER NOT NULL,
  PRIMARY KEY (source_system_id, topic, object_id)
) STRICT, WITHOUT ROWID;

-- What has been taken, for a week: providers send again what they believe was lost.
CREATE TABLE webhook_deliveries (
  source_system_id TEXT NOT NULL REFERENCES source_systems (source_system_id),
  event_id TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  PRIMARY KEY (source_system_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (received_at_ms);
