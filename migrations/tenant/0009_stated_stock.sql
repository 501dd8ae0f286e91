-- What a source system said last of a variant's stock at a place. A statement that says the same again is no news: our own sales since then stand.
CREATE TABLE stated_stock (
  source_system_id TEXT NOT NULL REFERENCES source_systems (source_system_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  -- Ten-thousandths.
  quantity_e4 INTEGER NOT NULL,
  -- When the provider counted; null where it does not say.
  counted_at_ms INTEGER,
  stated_at_ms INTEGER NOT NULL,
  -- The run that brought it.
  run_id TEXT NOT NULL,
  -- Not in the ledger yet.
  is_pending INTEGER NOT NULL CHECK (is_pending IN (0, 1)),
  PRIMARY KEY (source_system_id, variant_id, location_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stated_stock_pending ON stated_stock (source_system_id, variant_id, location_id) WHERE is_pending = 1;

ALTER TABLE ingestion_runs ADD COLUMN stock TEXT NOT NULL DEFAULT '{"stated":0,"changed":0,"left_out":0}' CHECK (json_valid(stock));
