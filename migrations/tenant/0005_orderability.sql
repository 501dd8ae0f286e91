-- What somebody took off sale for a while ("86"). One at a time for a variant at a place.
CREATE TABLE snoozes (
  snooze_id TEXT PRIMARY KEY,
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  -- null: everywhere.
  location_id TEXT REFERENCES locations (location_id),
  -- null: until further notice.
  until_ms INTEGER,
  note TEXT,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX snoozes_by_place ON snoozes (variant_id, coalesce(location_id, ''));
CREATE INDEX snoozes_by_creation ON snoozes (created_at_ms, snooze_id);

-- One row for what was ever asked of a variant at a location: on its menu, counted or snoozed there. No row: nothing stands against it.
CREATE TABLE orderability_projection (
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  item_code TEXT NOT NULL,
  -- The most lasting reason of the item itself; null: it can be ordered. Store hours and pauses come on top, when it is read.
  reason_code TEXT CHECK (reason_code IN ('hidden', 'no_price', 'snoozed', 'no_stock', 'modifier_unavailable')),
  is_orderable INTEGER NOT NULL GENERATED ALWAYS AS (reason_code IS NULL) STORED,
  -- null: not counted here.
  available_e4 INTEGER,
  -- Of `snoozed` with an end: when it ends, and what stands against the item then.
  snoozed_until_ms INTEGER,
  reason_after TEXT,
  -- The unit of work that last turned the flag or the reason, and the one that last changed anything but the quantity.
  flip_id TEXT,
  change_id TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (location_id, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX orderability_projection_by_variant ON orderability_projection (variant_id);
CREATE INDEX orderability_projection_by_change ON orderability_projection (change_id);

-- What is read: a location's whole projection without quantities in one row, written only where something of it turned.
CREATE TABLE orderability_documents (
  location_id TEXT PRIMARY KEY REFERENCES locations (location_id),
  version INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  -- The answer for an open store, gzip of its JSON, made afterwards: right for the version it names, until its time.
  packed BLOB,
  packed_version INTEGER,
  packed_hash TEXT,
  packed_until_ms INTEGER,
  -- { variant_id: [item_code, reason, snoozed_until_ms, reason_after], … }; last, so that what is before it is read without its pages.
  items TEXT NOT NULL CHECK (json_valid(items))
) STRICT, WITHOUT ROWID;

-- When a store sells: one row a store, none where it always does.
CREATE TABLE store_trading (
  store_id TEXT PRIMARY KEY REFERENCES stores (store_id),
  -- { weekly: { mon: [["09:00","17:00"], …], … }, exceptions: { "2026-12-25": [], … } }; null: always open.
  hours TEXT CHECK (hours IS NULL OR json_valid(hours)),
  is_paused INTEGER NOT NULL DEFAULT 0,
  -- null: until further notice.
  paused_until_ms INTEGER,
  version INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which bundles hold a code, and which modifier options are one.
CREATE INDEX bundle_components_by_code ON bundle_components (item_code);
CREATE INDEX modifier_options_by_code ON modifier_options (item_code) WHERE item_code IS NOT NULL;
