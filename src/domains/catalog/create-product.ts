import { sha256Hex } from "../../kernel/bytes.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { productAnswer } from "./catalog-reader.ts";
import { categoriesExist, setCategories } from "./edit-item.ts";
import { productsUpserted, variantsUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import { taxRateE4 } from "./price-schemas.ts";
import type { CreateProduct, CreateVariant } from "./product-edit-schemas.ts";
import { VARIANT_DISPLAY_NAME_SQL } from "./variant-name.ts";
import { newVersions } from "./variant-versions.ts";

/** A product of our own with its variants; no provider has it, every field is ours. Answers it. Refusals: CATEGORY_UNKNOWN, ITEM_CODE_TAKEN. */
export async function createProduct(scope: RequestScope, asked: CreateProduct): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const productId = scope.clock.newId();
  const variants = asked.variants.map((variant) => ({ ...variant, variant_id: scope.clock.newId() }));
  const edit = JSON.stringify({ created: true });
  const ids = variants.map(({ variant_id }) => variant_id);
  const steps: UnitStep[] = [
    ...categoriesExist(asked.category_ids ?? []),
    itemCodesFree(asked.variants, (index) => `body.variants.${index}.item_code`),
    // Nothing is offered by anybody: an original name that no name can be.
    statement(
      `INSERT INTO products (product_id, name, original_name, name_owner, description, description_owner, image_owner, tags, tags_owner,
         allergens, allergens_owner, tax_rate_e4, tax_rate_owner, categories_owner, modifier_groups_owner, merchant_hidden, variant_count,
         created_at_ms, updated_at_ms)
       VALUES (?1, ?2, '', 'ours', ?3, 'ours', 'ours', ?4, 'ours', ?5, 'ours', ?6, 'ours', 'ours', 'ours', ?7, ?8, ?9, ?9)`,
      productId,
      asked.name,
      asked.description ?? null,
      JSON.stringify(asked.tags ?? []),
      JSON.stringify(asked.allergens ?? []),
      asked.tax_rate == null ? null : taxRateE4(asked.tax_rate),
      asked.visible === false ? 1 : 0,
      variants.length,
      nowMs,
    ),
    ...setCategories(productId, asked.category_ids ?? []),
    insertVariants(productId, variants, nowMs),
    ...newVersions(ids, edit, await sha256Hex(edit), nowMs),
    raiseRevision(),
    ...productsUpserted(scope, [productId], nowMs),
    ...variantsUpserted(scope, ids, nowMs),
  ];
  return scope.db.write(unitOf(scope, { steps, answer: { status: 201, select: productAnswer(productId) }, wakes: true }));
}

/** After the product's others. */
export const insertVariants = (
  productId: string,
  variants: readonly (CreateVariant & { variant_id: string })[],
  nowMs: number,
): Statement =>
  statement(
    `INSERT INTO variants (variant_id, product_id, item_code, option_name, barcode, barcode_owner, base_price_minor, currency, attributes,
       bundle_owner, merchant_hidden, position, created_at_ms, updated_at_ms)
     SELECT value ->> 'variant_id', ?2, value ->> 'item_code', value ->> 'option_name', value ->> 'barcode', 'ours', value ->> 'base_price',
       value ->> 'currency', value -> 'attributes', 'ours', NOT (value ->> 'visible'),
       key + (SELECT coalesce(max(o.position) + 1, 0) FROM variants AS o WHERE o.product_id = ?2), ?3, ?3 FROM json_each(?1)`,
    JSON.stringify(variants),
    productId,
    nowMs,
  );

/** Refuses with ITEM_CODE_TAKEN, naming each code and whose it is. */
export function itemCodesFree(variants: readonly CreateVariant[], path: (index: number) => string): Guard {
  const asked = JSON.stringify(variants.map(({ item_code }, index) => [item_code, path(index)]));
  const taken = `FROM json_each(?) AS e CROSS JOIN variants AS v ON v.item_code = e.value ->> 0`;
  return {
    guard: "ITEM_CODE_TAKEN",
    holds: `NOT EXISTS (SELECT 1 ${taken})`,
    args: [asked],
    details: statement(
      `SELECT json_object('detail', 'Sold already: ' || group_concat('"' || v.item_code || '" is ' || ${VARIANT_DISPLAY_NAME_SQL} || ' (' || v.variant_id || ')', ', ') || '.',
         'errors', json_group_array(json_object('path', e.value ->> 1, 'message', 'belongs to variant ' || v.variant_id)))
       ${taken} CROSS JOIN products AS p ON p.product_id = v.product_id`,
      asked,
    ),
  };
}
