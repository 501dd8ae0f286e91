-- Of a variant's prices at one place, channel and currency the one that began last holds, so no two begin at once.
CREATE UNIQUE INDEX variant_prices_by_start ON variant_prices (variant_id, coalesce(location_id, ''), channel, currency, effective_from_ms);
CREATE INDEX variant_prices_by_creation ON variant_prices (created_at_ms, variant_price_id);

-- Which price was told to be in effect last, a row for each place that was ever priced, and when it changes by itself. Written in the unit of work that
-- changes it; what a customer pays is read from variant_prices.
CREATE TABLE effective_prices (
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  -- '': everywhere.
  location_key TEXT NOT NULL,
  channel TEXT NOT NULL,
  currency TEXT NOT NULL,
  -- null: none in effect.
  price_minor INTEGER,
  previous_price_minor INTEGER,
  next_change_at_ms INTEGER,
  -- The unit of work that last turned it.
  turn_id TEXT,
  PRIMARY KEY (variant_id, location_key, channel, currency)
) STRICT, WITHOUT ROWID;
CREATE INDEX effective_prices_due ON effective_prices (next_change_at_ms) WHERE next_change_at_ms IS NOT NULL;
CREATE INDEX effective_prices_by_turn ON effective_prices (turn_id) WHERE turn_id IS NOT NULL;

-- Ownership is a column per field: `ours` stays whatever a re-sync brings.
ALTER TABLE products ADD COLUMN tags_owner TEXT NOT NULL DEFAULT 'provider' CHECK (tags_owner IN ('provider', 'ours'));
ALTER TABLE products ADD COLUMN allergens_owner TEXT NOT NULL DEFAULT 'provider' CHECK (allergens_owner IN ('provider', 'ours'));
ALTER TABLE products ADD COLUMN tax_rate_owner TEXT NOT NULL DEFAULT 'provider' CHECK (tax_rate_owner IN ('provider', 'ours'));
ALTER TABLE products ADD COLUMN categories_owner TEXT NOT NULL DEFAULT 'provider' CHECK (categories_owner IN ('provider', 'ours'));
ALTER TABLE products ADD COLUMN modifier_groups_owner TEXT NOT NULL DEFAULT 'provider' CHECK (modifier_groups_owner IN ('provider', 'ours'));
ALTER TABLE variants ADD COLUMN barcode_owner TEXT NOT NULL DEFAULT 'provider' CHECK (barcode_owner IN ('provider', 'ours'));
ALTER TABLE variants ADD COLUMN bundle_owner TEXT NOT NULL DEFAULT 'provider' CHECK (bundle_owner IN ('provider', 'ours'));
-- Where it stands: parent and position.
ALTER TABLE categories ADD COLUMN place_owner TEXT NOT NULL DEFAULT 'provider' CHECK (place_owner IN ('provider', 'ours'));
-- How many options may be chosen.
ALTER TABLE modifier_groups ADD COLUMN bounds_owner TEXT NOT NULL DEFAULT 'provider' CHECK (bounds_owner IN ('provider', 'ours'));
ALTER TABLE modifier_options ADD COLUMN name_owner TEXT NOT NULL DEFAULT 'provider' CHECK (name_owner IN ('provider', 'ours'));
-- Taken off by hand; stays so whatever the provider says.
ALTER TABLE modifier_options ADD COLUMN merchant_hidden INTEGER NOT NULL DEFAULT 0;
CREATE INDEX catalog_item_versions_edits ON catalog_item_versions (variant_id, version_no) WHERE source_system_id IS NULL;
CREATE INDEX modifier_groups_by_creation ON modifier_groups (created_at_ms, modifier_group_id);
