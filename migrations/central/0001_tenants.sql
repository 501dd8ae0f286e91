-- Who is served, where their database is, and with which keys they come.

CREATE TABLE cells (
  cell_id TEXT PRIMARY KEY,
  driver TEXT NOT NULL CHECK (driver IN ('sqld')),
  primary_url TEXT NOT NULL,
  admin_url TEXT NOT NULL,
  -- [{ "region": …, "url": … }]
  replicas TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  tenant_id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  locale TEXT NOT NULL,
  cell_id TEXT NOT NULL REFERENCES cells (cell_id),
  namespace TEXT NOT NULL UNIQUE,
  -- 'creating' until the database stands and is migrated.
  status TEXT NOT NULL CHECK (status IN ('creating', 'active')),
  schema_version INTEGER NOT NULL,
  last_migration_error TEXT,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE domains (
  domain TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_tenant ON domains (tenant_id);

-- The key itself is derived from key_id and shown once; only its hash is here.
CREATE TABLE api_keys (
  key_id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  key_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'catalog', 'menu', 'inventory', 'pos', 'kitchen', 'kds', 'reports', 'read')),
  name TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER,
  -- At most hourly.
  last_used_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id);
