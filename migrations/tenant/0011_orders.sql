-- What was sold, as it was sold. Money in minor units of the order's currency, quantities ten-thousandths (`_e4`). Ids are the client's own.
CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  -- null: it came over HTTP from no terminal.
  terminal_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'closed', 'cancelled')),
  number TEXT,
  currency TEXT NOT NULL,
  -- Whether the lines' prices have the tax in them.
  tax_included INTEGER NOT NULL CHECK (tax_included IN (0, 1)),
  customer_id TEXT,
  shift_id TEXT,
  note TEXT,
  -- Sums of the lines: before discounts, what was taken off, the tax in or on top, what is to be paid.
  subtotal_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  total_minor INTEGER NOT NULL,
  -- The till's own total, where it differs.
  till_total_minor INTEGER,
  -- The sum of the payments.
  paid_minor INTEGER NOT NULL,
  -- Of what created it: the same id with the same content is the same order.
  fingerprint TEXT NOT NULL,
  -- Raised by each change.
  version INTEGER NOT NULL,
  -- As the till said, and when it was written here.
  occurred_at_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  cancelled_at_ms INTEGER,
  cancel_reason TEXT,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_store ON orders (store_id, created_at_ms, order_id);
CREATE INDEX orders_by_shift ON orders (shift_id) WHERE shift_id IS NOT NULL;

CREATE TABLE order_lines (
  order_id TEXT NOT NULL REFERENCES orders (order_id),
  line_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  item_code TEXT NOT NULL,
  name TEXT,
  quantity_e4 INTEGER NOT NULL CHECK (quantity_e4 > 0),
  -- What was charged for one, and the price in effect here at that moment; null: there was none.
  unit_price_minor INTEGER NOT NULL,
  server_price_minor INTEGER,
  -- [{ option_id, name, price_minor, quantity_e4 }]
  modifiers TEXT NOT NULL CHECK (json_valid(modifiers)),
  -- What it takes out of stock when the order is closed: [[variant_id, quantity_e4], …]; of a bundle its components.
  stock TEXT NOT NULL CHECK (json_valid(stock)),
  gross_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  tax_rate_e4 INTEGER NOT NULL,
  tax_minor INTEGER NOT NULL,
  total_minor INTEGER NOT NULL,
  note TEXT,
  PRIMARY KEY (order_id, line_id)
) STRICT, WITHOUT ROWID;

-- Append-only.
CREATE TABLE order_payments (
  order_id TEXT NOT NULL REFERENCES orders (order_id),
  payment_id TEXT NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('cash', 'card', 'other')),
  amount_minor INTEGER NOT NULL,
  tendered_minor INTEGER,
  reference TEXT,
  shift_id TEXT,
  -- Its shift was closed already when it came.
  is_correction INTEGER NOT NULL DEFAULT 0 CHECK (is_correction IN (0, 1)),
  occurred_at_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (order_id, payment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_payments_by_shift ON order_payments (shift_id) WHERE shift_id IS NOT NULL;
CREATE TRIGGER order_payments_stay BEFORE UPDATE ON order_payments BEGIN
  SELECT RAISE(ABORT, 'order_payments is append-only');
END;
CREATE TRIGGER order_payments_remain BEFORE DELETE ON order_payments BEGIN
  SELECT RAISE(ABORT, 'order_payments is append-only');
END;

CREATE TABLE customers (
  customer_id TEXT PRIMARY KEY,
  -- { name: "…", phone: "…" }, and of each field who wrote it last: { name: [ms, "writer"] }.
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  stamps TEXT NOT NULL CHECK (json_valid(stamps)),
  version INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A drawer from its opening to its count.
CREATE TABLE shifts (
  shift_id TEXT PRIMARY KEY,
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  terminal_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
  currency TEXT NOT NULL,
  opening_minor INTEGER NOT NULL,
  counted_minor INTEGER,
  opened_by TEXT,
  closed_by TEXT,
  note TEXT,
  fingerprint TEXT NOT NULL,
  version INTEGER NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shifts_by_store ON shifts (store_id, created_at_ms, shift_id);

-- What went in and out of a drawer beside sales, and what came after it was counted.
CREATE TABLE shift_entries (
  shift_id TEXT NOT NULL REFERENCES shifts (shift_id),
  entry_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('in', 'out', 'recount')),
  amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
  reason TEXT,
  -- The shift was closed already: a dated correction, the closing count stays what it was.
  is_correction INTEGER NOT NULL CHECK (is_correction IN (0, 1)),
  occurred_at_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (shift_id, entry_id)
) STRICT, WITHOUT ROWID;
