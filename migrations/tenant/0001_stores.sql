CREATE TABLE locations (
  location_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('store', 'dark_store', 'warehouse')),
  name TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stores (
  store_id TEXT PRIMARY KEY,
  location_id TEXT NOT NULL UNIQUE REFERENCES locations (location_id),
  name TEXT NOT NULL,
  -- Unique per tenant where given.
  code TEXT UNIQUE,
  timezone TEXT NOT NULL,
  currency TEXT NOT NULL,
  locale TEXT NOT NULL,
  address TEXT CHECK (address IS NULL OR json_valid(address)),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
