-- Quantities are ten-thousandths (`_e4`).

-- The ledger. Append-only; in the order in which stock changed at a place, so that what came after a count lies together.
CREATE TABLE stock_movements (
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  occurred_at_ms INTEGER NOT NULL,
  movement_id TEXT NOT NULL,
  movement_type TEXT NOT NULL CHECK (movement_type IN
    ('purchase', 'sale', 'sale_committed', 'waste', 'adjustment', 'transfer_in', 'transfer_out', 'return', 'count')),
  -- What it changed; of a count, what was counted.
  quantity_e4 INTEGER NOT NULL,
  reference_type TEXT,
  reference_id TEXT,
  source_system_id TEXT,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (location_id, variant_id, occurred_at_ms, movement_id)
) STRICT, WITHOUT ROWID;
-- Where the newest count of a place is, and the newest before a moment.
CREATE INDEX stock_movements_counts ON stock_movements (location_id, variant_id, occurred_at_ms, movement_id) WHERE movement_type = 'count';

CREATE TRIGGER stock_movements_stay BEFORE UPDATE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements is append-only');
END;
CREATE TRIGGER stock_movements_remain BEFORE DELETE ON stock_movements BEGIN
  SELECT RAISE(ABORT, 'stock_movements is append-only');
END;

-- What the ledger comes to: the newest count plus what came after it. No row: the variant is not tracked there.
CREATE TABLE stock_positions (
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  on_hand_e4 INTEGER NOT NULL DEFAULT 0,
  -- The sum of its active reservations; kept by the triggers below.
  reserved_e4 INTEGER NOT NULL DEFAULT 0 CHECK (reserved_e4 >= 0),
  available_e4 INTEGER NOT NULL GENERATED ALWAYS AS (on_hand_e4 - reserved_e4) STORED,
  allow_negative INTEGER NOT NULL DEFAULT 0 CHECK (allow_negative IN (0, 1)),
  reorder_point_e4 INTEGER NOT NULL DEFAULT 0,
  max_stock_e4 INTEGER,
  -- The newest count: movements before it no longer count.
  counted_at_ms INTEGER,
  counted_movement_id TEXT,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (location_id, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_positions_by_variant ON stock_positions (variant_id);

-- Stock promised to an order. A variant without a position is promised without one.
CREATE TABLE stock_reservations (
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  order_id TEXT NOT NULL,
  reserved_e4 INTEGER NOT NULL CHECK (reserved_e4 > 0),
  -- Of a committed one: how much of it was taken; the rest was freed.
  committed_e4 INTEGER NOT NULL DEFAULT 0 CHECK (committed_e4 BETWEEN 0 AND reserved_e4),
  status TEXT NOT NULL CHECK (status IN ('active', 'committed', 'released', 'expired')),
  -- null: until it is committed or released.
  expires_at_ms INTEGER,
  -- The change that made it what it is.
  change_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (location_id, variant_id, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_reservations_by_order ON stock_reservations (order_id);
CREATE INDEX stock_reservations_live ON stock_reservations (location_id, variant_id, expires_at_ms) WHERE status = 'active';
CREATE INDEX stock_reservations_due ON stock_reservations (expires_at_ms) WHERE status = 'active' AND expires_at_ms IS NOT NULL;
CREATE INDEX stock_reservations_expired ON stock_reservations (change_id) WHERE status = 'expired';

-- A position and its reservations never part, whoever changes them.
CREATE TRIGGER stock_reservations_hold AFTER INSERT ON stock_reservations WHEN NEW.status = 'active' BEGIN
  UPDATE stock_positions SET reserved_e4 = reserved_e4 + NEW.reserved_e4, updated_at_ms = NEW.updated_at_ms
  WHERE location_id = NEW.location_id AND variant_id = NEW.variant_id;
END;
CREATE TRIGGER stock_reservations_free AFTER UPDATE OF status, reserved_e4 ON stock_reservations BEGIN
  UPDATE stock_positions SET updated_at_ms = NEW.updated_at_ms,
    reserved_e4 = reserved_e4 + iif(NEW.status = 'active', NEW.reserved_e4, 0) - iif(OLD.status = 'active', OLD.reserved_e4, 0)
  WHERE location_id = NEW.location_id AND variant_id = NEW.variant_id;
END;

-- Where a position was found to differ from its ledger and reservations; a row a finding, repaired as it was found.
CREATE TABLE stock_drifts (
  run_id TEXT NOT NULL,
  location_id TEXT NOT NULL,
  variant_id TEXT NOT NULL,
  -- null: there was no position.
  stored_on_hand_e4 INTEGER,
  stored_reserved_e4 INTEGER,
  ledger_on_hand_e4 INTEGER NOT NULL,
  ledger_reserved_e4 INTEGER NOT NULL,
  found_at_ms INTEGER NOT NULL,
  PRIMARY KEY (run_id, location_id, variant_id)
) STRICT, WITHOUT ROWID;
