-- An image that a provider offers, a row for each product that ever had one, and what became of copying it.
CREATE TABLE product_images (
  product_id TEXT PRIMARY KEY REFERENCES products (product_id),
  -- The address that is wanted.
  source_url TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'copied', 'refused', 'failed')),
  -- The run that wanted it last; null where a person did.
  run_id TEXT REFERENCES ingestion_runs (run_id),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When a pending one is tried: while somebody tries it, when another may.
  next_attempt_at_ms INTEGER,
  -- Who tries it, or tried it last.
  claim TEXT,
  -- Copied, and it was the picture there is already.
  is_unchanged INTEGER NOT NULL DEFAULT 0,
  -- Why it is refused or failed, or has to be tried again.
  reason TEXT,
  detail TEXT,
  -- Our copy, what it is a copy of and what the provider gave with it; of an older address until the new one is copied.
  object_path TEXT,
  copied_url TEXT,
  etag TEXT,
  last_modified TEXT,
  bytes INTEGER,
  updated_at_ms INTEGER NOT NULL,
  CHECK ((state = 'pending') = (next_attempt_at_ms IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX product_images_due ON product_images (next_attempt_at_ms) WHERE state = 'pending';
CREATE INDEX product_images_by_state ON product_images (state, product_id);
CREATE INDEX product_images_by_run ON product_images (run_id, state, is_unchanged);
CREATE INDEX product_images_by_object ON product_images (object_path);
CREATE INDEX products_by_image ON products (main_image_url) WHERE main_image_url IS NOT NULL;

-- What was offered before is wanted with the next run.
INSERT INTO product_images (product_id, source_url, state, next_attempt_at_ms, updated_at_ms)
SELECT product_id, external_image_url, 'pending', updated_at_ms, updated_at_ms FROM products
WHERE external_image_url IS NOT NULL AND image_owner = 'provider';

-- Objects that nothing names and that are being removed: until the row is gone, nothing may name them again.
CREATE TABLE condemned_images (
  object_path TEXT PRIMARY KEY,
  condemned_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Raised by every change of a product's own image, which is no change of the catalogue's revision.
ALTER TABLE catalog_state ADD COLUMN image_revision INTEGER NOT NULL DEFAULT 0;
