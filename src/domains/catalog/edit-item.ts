import { sha256Hex } from "../../kernel/bytes.ts";
import { quantityToE4 } from "../../kernel/quantity.ts";
import { type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitStep } from "../../platform/db/unit-of-work.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { productsUpserted, variantsUpserted } from "./events.ts";
import { imageReleased } from "./images/release-image.ts";
import { imagesChanged } from "./images/want-images.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import { offeredOfProductSql, offeredOfVariantSql } from "./offered-by-provider.ts";
import { taxRateE4 } from "./price-schemas.ts";
import type { SetBundle, UpdateProduct, UpdateVariant } from "./product-edit-schemas.ts";
import type { Product } from "./schemas.ts";
import { newVersions } from "./variant-versions.ts";

export interface GroupUse {
  modifier_group_id: string;
  /** null: the group's own. */
  min: number | null;
  max: number | "unlimited" | null;
}

export type ProductChange = UpdateProduct & { modifier_groups?: GroupUse[] };
export type VariantChange = UpdateVariant & Partial<SetBundle>;

/** What changes of a product and of its variants, by id. Nothing that is so already. */
export interface ItemChange {
  product?: ProductChange;
  variants?: Record<string, VariantChange>;
  /** Where it puts back an earlier version. */
  restores?: { variant_id: string; version_no: number };
}

export const isChange = ({ product = {}, variants = {} }: ItemChange): boolean =>
  Object.keys(product).length > 0 || Object.values(variants).some((change) => Object.keys(change).length > 0);

/**
 * The steps of a person's edit: the rows, a version of each variant that it concerns, events. What differs from the provider's is ours from then
 * on. No step where nothing changes.
 */
export async function editSteps(scope: RequestScope, item: Product, change: ItemChange): Promise<UnitStep[]> {
  if (!isChange(change)) return [];
  const nowMs = scope.clock.now();
  const { product = {}, variants = {} } = change;
  const isOfProduct = Object.keys(product).length > 0;
  const ids = isOfProduct ? item.variants.map(({ variant_id }) => variant_id) : Object.keys(variants);
  const edit = JSON.stringify({
    ...(isOfProduct ? { product } : {}),
    ...(Object.keys(variants).length > 0 ? { variants } : {}),
    ...(change.restores ? { restores: change.restores } : {}),
  });
  return [
    ...(isOfProduct ? productSteps(item.id, product, nowMs) : []),
    ...Object.entries(variants).flatMap(([variantId, one]) => variantSteps(variantId, one)),
    ...newVersions(ids, edit, await sha256Hex(edit), nowMs),
    raiseRevision(),
    ...(isOfProduct ? productsUpserted(scope, [item.id], nowMs) : []),
    ...variantsUpserted(scope, ids, nowMs),
  ];
}

type Assignment = [assignment: string, ...values: SqlValue[]];

const update = (table: "products" | "variants", id: string, columns: Assignment[]): Statement[] =>
  columns.length === 0
    ? []
    : [
        statement(
          `UPDATE ${table} SET ${columns.map(([assignment]) => assignment).join(", ")} WHERE ${table.slice(0, -1)}_id = ?`,
          ...columns.flatMap(([, ...values]) => values),
          id,
        ),
      ];

/** The provider's own text gives the field back to it. */
const ownText = (field: "name" | "description", value: string | null): Assignment => [
  `${field} = ?, ${field}_owner = CASE WHEN ? IS original_${field} THEN 'provider' ELSE 'ours' END`,
  value,
  value,
];

