-- A till: a credential bound to one store.
CREATE TABLE terminals (
  terminal_id TEXT PRIMARY KEY,
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  location_id TEXT NOT NULL REFERENCES locations (location_id),
  name TEXT NOT NULL,
  device_id TEXT NOT NULL,
  -- The token is derived from terminal_id and generation; only its hash is here.
  generation INTEGER NOT NULL,
  token_hash TEXT NOT NULL,
  -- Of the generation before, good for a little while after a rotation.
  old_token_hash TEXT,
  old_token_until_ms INTEGER,
  revoked_at_ms INTEGER,
  -- As it last told or was last seen.
  last_seen_at_ms INTEGER,
  cursor_sequence INTEGER,
  queue_length INTEGER,
  app_version TEXT,
  -- What has to be added to its clock.
  clock_offset_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX terminals_by_creation ON terminals (created_at_ms, terminal_id);

-- Derived from code_id; only its hash is here. One use.
CREATE TABLE pairing_codes (
  code_hash TEXT PRIMARY KEY,
  code_id TEXT NOT NULL,
  store_id TEXT NOT NULL REFERENCES stores (store_id),
  expires_at_ms INTEGER NOT NULL,
  used_by TEXT,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The receipt of every operation that was ever pushed, for good: a device may come back after months.
CREATE TABLE sync_operations (
  operation_id TEXT PRIMARY KEY,
  terminal_id TEXT NOT NULL,
  type TEXT NOT NULL,
  entity_id TEXT,
  fingerprint TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('applied', 'conflict', 'rejected')),
  -- { version, code, detail, current } as they were answered.
  outcome TEXT NOT NULL CHECK (json_valid(outcome)),
  occurred_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What was not applied, by what it was about: whether another operation depends on it.
CREATE INDEX sync_operations_refused ON sync_operations (entity_id) WHERE status <> 'applied' AND entity_id IS NOT NULL;

-- What was not applied, whole, until somebody has dealt with it.
CREATE TABLE sync_rejections (
  -- As pushed; of an id that was taken, the pushing terminal's own row beside the receipt.
  terminal_id TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('conflict', 'rejected')),
  code TEXT NOT NULL,
  detail TEXT,
  -- The money in it; null: there is none.
  amount_minor INTEGER,
  currency TEXT,
  shift_id TEXT,
  operation TEXT NOT NULL CHECK (json_valid(operation)),
  fingerprint TEXT NOT NULL,
  rejected_at_ms INTEGER NOT NULL,
  -- The till has taken note of it.
  acknowledged_at_ms INTEGER,
  PRIMARY KEY (terminal_id, operation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sync_rejections_by_time ON sync_rejections (rejected_at_ms, terminal_id, operation_id);
CREATE INDEX sync_rejections_by_shift ON sync_rejections (shift_id) WHERE shift_id IS NOT NULL;

-- What tills keep a copy of: one row a thing, with where in the order of all changes it changed last. Written by the triggers below, so that
-- nobody who changes a table can forget it; there is one writer, so the order of commits is the order of sequences.
CREATE TABLE change_feed (
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  -- Who sees it: '' every terminal, else those of a location, or the terminal of that id.
  scope TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
  PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_feed_in_order ON change_feed (scope, deleted, sequence);
CREATE INDEX change_feed_gone ON change_feed (sequence) WHERE deleted = 1;

-- One row.
CREATE TABLE feed_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  sequence INTEGER NOT NULL,
  -- Up to here what was deleted is no longer told: a copy that is older has to begin again.
  pruned_sequence INTEGER NOT NULL
) STRICT;
INSERT INTO feed_state (id, sequence, pruned_sequence) VALUES (1, 0, 0);

-- Where the feed stood when: what the age of a deletion is known by.
CREATE TABLE feed_marks (
  marked_at_ms INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT;

-- What the triggers below write to: a thing changed.
CREATE VIEW feed_changes AS SELECT entity, id, scope, deleted FROM change_feed;
CREATE TRIGGER feed_changes_told INSTEAD OF INSERT ON feed_changes BEGIN
  UPDATE feed_state SET sequence = sequence + 1;
  INSERT INTO change_feed (entity, id, scope, sequence, deleted)
    VALUES (NEW.entity, NEW.id, NEW.scope, (SELECT sequence FROM feed_state), NEW.deleted)
    ON CONFLICT (entity, id) DO UPDATE SET scope = excluded.scope, sequence = excluded.sequence, deleted = excluded.deleted;
END;


-- The catalogue.
CREATE TRIGGER feed_categories_new AFTER INSERT ON categories BEGIN
  INSERT INTO feed_changes VALUES ('category', NEW.category_id, '', 0);
END;
CREATE TRIGGER feed_categories_changed AFTER UPDATE OF parent_id, name, position ON categories BEGIN
  INSERT INTO feed_changes VALUES ('category', NEW.category_id, '', 0);
END;
CREATE TRIGGER feed_categories_gone AFTER DELETE ON categories BEGIN
  INSERT INTO feed_changes VALUES ('category', OLD.category_id, '', 1);
END;
CREATE TRIGGER feed_products_new AFTER INSERT ON products BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_products_changed
AFTER UPDATE OF name, description, external_image_url, main_image_url, tags, allergens, tax_rate_e4, provider_active, merchant_hidden ON products BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_products_gone AFTER DELETE ON products BEGIN
  INSERT INTO feed_changes VALUES ('product', OLD.product_id, '', 1);
END;
CREATE TRIGGER feed_product_categories_new AFTER INSERT ON product_categories BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_product_categories_changed AFTER UPDATE ON product_categories BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_product_categories_gone AFTER DELETE ON product_categories
WHEN EXISTS (SELECT 1 FROM products WHERE product_id = OLD.product_id) BEGIN
  INSERT INTO feed_changes VALUES ('product', OLD.product_id, '', 0);
END;
CREATE TRIGGER feed_product_modifier_groups_new AFTER INSERT ON product_modifier_groups BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_product_modifier_groups_changed AFTER UPDATE ON product_modifier_groups BEGIN
  INSERT INTO feed_changes VALUES ('product', NEW.product_id, '', 0);
END;
CREATE TRIGGER feed_product_modifier_groups_gone AFTER DELETE ON product_modifier_groups
WHEN EXISTS (SELECT 1 FROM products WHERE product_id = OLD.product_id) BEGIN
  INSERT INTO feed_changes VALUES ('product', OLD.product_id, '', 0);
END;
CREATE TRIGGER feed_variants_new AFTER INSERT ON variants BEGIN
  INSERT INTO feed_changes VALUES ('variant', NEW.variant_id, '', 0);
END;
CREATE TRIGGER feed_variants_changed
AFTER UPDATE OF product_id, item_code, option_name, own_name, barcode, attributes, provider_active, merchant_hidden, position ON variants BEGIN
  INSERT INTO feed_changes VALUES ('variant', NEW.variant_id, '', 0);
END;
CREATE TRIGGER feed_variants_gone AFTER DELETE ON variants BEGIN
  INSERT INTO feed_changes VALUES ('variant', OLD.variant_id, '', 1);
END;

-- A variant is called by its product's name and shown with it.
CREATE TRIGGER feed_product_variants AFTER UPDATE OF name, variant_count, provider_active, merchant_hidden ON products
WHEN NEW.name <> OLD.name OR NEW.variant_count <> OLD.variant_count
  OR NEW.provider_active <> OLD.provider_active OR NEW.merchant_hidden <> OLD.merchant_hidden BEGIN
  INSERT INTO feed_changes SELECT 'variant', variant_id, '', 0 FROM variants WHERE product_id = NEW.product_id;
END;
CREATE TRIGGER feed_bundle_components_new AFTER INSERT ON bundle_components BEGIN
  INSERT INTO feed_changes VALUES ('variant', NEW.bundle_variant_id, '', 0);
END;
CREATE TRIGGER feed_bundle_components_changed AFTER UPDATE ON bundle_components BEGIN
  INSERT INTO feed_changes VALUES ('variant', NEW.bundle_variant_id, '', 0);
END;
CREATE TRIGGER feed_bundle_components_gone AFTER DELETE ON bundle_components
WHEN EXISTS (SELECT 1 FROM variants WHERE variant_id = OLD.bundle_variant_id) BEGIN
  INSERT INTO feed_changes VALUES ('variant', OLD.bundle_variant_id, '', 0);
END;
CREATE TRIGGER feed_modifier_groups_new AFTER INSERT ON modifier_groups BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', NEW.modifier_group_id, '', 0);
END;
CREATE TRIGGER feed_modifier_groups_changed AFTER UPDATE OF name, min_select, max_select ON modifier_groups BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', NEW.modifier_group_id, '', 0);
END;
CREATE TRIGGER feed_modifier_groups_gone AFTER DELETE ON modifier_groups BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', OLD.modifier_group_id, '', 1);
END;
CREATE TRIGGER feed_modifier_options_new AFTER INSERT ON modifier_options BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', NEW.modifier_group_id, '', 0);
END;
CREATE TRIGGER feed_modifier_options_changed AFTER UPDATE ON modifier_options BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', NEW.modifier_group_id, '', 0);
END;
CREATE TRIGGER feed_modifier_options_gone AFTER DELETE ON modifier_options
WHEN EXISTS (SELECT 1 FROM modifier_groups WHERE modifier_group_id = OLD.modifier_group_id) BEGIN
  INSERT INTO feed_changes VALUES ('modifier_group', OLD.modifier_group_id, '', 0);
END;
CREATE TRIGGER feed_variant_prices_new AFTER INSERT ON variant_prices BEGIN
  INSERT INTO feed_changes VALUES ('price', NEW.variant_price_id, coalesce(NEW.location_id, ''), 0);
END;
CREATE TRIGGER feed_variant_prices_changed AFTER UPDATE ON variant_prices BEGIN
  INSERT INTO feed_changes VALUES ('price', NEW.variant_price_id, coalesce(NEW.location_id, ''), 0);
END;
CREATE TRIGGER feed_variant_prices_gone AFTER DELETE ON variant_prices BEGIN
  INSERT INTO feed_changes VALUES ('price', OLD.variant_price_id, coalesce(OLD.location_id, ''), 1);
END;

-- The store: its particulars, its menu and what can be ordered are documents of their own, told of by version.
CREATE TRIGGER feed_stores_new AFTER INSERT ON stores BEGIN
  INSERT INTO feed_changes VALUES ('store', NEW.store_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_stores_changed AFTER UPDATE ON stores BEGIN
  INSERT INTO feed_changes VALUES ('store', NEW.store_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_menu_new AFTER INSERT ON storefront_documents BEGIN
  INSERT INTO feed_changes VALUES ('menu', NEW.store_id, (SELECT location_id FROM stores WHERE store_id = NEW.store_id), 0);
END;
CREATE TRIGGER feed_menu_changed AFTER UPDATE OF menu_version ON storefront_documents BEGIN
  INSERT INTO feed_changes VALUES ('menu', NEW.store_id, (SELECT location_id FROM stores WHERE store_id = NEW.store_id), 0);
END;
CREATE TRIGGER feed_orderability_documents_new AFTER INSERT ON orderability_documents BEGIN
  INSERT INTO feed_changes VALUES ('orderability', NEW.location_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_orderability_documents_changed AFTER UPDATE OF version ON orderability_documents BEGIN
  INSERT INTO feed_changes VALUES ('orderability', NEW.location_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_trading_new AFTER INSERT ON store_trading BEGIN
  INSERT INTO feed_changes SELECT 'orderability', location_id, location_id, 0 FROM stores WHERE store_id = NEW.store_id;
END;
CREATE TRIGGER feed_trading_changed AFTER UPDATE OF version ON store_trading BEGIN
  INSERT INTO feed_changes SELECT 'orderability', location_id, location_id, 0 FROM stores WHERE store_id = NEW.store_id;
END;

-- On the way of every sale: two statements, and only where a figure changed.
CREATE TRIGGER feed_stock_positions_new AFTER INSERT ON stock_positions BEGIN
  INSERT INTO feed_changes VALUES ('stock_position', NEW.location_id || ':' || NEW.variant_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_stock_positions_changed AFTER UPDATE OF on_hand_e4, reserved_e4 ON stock_positions
WHEN NEW.on_hand_e4 <> OLD.on_hand_e4 OR NEW.reserved_e4 <> OLD.reserved_e4 BEGIN
  INSERT INTO feed_changes VALUES ('stock_position', NEW.location_id || ':' || NEW.variant_id, NEW.location_id, 0);
END;
CREATE TRIGGER feed_stock_positions_gone AFTER DELETE ON stock_positions BEGIN
  INSERT INTO feed_changes VALUES ('stock_position', OLD.location_id || ':' || OLD.variant_id, OLD.location_id, 1);
END;

-- What tills write.
CREATE TRIGGER feed_customers_new AFTER INSERT ON customers BEGIN
  INSERT INTO feed_changes VALUES ('customer', NEW.customer_id, '', 0);
END;
CREATE TRIGGER feed_customers_changed AFTER UPDATE ON customers BEGIN
  INSERT INTO feed_changes VALUES ('customer', NEW.customer_id, '', 0);
END;
CREATE TRIGGER feed_customers_gone AFTER DELETE ON customers BEGIN
  INSERT INTO feed_changes VALUES ('customer', OLD.customer_id, '', 1);
END;

-- Lines and payments raise their order's version. One that is closed or cancelled leaves the feed.
CREATE TRIGGER feed_orders_new AFTER INSERT ON orders BEGIN
  INSERT INTO feed_changes VALUES ('order', NEW.order_id, NEW.location_id, NEW.status <> 'open');
END;
CREATE TRIGGER feed_orders_changed AFTER UPDATE OF version ON orders BEGIN
  INSERT INTO feed_changes VALUES ('order', NEW.order_id, NEW.location_id, NEW.status <> 'open');
END;
CREATE TRIGGER feed_shifts_new AFTER INSERT ON shifts BEGIN
  INSERT INTO feed_changes VALUES ('shift', NEW.shift_id, NEW.location_id, NEW.status <> 'open');
END;
CREATE TRIGGER feed_shifts_changed AFTER UPDATE OF version ON shifts BEGIN
  INSERT INTO feed_changes VALUES ('shift', NEW.shift_id, NEW.location_id, NEW.status <> 'open');
END;
CREATE TRIGGER feed_sync_rejections_new AFTER INSERT ON sync_rejections BEGIN
  INSERT INTO feed_changes VALUES ('rejection', NEW.terminal_id || ':' || NEW.operation_id, NEW.terminal_id, NEW.acknowledged_at_ms IS NOT NULL);
END;
CREATE TRIGGER feed_sync_rejections_changed AFTER UPDATE ON sync_rejections BEGIN
  INSERT INTO feed_changes VALUES ('rejection', NEW.terminal_id || ':' || NEW.operation_id, NEW.terminal_id, NEW.acknowledged_at_ms IS NOT NULL);
END;
-- What is there already.
INSERT INTO change_feed (entity, id, scope, sequence, deleted)
SELECT entity, id, scope, row_number() OVER (), 0 FROM (
  SELECT 'store' AS entity, store_id AS id, location_id AS scope FROM stores
  UNION ALL SELECT 'category', category_id, '' FROM categories
  UNION ALL SELECT 'modifier_group', modifier_group_id, '' FROM modifier_groups
  UNION ALL SELECT 'product', product_id, '' FROM products
  UNION ALL SELECT 'variant', variant_id, '' FROM variants
  UNION ALL SELECT 'price', variant_price_id, coalesce(location_id, '') FROM variant_prices
  UNION ALL SELECT 'menu', d.store_id, s.location_id FROM storefront_documents AS d JOIN stores AS s ON s.store_id = d.store_id
  UNION ALL SELECT 'orderability', location_id, location_id FROM orderability_documents
  UNION ALL SELECT 'orderability', s.location_id, s.location_id FROM store_trading AS t JOIN stores AS s ON s.store_id = t.store_id
    WHERE NOT EXISTS (SELECT 1 FROM orderability_documents AS o WHERE o.location_id = s.location_id)
  UNION ALL SELECT 'stock_position', location_id || ':' || variant_id, location_id FROM stock_positions);
UPDATE feed_state SET sequence = (SELECT count(*) FROM change_feed);
