import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";

const names = (name: string, from: string, orderBy: string): string => jsonListSql(`json_quote(${name})`, from, orderBy);

const owned = (fields: Record<string, string>, ownerOf: (field: string) => string | null): string => {
  const members = Object.entries(fields).map(([field, value]) => `'${field}', ${value}`);
  const theirs = Object.keys(fields).flatMap((field) => {
    const owner = ownerOf(field);
    return owner === null ? [] : [`iif(${owner}, '$._', '$.${field}')`];
  });
  return `json_remove(json_object(${members.join(", ")}), ${theirs.join(", ")})`;
};

/** What of `products AS p` is ours: a field that the provider has is left out. */
const OURS_OF_PRODUCT = owned(
  {
    name: "p.name",
    description: "p.description",
    image: "p.main_image_url",
    tags: "json(p.tags)",
    allergens: "json(p.allergens)",
    tax_rate: "p.tax_rate_e4 / 10000.0",
    categories: names(
      "c.name",
      "product_categories AS pc CROSS JOIN categories AS c ON c.category_id = pc.category_id WHERE pc.product_id = p.product_id",
      "pc.position",
    ),
    modifier_groups: names(
      "g.name",
      "product_modifier_groups AS pg CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id WHERE pg.product_id = p.product_id",
      "pg.position",
    ),
    hidden: "json(iif(p.merchant_hidden, 'true', 'false'))",
  },
  (field) => (field === "hidden" ? null : `p.${field}_owner = 'ours'`),
);

const IS_OUR_OWN = "NOT EXISTS (SELECT 1 FROM source_entities AS e WHERE e.canonical_id = v.variant_id)";

const OURS_OF_VARIANT = owned(
  {
    own_name: "v.own_name",
    barcode: "v.barcode",
    bundle: jsonListSql(
      "json_object('item_code', b.item_code, 'quantity', b.quantity_e4 / 10000.0)",
      "bundle_components AS b WHERE b.bundle_variant_id = v.variant_id",
      "b.position",
    ),
    item_code: "v.item_code",
    option_name: "v.option_name",
    base_price: "v.base_price_minor",
    currency: "v.currency",
    attributes: "json(v.attributes)",
    hidden: "json(iif(v.merchant_hidden, 'true', 'false'))",
  },
  (field) => {
    if (field === "hidden" || field === "own_name") return null;
    return field === "barcode" || field === "bundle" ? `v.${field}_owner = 'ours'` : IS_OUR_OWN;
  },
);

/**
 * A new version of each variant, for a change that a person made: `edit` (JSON text) is what was asked, beside it stands all that is ours after
 * it, so that a version is read without those before it. Put after the change.
 */
export function newVersions(variantIds: readonly string[], edit: string, hash: string, nowMs: number): Statement[] {
  const ids = JSON.stringify(variantIds);
  return [
    statement(
      "UPDATE variants SET version_no = version_no + 1, updated_at_ms = ?2 WHERE variant_id IN (SELECT value FROM json_each(?1))",
      ids,
      nowMs,
    ),
    statement(
      `INSERT INTO catalog_item_versions (variant_id, version_no, source_system_id, payload, normalized_hash, created_at_ms)
       SELECT v.variant_id, v.version_no, NULL,
         json_object('edit', json(?2), 'ours', json_object('product', ${OURS_OF_PRODUCT}, 'variant', ${OURS_OF_VARIANT})), ?3, ?4
       FROM variants AS v CROSS JOIN products AS p ON p.product_id = v.product_id WHERE v.variant_id IN (SELECT value FROM json_each(?1))`,
      ids,
      edit,
      hash,
      nowMs,
    ),
  ];
}