function productSteps(productId: string, change: ProductChange, nowMs: number): UnitStep[] {
  const columns: Assignment[] = [["updated_at_ms = ?", nowMs]];
  if (change.name !== undefined) columns.push(ownText("name", change.name));
  if (change.description !== undefined) columns.push(ownText("description", change.description));
  if (change.visible !== undefined) columns.push(["merchant_hidden = ?", change.visible ? 0 : 1]);
  if (change.tags) columns.push(["tags = ?, tags_owner = 'ours'", JSON.stringify(change.tags)]);
  if (change.allergens) columns.push(["allergens = ?, allergens_owner = 'ours'", JSON.stringify(change.allergens)]);
  if (change.tax_rate !== undefined) {
    columns.push(["tax_rate_e4 = ?, tax_rate_owner = 'ours'", change.tax_rate === null ? null : taxRateE4(change.tax_rate)]);
  }
  if (change.category_ids) columns.push(["categories_owner = 'ours'"]);
  if (change.modifier_groups) columns.push(["modifier_groups_owner = 'ours'"]);
  const followed = change.follow_provider ?? [];
  for (const field of followed) columns.push([FOLLOWED[field]]);
  return [
    ...(change.category_ids ? [...categoriesExist(change.category_ids), ...setCategories(productId, change.category_ids)] : []),
    ...(change.modifier_groups ? setGroups(productId, change.modifier_groups) : []),
    ...update("products", productId, columns),
    ...(followed.includes("image") ? [...imageReleased(productId, nowMs), ...imagesChanged(nowMs)] : []),
    ...(followed.includes("categories") ? followCategories(productId) : []),
    ...(followed.includes("modifier_groups") ? followGroups(productId) : []),
  ];
}

const OFFERED = offeredOfProductSql("products.product_id");

/** What the provider offered last. Its image, categories and choices are rows of their own. */
const FOLLOWED: Record<NonNullable<UpdateProduct["follow_provider"]>[number], string> = {
  name: "name = original_name, name_owner = 'provider'",
  description: "description = original_description, description_owner = 'provider'",
  image: "image_owner = 'provider'",
  tags: `tags = coalesce(${OFFERED} -> '$.product.tags', tags), tags_owner = 'provider'`,
  allergens: `allergens = coalesce(${OFFERED} -> '$.product.allergens', allergens), allergens_owner = 'provider'`,
  tax_rate: `tax_rate_e4 = ${OFFERED} ->> '$.product.tax_rate_e4', tax_rate_owner = 'provider'`,
  categories: "categories_owner = 'provider'",
  modifier_groups: "modifier_groups_owner = 'provider'",
};

export const categoriesExist = (ids: readonly string[]): UnitStep[] => {
  const list = JSON.stringify(ids);
  const unknown = "FROM json_each(?) AS e WHERE NOT EXISTS (SELECT 1 FROM categories AS c WHERE c.category_id = e.value)";
  return [
    {
      guard: "CATEGORY_UNKNOWN",
      holds: `NOT EXISTS (SELECT 1 ${unknown})`,
      args: [list],
      details: statement(
        `SELECT json_object('errors', json_group_array(json_object('path', 'body.category_ids.' || e.key, 'message', 'no such category'))) ${unknown}`,
        list,
      ),
    },
  ];
};

export const setCategories = (productId: string, ids: readonly string[]): Statement[] => [
  statement("DELETE FROM product_categories WHERE product_id = ?", productId),
  statement(
    "INSERT INTO product_categories (product_id, category_id, position) SELECT ?, value, key FROM json_each(?)",
    productId,
    JSON.stringify(ids),
  ),
];

const setGroups = (productId: string, groups: readonly GroupUse[]): UnitStep[] => {
  const list = JSON.stringify(groups.map(({ modifier_group_id, min, max }) => [modifier_group_id, min, max === "unlimited" ? -1 : max]));
  const unknown = "FROM json_each(?) AS e WHERE NOT EXISTS (SELECT 1 FROM modifier_groups AS g WHERE g.modifier_group_id = e.value ->> 0)";
  return [
    {
      guard: "MODIFIER_GROUP_UNKNOWN",
      holds: `NOT EXISTS (SELECT 1 ${unknown})`,
      args: [list],
      details: statement(
        `SELECT json_object('errors', json_group_array(json_object('path', 'body.groups.' || e.key || '.modifier_group_id',
           'message', 'no such modifier group'))) ${unknown}`,
        list,
      ),
    },
    statement("DELETE FROM product_modifier_groups WHERE product_id = ?", productId),
    statement(
      `INSERT INTO product_modifier_groups (product_id, modifier_group_id, position, min_select, max_select)
       SELECT ?, value ->> 0, key, value ->> 1, value ->> 2 FROM json_each(?)`,
      productId,
      list,
    ),
  ];
};

