-- A store's menu by item: what joins search and the effective price to it.
CREATE INDEX items_flat_by_variant ON items_flat (store_id, variant_id);
CREATE INDEX menu_items_by_menu ON menu_items (menu_id, variant_id);

-- A store that is picked from instead of walked into: stock, prices and menu are its store's.
CREATE TABLE dark_stores (
  dark_store_id TEXT PRIMARY KEY,
  store_id TEXT NOT NULL UNIQUE REFERENCES stores (store_id),
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'busy', 'paused', 'maintenance', 'closed')),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  -- How many orders it works on at once.
  capacity INTEGER NOT NULL CHECK (capacity >= 0),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a dark store says of an item; the rest of its assortment follows from its menu and its stock.
CREATE TABLE dark_store_assortment (
  dark_store_id TEXT NOT NULL REFERENCES dark_stores (dark_store_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  is_essential INTEGER NOT NULL CHECK (is_essential IN (0, 1)),
  demand_score_e4 INTEGER NOT NULL,
  velocity_rank INTEGER,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (dark_store_id, variant_id)
) STRICT, WITHOUT ROWID;

-- A read model: written by the events' consumer and by its rebuild, by nobody else.
CREATE TABLE dark_store_catalog_projection (
  dark_store_id TEXT NOT NULL REFERENCES dark_stores (dark_store_id),
  variant_id TEXT NOT NULL REFERENCES variants (variant_id),
  sku TEXT NOT NULL,
  product_name TEXT NOT NULL,
  category_name TEXT,
  is_active INTEGER NOT NULL,
  is_essential INTEGER NOT NULL,
  demand_score_e4 INTEGER NOT NULL,
  velocity_rank INTEGER,
  -- 0 where it is not counted, as in the source schema; `is_counted` tells the two apart.
  quantity_available_e4 INTEGER NOT NULL,
  is_counted INTEGER NOT NULL,
  -- null: no price in effect.
  effective_price_minor INTEGER,
  orderable INTEGER NOT NULL,
  reason_code TEXT,
  -- The event that last changed it; null: a rebuild.
  source_event_id TEXT,
  refreshed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (dark_store_id, variant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dark_store_catalog_projection_by_sku ON dark_store_catalog_projection (dark_store_id, sku);

-- The words of each variant, which catalog_search indexes. Kept by the triggers below, whoever writes the catalogue.
CREATE TABLE catalog_search_rows (
  search_id INTEGER PRIMARY KEY,
  variant_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  options TEXT NOT NULL,
  codes TEXT NOT NULL,
  words TEXT NOT NULL
) STRICT;

INSERT INTO catalog_search_rows (variant_id, name, options, codes, words)
SELECT v.variant_id, p.name, concat_ws(' ', v.own_name, v.option_name), concat_ws(' ', v.item_code, v.barcode), concat_ws(' ', p.description, p.tags)
FROM variants AS v JOIN products AS p ON p.product_id = v.product_id;

CREATE VIRTUAL TABLE catalog_search USING fts5 (name, options, codes, words, content = 'catalog_search_rows', content_rowid = 'search_id',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
INSERT INTO catalog_search (catalog_search) VALUES ('rebuild');

CREATE TRIGGER catalog_search_rows_added AFTER INSERT ON catalog_search_rows BEGIN
  INSERT INTO catalog_search (rowid, name, options, codes, words) VALUES (NEW.search_id, NEW.name, NEW.options, NEW.codes, NEW.words);
END;
CREATE TRIGGER catalog_search_rows_gone AFTER DELETE ON catalog_search_rows BEGIN
  INSERT INTO catalog_search (catalog_search, rowid, name, options, codes, words)
    VALUES ('delete', OLD.search_id, OLD.name, OLD.options, OLD.codes, OLD.words);
END;
CREATE TRIGGER catalog_search_rows_changed AFTER UPDATE ON catalog_search_rows BEGIN
  INSERT INTO catalog_search (catalog_search, rowid, name, options, codes, words)
    VALUES ('delete', OLD.search_id, OLD.name, OLD.options, OLD.codes, OLD.words);
  INSERT INTO catalog_search (rowid, name, options, codes, words) VALUES (NEW.search_id, NEW.name, NEW.options, NEW.codes, NEW.words);
END;

CREATE TRIGGER variants_are_found AFTER INSERT ON variants BEGIN
  INSERT INTO catalog_search_rows (variant_id, name, options, codes, words)
  SELECT NEW.variant_id, p.name, concat_ws(' ', NEW.own_name, NEW.option_name), concat_ws(' ', NEW.item_code, NEW.barcode),
    concat_ws(' ', p.description, p.tags) FROM products AS p WHERE p.product_id = NEW.product_id;
END;
CREATE TRIGGER variants_are_lost AFTER DELETE ON variants BEGIN
  DELETE FROM catalog_search_rows WHERE variant_id = OLD.variant_id;
END;
-- A code that begins with char(1) is on its way to another (write-chunk.ts).
CREATE TRIGGER variants_are_found_anew AFTER UPDATE OF product_id, own_name, option_name, item_code, barcode ON variants
WHEN unicode(NEW.item_code) <> 1 AND (NEW.product_id <> OLD.product_id OR NEW.own_name IS NOT OLD.own_name
  OR NEW.option_name IS NOT OLD.option_name OR NEW.item_code <> OLD.item_code OR NEW.barcode IS NOT OLD.barcode) BEGIN
  UPDATE catalog_search_rows SET (name, options, codes, words) = (
    SELECT p.name, concat_ws(' ', NEW.own_name, NEW.option_name), concat_ws(' ', NEW.item_code, NEW.barcode), concat_ws(' ', p.description, p.tags)
    FROM products AS p WHERE p.product_id = NEW.product_id)
  WHERE variant_id = NEW.variant_id;
END;
CREATE TRIGGER products_are_found_anew AFTER UPDATE OF name, description, tags ON products
WHEN NEW.name <> OLD.name OR NEW.description IS NOT OLD.description OR NEW.tags <> OLD.tags BEGIN
  UPDATE catalog_search_rows SET name = NEW.name, words = concat_ws(' ', NEW.description, NEW.tags)
  WHERE variant_id IN (SELECT variant_id FROM variants WHERE product_id = NEW.product_id);
END;
