-- One row. Raised by every change of the catalogue: what was decided on an older revision is refused and decided again.
CREATE TABLE catalog_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO catalog_state (id, revision) VALUES (1, 0);

CREATE TABLE source_systems (
  source_system_id TEXT PRIMARY KEY,
  source_type TEXT NOT NULL CHECK (source_type IN ('pos', 'erp', 'seller', 'dark_store', 'file')),
  name TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  is_active INTEGER NOT NULL DEFAULT 1,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a provider calls a thing, and which thing of ours that is.
CREATE TABLE source_entities (
  source_system_id TEXT NOT NULL REFERENCES source_systems (source_system_id),
  entity_type TEXT NOT NULL CHECK (entity_type IN ('category', 'modifier_group', 'product', 'variant')),
  external_id TEXT NOT NULL,
  canonical_id TEXT NOT NULL,
  -- Of the normalised payload applied last.
  content_hash TEXT NOT NULL,
  -- The provider's own version or time; an older one is left alone.
  provider_version INTEGER,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (source_system_id, entity_type, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_entities_by_canonical ON source_entities (canonical_id);

CREATE TABLE ingestion_runs (
  run_id TEXT PRIMARY KEY,
  source_system_id TEXT NOT NULL REFERENCES source_systems (source_system_id),
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'needs_confirmation')),
  -- Where the payload lies in object storage while it waits; null for one that ran at once.
  body_key TEXT,
  content_type TEXT NOT NULL,
  -- How many chunks there are and how many are done: what progress shows and where a crashed run goes on.
  chunks INTEGER NOT NULL DEFAULT 0,
  chunks_done INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0,
  inserted INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  held INTEGER NOT NULL DEFAULT 0,
  hidden INTEGER NOT NULL DEFAULT 0,
  -- Of the unchanged: left alone because what came was older than what was applied.
  older INTEGER NOT NULL DEFAULT 0,
  by_entity TEXT NOT NULL CHECK (json_valid(by_entity)),
  -- Why it failed or waits for confirmation.
  failure TEXT,
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX ingestion_runs_by_start ON ingestion_runs (started_at_ms, run_id);

-- What a run has to tell, a row each: fields held back, rows that failed; the first thousand of each kind.
CREATE TABLE ingestion_findings (
  run_id TEXT NOT NULL REFERENCES ingestion_runs (run_id),
  kind TEXT NOT NULL CHECK (kind IN ('held', 'error', 'older')),
  position INTEGER NOT NULL,
  finding TEXT NOT NULL CHECK (json_valid(finding)),
  PRIMARY KEY (run_id, kind, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE categories (
  category_id TEXT PRIMARY KEY,
  source_system_id TEXT REFERENCES source_systems (source_system_id),
  parent_id TEXT,
  name TEXT NOT NULL,
  original_name TEXT NOT NULL,
  position INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX categories_by_position ON categories (position, category_id);

CREATE TABLE modifier_groups (
  modifier_group_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  original_name TEXT NOT NULL,
  min_select INTEGER NOT NULL CHECK (min_select >= 0),
  -- null: no limit.
  max_select INTEGER CHECK (max_select IS NULL OR max_select >= 0),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE modifier_options (
  modifier_option_id TEXT PRIMARY KEY,
  modifier_group_id TEXT NOT NULL REFERENCES modifier_groups (modifier_group_id),
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- What the customer pays on top. Taken from the provider when the option is new, ours from then on.
  price_delta_minor INTEGER NOT NULL,
  item_code TEXT,
  provider_active INTEGER NOT NULL DEFAULT 1,
  is_default INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL,
  UNIQUE (modifier_group_id, external_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
  product_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  original_name TEXT NOT NULL,
  name_owner TEXT NOT NULL DEFAULT 'provider' CHECK (name_owner IN ('provider', 'ours')),
  description TEXT,
  original_description TEXT,
  description_owner TEXT NOT NULL DEFAULT 'provider' CHECK (description_owner IN ('provider', 'ours')),
  -- Always the provider's.
  external_image_url TEXT,
  -- Our copy, a path under /media; kept until the copy of a changed image is ready.
  main_image_url TEXT,
  image_owner TEXT NOT NULL DEFAULT 'provider' CHECK (image_owner IN ('provider', 'ours')),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  allergens TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(allergens)),
  tax_rate_e4 INTEGER,
  provider_active INTEGER NOT NULL DEFAULT 1,
  -- Hidden by hand; stays so whatever the provider says.
  merchant_hidden INTEGER NOT NULL DEFAULT 0,
  visible INTEGER NOT NULL GENERATED ALWAYS AS (provider_active = 1 AND merchant_hidden = 0) STORED,
  -- How many variants it has; a variant's display name depends on it.
  variant_count INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX products_by_creation ON products (created_at_ms, product_id);

CREATE TABLE product_categories (
  product_id TEXT NOT NULL REFERENCES products (product_id),
  category_id TEXT NOT NULL REFERENCES categories (category_id),
  position INTEGER NOT NULL,
  PRIMARY KEY (product_id, category_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_categories_by_category ON product_categories (category_id);

CREATE TABLE product_modifier_groups (
  product_id TEXT NOT NULL REFERENCES products (product_id),
  modifier_group_id TEXT NOT NULL REFERENCES modifier_groups (modifier_group_id),
  position INTEGER NOT NULL,
  -- null: the group's own bound; max_select -1: no limit for this product.
  min_select INTEGER,
  max_select INTEGER,
  PRIMARY KEY (product_id, modifier_group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_modifier_groups_by_group ON product_modifier_groups (modifier_group_id);

CREATE TABLE variants (
  variant_id TEXT PRIMARY KEY,
  product_id TEXT NOT NULL REFERENCES products (product_id),
  item_code TEXT NOT NULL UNIQUE,
  -- What tells it from the others ("Large"); null where the product has no choices.
  option_name TEXT,
  -- A display name given by hand; null: made of the product's name and the option's.
  own_name TEXT,
  barcode TEXT,
  -- A reference, never charged.
  base_price_minor INTEGER,
  currency TEXT,
  attributes TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(attributes)),
  provider_active INTEGER NOT NULL DEFAULT 1,
  merchant_hidden INTEGER NOT NULL DEFAULT 0,
  visible INTEGER NOT NULL GENERATED ALWAYS AS (provider_active = 1 AND merchant_hidden = 0) STORED,
  position INTEGER NOT NULL,
  version_no INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX variants_by_product ON variants (product_id, position);
CREATE INDEX variants_by_creation ON variants (created_at_ms, variant_id);

CREATE TABLE bundle_components (
  bundle_variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  -- By code: a component may arrive after its bundle.
  item_code TEXT NOT NULL,
  quantity_e4 INTEGER NOT NULL CHECK (quantity_e4 > 0),
  position INTEGER NOT NULL,
  PRIMARY KEY (bundle_variant_id, item_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalog_item_versions (
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  version_no INTEGER NOT NULL,
  source_system_id TEXT,
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  normalized_hash TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (variant_id, version_no)
) STRICT, WITHOUT ROWID;

-- The operational price where no live menu has one. A sync never writes here.
CREATE TABLE variant_prices (
  variant_price_id TEXT PRIMARY KEY,
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  location_id TEXT REFERENCES locations (location_id),
  channel TEXT NOT NULL DEFAULT 'default',
  currency TEXT NOT NULL,
  mrp_minor INTEGER,
  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
  tax_rate_e4 INTEGER NOT NULL DEFAULT 0,
  effective_from_ms INTEGER NOT NULL,
  effective_to_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX variant_prices_lookup ON variant_prices (variant_id, location_id, channel, effective_from_ms DESC);