const MEANT = (type: "category" | "modifier_group", externalId: string) =>
  `source_entities AS meant ON meant.entity_type = '${type}' AND meant.external_id = ${externalId} AND meant.source_system_id =
     (SELECT own.source_system_id FROM source_entities AS own WHERE own.canonical_id = products.product_id LIMIT 1)`;

const followCategories = (productId: string): Statement[] => [
  statement("DELETE FROM product_categories WHERE product_id = ?", productId),
  statement(
    `INSERT OR IGNORE INTO product_categories (product_id, category_id, position)
     SELECT products.product_id, meant.canonical_id, row_number() OVER (ORDER BY offered.key) - 1
     FROM products CROSS JOIN json_each(${OFFERED}, '$.product.category_external_ids') AS offered
       CROSS JOIN ${MEANT("category", "offered.value")} WHERE products.product_id = ?`,
    productId,
  ),
];

const followGroups = (productId: string): Statement[] => [
  statement("DELETE FROM product_modifier_groups WHERE product_id = ?", productId),
  statement(
    `INSERT OR IGNORE INTO product_modifier_groups (product_id, modifier_group_id, position, min_select, max_select)
     SELECT products.product_id, meant.canonical_id, row_number() OVER (ORDER BY offered.key) - 1, offered.value ->> 'min_select',
       CASE offered.value ->> 'max_select' WHEN 'unlimited' THEN -1 ELSE offered.value ->> 'max_select' END
     FROM products CROSS JOIN json_each(${OFFERED}, '$.product.modifier_groups') AS offered
       CROSS JOIN ${MEANT("modifier_group", "offered.value ->> 'external_id'")} WHERE products.product_id = ?`,
    productId,
  ),
];

function variantSteps(variantId: string, change: VariantChange): UnitStep[] {
  const offered = offeredOfVariantSql("variants.variant_id");
  const columns: Assignment[] = [];
  if (change.name !== undefined) columns.push(["own_name = ?", change.name]);
  if (change.visible !== undefined) columns.push(["merchant_hidden = ?", change.visible ? 0 : 1]);
  if (change.barcode !== undefined) columns.push(["barcode = ?, barcode_owner = 'ours'", change.barcode]);
  if (change.components) columns.push(["bundle_owner = 'ours'"]);
  const followed = change.follow_provider ?? [];
  if (followed.includes("barcode")) columns.push([`barcode = ${offered} ->> '$.variant.barcode', barcode_owner = 'provider'`]);
  if (followed.includes("bundle")) columns.push(["bundle_owner = 'provider'"]);
  const components = change.components?.map(({ item_code, quantity }) => ({ item_code, quantity_e4: quantityToE4(quantity) }));
  return [
    ...update("variants", variantId, columns),
    ...(components || followed.includes("bundle")
      ? [statement("DELETE FROM bundle_components WHERE bundle_variant_id = ?", variantId)]
      : []),
    ...(components
      ? [
          statement(
            `INSERT INTO bundle_components (bundle_variant_id, item_code, quantity_e4, position)
             SELECT ?, value ->> 'item_code', value ->> 'quantity_e4', key FROM json_each(?)`,
            variantId,
            JSON.stringify(components),
          ),
        ]
      : []),
    ...(followed.includes("bundle")
      ? [
          statement(
            `INSERT INTO bundle_components (bundle_variant_id, item_code, quantity_e4, position)
             SELECT variants.variant_id, part.value ->> 'item_code', part.value ->> 'quantity_e4', part.key
             FROM variants CROSS JOIN json_each(${offered}, '$.variant.bundle') AS part WHERE variants.variant_id = ?`,
            variantId,
          ),
        ]
      : []),
  ];
}
