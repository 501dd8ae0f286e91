import { type Statement, statement } from "../../../platform/db/statement.ts";
import { type ChunkWrites, changesCatalog } from "./chunk-writes.ts";

/**
 * The statements that make a chunk's writes true: one per table, the rows as one JSON argument. Ownership of names and descriptions is
 * decided by the row as it is. Raises the catalogue's revision if anything changes.
 */
export function writeChunk(writes: ChunkWrites, sourceSystemId: string, nowMs: number): Statement[] {
  const statements: Statement[] = [];
  const forRows = (rows: readonly unknown[], sql: string, ...args: (string | number)[]): void => {
    if (rows.length > 0) statements.push(statement(sql, JSON.stringify(rows), ...args));
  };

  forRows(
    writes.categories,
    `INSERT INTO categories (category_id, source_system_id, parent_id, name, original_name, position, created_at_ms, updated_at_ms)
     SELECT value ->> 'category_id', ?2, value ->> 'parent_id', value ->> 'name', value ->> 'name', value ->> 'position', ?3, ?3
     FROM json_each(?1) WHERE true
     ON CONFLICT (category_id) DO UPDATE SET
       name = CASE WHEN categories.name = categories.original_name THEN excluded.name ELSE categories.name END,
       original_name = excluded.original_name,
       parent_id = CASE categories.place_owner WHEN 'provider' THEN excluded.parent_id ELSE categories.parent_id END,
       position = CASE categories.place_owner WHEN 'provider' THEN excluded.position ELSE categories.position END,
       updated_at_ms = excluded.updated_at_ms`,
    sourceSystemId,
    nowMs,
  );
  forRows(
    writes.modifier_groups,
    `INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, max_select, created_at_ms, updated_at_ms)
     SELECT value ->> 'modifier_group_id', value ->> 'name', value ->> 'name', value ->> 'min_select', value ->> 'max_select', ?2, ?2
     FROM json_each(?1) WHERE true
     ON CONFLICT (modifier_group_id) DO UPDATE SET
       name = CASE WHEN modifier_groups.name = modifier_groups.original_name THEN excluded.name ELSE modifier_groups.name END,
       original_name = excluded.original_name,
       min_select = CASE modifier_groups.bounds_owner WHEN 'provider' THEN excluded.min_select ELSE modifier_groups.min_select END,
       max_select = CASE modifier_groups.bounds_owner WHEN 'provider' THEN excluded.max_select ELSE modifier_groups.max_select END,
       updated_at_ms = excluded.updated_at_ms`,
    nowMs,
  );
  // An option's price is taken when the option is new, and never again.
  forRows(
    writes.modifier_options,
    `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, item_code,
       provider_active, is_default, position)
     SELECT value ->> 'modifier_option_id', value ->> 'modifier_group_id', value ->> 'external_id', value ->> 'name',
       value ->> 'price_delta_minor', value ->> 'item_code', value ->> 'provider_active', value ->> 'is_default', value ->> 'position'
     FROM json_each(?1) WHERE true
     ON CONFLICT (modifier_option_id) DO UPDATE SET
       name = CASE modifier_options.name_owner WHEN 'provider' THEN excluded.name ELSE modifier_options.name END,
       item_code = excluded.item_code, provider_active = excluded.provider_active, is_default = excluded.is_default, position = excluded.position`,
  );
  forRows(
    writes.options_gone,
    "UPDATE modifier_options SET provider_active = 0 WHERE modifier_option_id IN (SELECT value FROM json_each(?1))",
  );
  statements.push(...writeProducts(writes, nowMs), ...writeVariants(writes, sourceSystemId, nowMs));
  forRows(
    writes.entities,
    `INSERT INTO source_entities (source_system_id, entity_type, external_id, canonical_id, content_hash, provider_version, updated_at_ms)
     SELECT ?2, value ->> 'entity_type', value ->> 'external_id', value ->> 'canonical_id', value ->> 'content_hash',
       value ->> 'provider_version', ?3
     FROM json_each(?1) WHERE true
     ON CONFLICT (source_system_id, entity_type, external_id) DO UPDATE SET
       canonical_id = excluded.canonical_id, content_hash = excluded.content_hash,
       provider_version = excluded.provider_version, updated_at_ms = excluded.updated_at_ms`,
    sourceSystemId,
    nowMs,
  );
  if (changesCatalog(writes)) statements.push(raiseRevision());
  return statements;
}

/** For every change of the catalogue, in its unit of work. */
export const raiseRevision = (): Statement => statement("UPDATE catalog_state SET revision = revision + 1");

