CREATE TABLE menu_drafts (
  draft_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  provider TEXT NOT NULL DEFAULT 'servery',
  -- [{ name, display_type, items: [{ item_code, price_minor }] }], edited as a whole; price_minor null: not decided yet.
  sections TEXT NOT NULL CHECK (json_valid(sections)),
  -- Of name, currency, provider and sections: what a publish's snapshot_hash is made of.
  content_hash TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX menu_drafts_by_creation ON menu_drafts (created_at_ms, draft_id);

CREATE TABLE publishes (
  publish_id TEXT PRIMARY KEY,
  -- Counts up in the order publishes were recorded; they apply to a store in that order, never an older one over a newer.
  sequence INTEGER NOT NULL UNIQUE,
  -- The earlier publish whose structure and prices this one brings back.
  rollback_of TEXT REFERENCES publishes (publish_id),
  -- The drafts' content hashes in order: structure and prices, whatever the drafts are called. Equal to a store's: `unchanged`.
  snapshot_hash TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The drafts as they were when published.
CREATE TABLE publish_drafts (
  publish_id TEXT NOT NULL REFERENCES publishes (publish_id),
  position INTEGER NOT NULL,
  draft_id TEXT NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  provider TEXT NOT NULL,
  sections TEXT NOT NULL CHECK (json_valid(sections)),
  PRIMARY KEY (publish_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE publish_stores (
  publish_id TEXT NOT NULL REFERENCES publishes (publish_id),
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  -- `regenerating` is answered as `live` once the storefront document holds live_revision.
  status TEXT NOT NULL CHECK (status IN ('queued', 'regenerating', 'failed', 'unchanged', 'superseded')),
  live_revision INTEGER,
  reasons TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reasons)),
  left_out TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(left_out)),
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (publish_id, store_id)
) STRICT, WITHOUT ROWID;

-- What a store sells from now. `live_revision` rises with each publish to it.
CREATE TABLE store_menus (
  store_id TEXT PRIMARY KEY REFERENCES stores (store_id),
  live_revision INTEGER NOT NULL,
  publish_id TEXT NOT NULL REFERENCES publishes (publish_id),
  sequence INTEGER NOT NULL,
  snapshot_hash TEXT NOT NULL,
  -- What the catalogue was when it was applied: items hidden since then are still among its rows.
  catalog_revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE menus (
  menu_id TEXT PRIMARY KEY,
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  publish_id TEXT NOT NULL,
  draft_id TEXT NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  provider TEXT NOT NULL,
  position INTEGER NOT NULL,
  live_revision INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  deleted_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX menus_live ON menus (store_id, position) WHERE deleted_at_ms IS NULL;
CREATE INDEX menus_replaced ON menus (store_id, live_revision) WHERE deleted_at_ms IS NOT NULL;

CREATE TABLE menu_sections (
  menu_section_id TEXT PRIMARY KEY,
  menu_id TEXT NOT NULL REFERENCES menus (menu_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  display_type TEXT NOT NULL CHECK (display_type IN ('list', 'grid')),
  item_category_id TEXT NOT NULL,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX menu_sections_by_menu ON menu_sections (menu_id, position);

CREATE TABLE menu_items (
  menu_id TEXT NOT NULL REFERENCES menus (menu_id) ON DELETE CASCADE,
  menu_section_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  -- What the customer pays, in minor units of the menu's currency.
  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
  PRIMARY KEY (menu_id, menu_section_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX menu_items_by_variant ON menu_items (variant_id);

-- The V1 category model that storefronts group by; a section maps to a category by (name, provider).
CREATE TABLE item_categories (
  item_category_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  category_view_type TEXT NOT NULL CHECK (category_view_type IN ('LIST', 'GRID')),
  deleted_at_ms INTEGER,
  UNIQUE (name, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE item_item_category (
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  item_category_id TEXT NOT NULL REFERENCES item_categories (item_category_id),
  PRIMARY KEY (variant_id, item_category_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE menu_item_category (
  menu_id TEXT NOT NULL REFERENCES menus (menu_id) ON DELETE CASCADE,
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  item_category_id TEXT NOT NULL REFERENCES item_categories (item_category_id),
  position INTEGER NOT NULL,
  deleted_at_ms INTEGER,
  PRIMARY KEY (menu_id, variant_id, item_category_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX menu_item_category_live ON menu_item_category (item_category_id, variant_id) WHERE deleted_at_ms IS NULL;

-- Denormalised rows of a store's live menu in the order of its storefront document, rebuilt whole at regeneration.
CREATE TABLE items_flat (
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  position INTEGER NOT NULL,
  category_id TEXT NOT NULL,
  category_name TEXT NOT NULL,
  category_view_type TEXT NOT NULL,
  variant_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  item_code TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  price_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  image_url TEXT,
  tax_rate_e4 INTEGER,
  tags TEXT NOT NULL,
  allergens TEXT NOT NULL,
  modifier_groups TEXT NOT NULL,
  bundle TEXT NOT NULL,
  PRIMARY KEY (store_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_flat_by_code ON items_flat (store_id, item_code);

-- The compiled bytes that a storefront is served, one row a store.
CREATE TABLE storefront_documents (
  store_id TEXT PRIMARY KEY REFERENCES stores (store_id),
  menu_version INTEGER NOT NULL,
  -- Which publish and which catalogue this was compiled from.
  live_revision INTEGER NOT NULL,
  catalog_revision INTEGER NOT NULL,
  -- Of the content without menu_version and as_of: equal content raises nothing.
  content_hash TEXT NOT NULL,
  compiled_at_ms INTEGER NOT NULL,
  -- How long the body is when it is unpacked.
  body_bytes INTEGER NOT NULL,
  -- gzip of the JSON document; last, so that whoever asks for the version alone never reads its pages.
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
