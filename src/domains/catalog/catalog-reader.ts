import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { offeredOfProductSql } from "./offered-by-provider.ts";
import type { Product, Variant } from "./schemas.ts";
import { VARIANT_DISPLAY_NAME_SQL } from "./variant-name.ts";

export const bool = (expression: string): string => `json(iif(${expression}, 'true', 'false'))`;

/** null: of our own. */
const sourceOf = (type: "product" | "variant", id: string): string =>
  `(SELECT e.source_system_id FROM source_entities AS e WHERE e.canonical_id = ${id} AND e.entity_type = '${type}' LIMIT 1)`;

/** A variant of `variants AS v` and its product `products AS p`, as it stands in its product. */
const VARIANT_FIELDS = `'variant_id', v.variant_id, 'item_code', v.item_code, 'name', ${VARIANT_DISPLAY_NAME_SQL},
  'own_name', v.own_name, 'option_name', v.option_name, 'barcode', v.barcode, 'base_price', v.base_price_minor, 'currency', v.currency,
  'attributes', json(v.attributes), 'visible', ${bool("v.visible AND p.visible")}, 'hidden', ${bool("v.merchant_hidden")},
  'fields', json_object('barcode', json_object('owner', v.barcode_owner), 'bundle', json_object('owner', v.bundle_owner)),
  'source_system_id', ${sourceOf("variant", "v.variant_id")},
  'bundle', ${jsonListSql(
    "json_object('item_code', b.item_code, 'quantity', b.quantity_e4 / 10000.0)",
    "bundle_components AS b WHERE b.bundle_variant_id = v.variant_id",
    "b.position",
  )},
  'version_no', v.version_no, 'created_at', ${timestampSql("v.created_at_ms")}, 'updated_at', ${timestampSql("v.updated_at_ms")}`;

export const VARIANT_JSON = `json_object('id', v.variant_id, 'product_id', v.product_id, ${VARIANT_FIELDS})`;

const OPTIONS_JSON = jsonListSql(
  `json_object('id', o.modifier_option_id, 'name', o.name, 'price', o.price_delta_minor, 'item_code', o.item_code,
    'active', ${bool("o.provider_active AND NOT o.merchant_hidden")}, 'default', ${bool("o.is_default")})`,
  "modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id",
  "o.position",
);

const GROUPS_JSON = jsonListSql(
  `json_object('id', g.modifier_group_id, 'name', g.name, 'min', coalesce(pg.min_select, g.min_select),
    'max', nullif(coalesce(pg.max_select, g.max_select), -1), 'own_min', pg.min_select,
    'own_max', CASE pg.max_select WHEN -1 THEN 'unlimited' ELSE pg.max_select END, 'options', ${OPTIONS_JSON})`,
  `product_modifier_groups AS pg JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id
   WHERE pg.product_id = p.product_id`,
  "pg.position",
);

const CATEGORIES_JSON = jsonListSql(
  "json_object('id', c.category_id, 'name', c.name)",
  "product_categories AS pc JOIN categories AS c ON c.category_id = pc.category_id WHERE pc.product_id = p.product_id",
  "pc.position",
);

/** What became of copying the provider's image. */
const IMAGE_JSON = `json((SELECT json_object('state', i.state, 'reason', i.reason, 'detail', i.detail, 'attempts', i.attempts,
    'next_attempt_at', ${timestampSql("i.next_attempt_at_ms")}, 'bytes', i.bytes)
  FROM product_images AS i WHERE i.product_id = p.product_id))`;

/** A provider's field is what it offers; of one of ours it is what the provider brought last. */
function offeredOf(field: "tags" | "allergens" | "tax_rate", value: string, as: "json" | "percent"): string {
  const payload = offeredOfProductSql("p.product_id");
  const offered = as === "json" ? `json(${payload} -> '$.product.${field}')` : `(${payload} ->> '$.product.${field}_e4') / 10000.0`;
  return `CASE p.${field}_owner WHEN 'ours' THEN ${offered} ELSE ${value} END`;
}

export const PRODUCT_JSON = `json_object('id', p.product_id, 'name', p.name, 'description', p.description,
  'image_url', coalesce('/media/' || p.main_image_url, p.external_image_url), 'image', ${IMAGE_JSON}, 'visible', ${bool("p.visible")}, 'hidden', ${bool("p.merchant_hidden")},
  'tags', json(p.tags), 'allergens', json(p.allergens), 'tax_rate', p.tax_rate_e4 / 10000.0, 'categories', ${CATEGORIES_JSON},
  'modifier_groups', ${GROUPS_JSON},
  'source_system_id', ${sourceOf("product", "p.product_id")},
  'fields', json_object('name', json_object('owner', p.name_owner, 'offered', nullif(p.original_name, '')),
    'description', json_object('owner', p.description_owner, 'offered', p.original_description),
    'image', json_object('owner', p.image_owner, 'offered', p.external_image_url),
    'tags', json_object('owner', p.tags_owner, 'offered', ${offeredOf("tags", "json(p.tags)", "json")}),
    'allergens', json_object('owner', p.allergens_owner, 'offered', ${offeredOf("allergens", "json(p.allergens)", "json")}),
    'tax_rate', json_object('owner', p.tax_rate_owner, 'offered', ${offeredOf("tax_rate", "p.tax_rate_e4 / 10000.0", "percent")}),
    'categories', json_object('owner', p.categories_owner), 'modifier_groups', json_object('owner', p.modifier_groups_owner)),
  'variants', ${jsonListSql(`json_object(${VARIANT_FIELDS})`, "variants AS v WHERE v.product_id = p.product_id", "v.position, v.variant_id")},
  'created_at', ${timestampSql("p.created_at_ms")}, 'updated_at', ${timestampSql("p.updated_at_ms")})`;

/** A SELECT of one JSON text: the product as the API gives it. */
export const productAnswer = (productId: string): Statement =>
  statement(`SELECT ${PRODUCT_JSON} AS row FROM products AS p WHERE p.product_id = ?`, productId);

/** A SELECT of one JSON text: the variant as the API gives it. */
export const variantAnswer = (variantId: string): Statement =>
  statement(
    `SELECT ${VARIANT_JSON} AS row FROM variants AS v JOIN products AS p ON p.product_id = v.product_id WHERE v.variant_id = ?`,
    variantId,
  );

export async function readOne<T>(db: DatabaseHandle, select: Statement, what: string, options: ReadOptions): Promise<T> {
  const [rows] = await db.read([select], options);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: `There is no such ${what}.` });
  return JSON.parse(String(row["row"]));
}

/** The product; throws NOT_FOUND. */
export const readProduct = (db: DatabaseHandle, productId: string, options: ReadOptions = {}): Promise<Product> =>
  readOne(db, productAnswer(productId), "product", options);

/** The variant; throws NOT_FOUND. */
export const readVariant = (db: DatabaseHandle, variantId: string, options: ReadOptions = {}): Promise<Variant> =>
  readOne(db, variantAnswer(variantId), "variant", options);

/** The product of a variant; throws NOT_FOUND. */
export const readProductOf = (db: DatabaseHandle, variantId: string, options: ReadOptions = {}): Promise<Product> =>
  readOne(
    db,
    statement(
      `SELECT ${PRODUCT_JSON} AS row FROM products AS p WHERE p.product_id = (SELECT n.product_id FROM variants AS n WHERE n.variant_id = ?)`,
      variantId,
    ),
    "variant",
    options,
  );