function writeProducts({ products }: ChunkWrites, nowMs: number): Statement[] {
  if (products.length === 0) return [];
  const ids = JSON.stringify(products.map(({ product_id }) => product_id));
  const theirs = (field: "categories" | "modifier_groups") =>
    `WHERE product_id IN (SELECT p.product_id FROM json_each(?1) CROSS JOIN products AS p ON p.product_id = value AND p.${field}_owner = 'provider')`;
  return [
    statement(
      `INSERT INTO products (product_id, name, original_name, description, original_description, external_image_url, tags, allergens,
         tax_rate_e4, provider_active, created_at_ms, updated_at_ms)
       SELECT value ->> 'product_id', value ->> 'name', value ->> 'name', value ->> 'description', value ->> 'description',
         value ->> 'image_url', value -> 'tags', value -> 'allergens', value ->> 'tax_rate_e4', value ->> 'provider_active', ?2, ?2
       FROM json_each(?1) WHERE true
       ON CONFLICT (product_id) DO UPDATE SET
         name = CASE products.name_owner WHEN 'provider' THEN excluded.name ELSE products.name END,
         original_name = excluded.original_name,
         description = CASE products.description_owner WHEN 'provider' THEN excluded.description ELSE products.description END,
         original_description = excluded.original_description,
         external_image_url = excluded.external_image_url,
         tags = CASE products.tags_owner WHEN 'provider' THEN excluded.tags ELSE products.tags END,
         allergens = CASE products.allergens_owner WHEN 'provider' THEN excluded.allergens ELSE products.allergens END,
         tax_rate_e4 = CASE products.tax_rate_owner WHEN 'provider' THEN excluded.tax_rate_e4 ELSE products.tax_rate_e4 END, provider_active = excluded.provider_active, updated_at_ms = excluded.updated_at_ms`,
      JSON.stringify(products.map(({ categories: _, groups: __, ...columns }) => columns)),
      nowMs,
    ),
    statement(`DELETE FROM product_categories ${theirs("categories")}`, ids),
    statement(
      `INSERT INTO product_categories (product_id, category_id, position)
       SELECT product.value ->> 0, category.value, category.key
       FROM json_each(?1) AS product CROSS JOIN products AS p ON p.product_id = product.value ->> 0 AND p.categories_owner = 'provider'
         CROSS JOIN json_each(product.value, '$[1]') AS category`,
      JSON.stringify(products.map(({ product_id, categories }) => [product_id, categories])),
    ),
    statement(`DELETE FROM product_modifier_groups ${theirs("modifier_groups")}`, ids),
    statement(
      `INSERT INTO product_modifier_groups (product_id, modifier_group_id, position, min_select, max_select)
       SELECT product.value ->> 0, link.value ->> 0, link.key, link.value ->> 1, link.value ->> 2
       FROM json_each(?1) AS product CROSS JOIN products AS p ON p.product_id = product.value ->> 0 AND p.modifier_groups_owner = 'provider'
         CROSS JOIN json_each(product.value, '$[1]') AS link`,
      JSON.stringify(products.map(({ product_id, groups }) => [product_id, groups])),
    ),
  ];
}

function writeVariants({ variants, recoded, adopted, recounted }: ChunkWrites, sourceSystemId: string, nowMs: number): Statement[] {
  const statements: Statement[] = [];
  const forIds = (ids: readonly string[], sql: string): void => {
    if (ids.length > 0) statements.push(statement(sql, JSON.stringify(ids)));
  };
  // So that codes can be swapped: the unique index looks at every row as it is written.
  forIds(recoded, "UPDATE variants SET item_code = char(1) || variant_id WHERE variant_id IN (SELECT value FROM json_each(?1))");
  forIds(adopted, "DELETE FROM source_entities WHERE entity_type = 'variant' AND canonical_id IN (SELECT value FROM json_each(?1))");
  if (variants.length > 0) {
    statements.push(
      statement(
        `INSERT INTO variants (variant_id, product_id, item_code, option_name, barcode, base_price_minor, currency, attributes,
           provider_active, position, version_no, created_at_ms, updated_at_ms)
         SELECT value ->> 'variant_id', value ->> 'product_id', value ->> 'item_code', value ->> 'option_name', value ->> 'barcode',
           value ->> 'base_price_minor', value ->> 'currency', value -> 'attributes', value ->> 'provider_active',
           value ->> 'position', 1, ?2, ?2
         FROM json_each(?1) WHERE true
         ON CONFLICT (variant_id) DO UPDATE SET
           product_id = excluded.product_id, item_code = excluded.item_code, option_name = excluded.option_name,
           barcode = CASE variants.barcode_owner WHEN 'provider' THEN excluded.barcode ELSE variants.barcode END, base_price_minor = excluded.base_price_minor, currency = excluded.currency,
           attributes = excluded.attributes, provider_active = excluded.provider_active, position = excluded.position,
           version_no = variants.version_no + 1, updated_at_ms = excluded.updated_at_ms`,
        JSON.stringify(variants.map(({ bundle: _, payload: __, hash: ___, ...columns }) => columns)),
        nowMs,
      ),
      statement(
        `INSERT INTO catalog_item_versions (variant_id, version_no, source_system_id, payload, normalized_hash, created_at_ms)
         SELECT v.variant_id, v.version_no, ?2, value -> 1, value ->> 2, ?3
         FROM json_each(?1) CROSS JOIN variants AS v ON v.variant_id = value ->> 0`,
        JSON.stringify(variants.map(({ variant_id, payload, hash }) => [variant_id, payload, hash])),
        sourceSystemId,
        nowMs,
      ),
      statement(
        `DELETE FROM bundle_components WHERE bundle_variant_id IN
           (SELECT v.variant_id FROM json_each(?1) CROSS JOIN variants AS v ON v.variant_id = value AND v.bundle_owner = 'provider')`,
        JSON.stringify(variants.map(({ variant_id }) => variant_id)),
      ),
    );
  }
  const bundles = variants.filter(({ bundle }) => bundle.length > 0);
  if (bundles.length > 0) {
    statements.push(
      statement(
        `INSERT INTO bundle_components (bundle_variant_id, item_code, quantity_e4, position)
         SELECT variant.value ->> 0, part.value ->> 'item_code', part.value ->> 'quantity_e4', part.key
         FROM json_each(?1) AS variant CROSS JOIN variants AS v ON v.variant_id = variant.value ->> 0 AND v.bundle_owner = 'provider'
           CROSS JOIN json_each(variant.value, '$[1]') AS part`,
        JSON.stringify(bundles.map(({ variant_id, bundle }) => [variant_id, bundle])),
      ),
    );
  }
  forIds(
    recounted,
    `UPDATE products SET variant_count = (SELECT count(*) FROM variants AS v WHERE v.product_id = products.product_id)
     WHERE product_id IN (SELECT value FROM json_each(?1))`,
  );
  return statements;
}
