import { sha256Hex } from "../../kernel/bytes.ts";
import { type SqlValue, statement } from "../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { productAnswer, readProduct } from "./catalog-reader.ts";
import { productsUpserted, variantsUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import type { Product, UpdateProduct } from "./schemas.ts";
import { newVersions } from "./variant-versions.ts";

/** The given fields that differ from the product as it is. */
export function changedProductFields(product: Product, given: UpdateProduct): UpdateProduct {
  const changed: UpdateProduct = {};
  if (given.name !== undefined && given.name !== product.name) changed.name = given.name;
  if (given.description !== undefined && given.description !== product.description) changed.description = given.description;
  if (given.visible !== undefined && given.visible === product.hidden) changed.visible = given.visible;
  return changed;
}

/**
 * A merchandiser's edit. A name or description that differs from the provider's is ours from then on; the provider's own gives the field
 * back. Answers the product. One read before, to know whether anything changes. Throws NOT_FOUND.
 */
export async function updateProduct(scope: RequestScope, productId: string, given: UpdateProduct): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const changed = changedProductFields(product, given);
  const isChanged = Object.keys(changed).length > 0;
  const payload = JSON.stringify({ edit: { product: changed } });
  const hash = await sha256Hex(payload);
  return scope.db.write(
    unitOf(scope, {
      steps: isChanged ? editSteps(scope, product, changed, payload, hash) : [],
      answer: { status: 200, select: productAnswer(productId) },
      wakes: isChanged,
    }),
  );
}

function editSteps(scope: RequestScope, product: Product, changed: UpdateProduct, payload: string, hash: string): UnitStep[] {
  const nowMs = scope.clock.now();
  const variantIds = product.variants.map(({ variant_id }) => variant_id);
  const columns: [assignment: string, ...values: SqlValue[]][] = [["updated_at_ms = ?", nowMs]];
  const owner = (field: "name" | "description") =>
    `${field} = ?, ${field}_owner = CASE WHEN ? IS original_${field} THEN 'provider' ELSE 'ours' END`;
  if (changed.name !== undefined) columns.push([owner("name"), changed.name, changed.name]);
  if (changed.description !== undefined) columns.push([owner("description"), changed.description, changed.description]);
  if (changed.visible !== undefined) columns.push(["merchant_hidden = ?", changed.visible ? 0 : 1]);
  return [
    statement(
      `UPDATE products SET ${columns.map(([assignment]) => assignment).join(", ")} WHERE product_id = ?`,
      ...columns.flatMap(([, ...values]) => values),
      product.id,
    ),
    ...newVersions(variantIds, payload, hash, nowMs),
    raiseRevision(),
    ...productsUpserted(scope, [product.id], nowMs),
    ...variantsUpserted(scope, variantIds, nowMs),
  ];
}
