import { sha256Hex } from "../../kernel/bytes.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { readProduct, variantAnswer } from "./catalog-reader.ts";
import { insertVariants, itemCodesFree } from "./create-product.ts";
import { variantsUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import type { CreateVariant } from "./product-edit-schemas.ts";
import { newVersions } from "./variant-versions.ts";

/**
 * One more variant of a product, of our own, also where the product is a provider's. The others' display names may change with it, so they get a
 * version too. Answers it. One read before, for the others. Throws NOT_FOUND; refusal: ITEM_CODE_TAKEN.
 */
export async function createVariant(scope: RequestScope, productId: string, asked: CreateVariant): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const nowMs = scope.clock.now();
  const variantId = scope.clock.newId();
  const edit = JSON.stringify({ created: true });
  // From one to two, the option's name comes to the product's.
  const renamed = product.variants.length === 1 ? product.variants.map(({ variant_id }) => variant_id) : [];
  const ids = [...renamed, variantId];
  return scope.db.write(
    unitOf(scope, {
      steps: [
        itemCodesFree([asked], () => "body.item_code"),
        insertVariants(productId, [{ ...asked, variant_id: variantId }], nowMs),
        statement(
          "UPDATE products SET updated_at_ms = ?2, variant_count = (SELECT count(*) FROM variants AS v WHERE v.product_id = ?1) WHERE product_id = ?1",
          productId,
          nowMs,
        ),
        ...newVersions(ids, edit, await sha256Hex(edit), nowMs),
        raiseRevision(),
        ...variantsUpserted(scope, ids, nowMs),
      ],
      answer: { status: 201, select: variantAnswer(variantId) },
      wakes: true,
    }),
  );
}
