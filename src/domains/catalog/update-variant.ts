import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { readProductOf, variantAnswer } from "./catalog-reader.ts";
import { changedVariantFields } from "./changed-fields.ts";
import { editSteps, isChange } from "./edit-item.ts";
import type { SetBundle, UpdateVariant } from "./product-edit-schemas.ts";

/**
 * A person's edit of a variant: a name of its own (null: made of the product's and the option's again), hiding, a barcode, what a bundle is made of.
 * Answers the variant. One read before, to know whether anything changes. Throws NOT_FOUND, VALIDATION_FAILED.
 */
export async function updateVariant(
  scope: RequestScope,
  variantId: string,
  given: UpdateVariant & Partial<SetBundle>,
): Promise<UnitResult> {
  const product = await readProductOf(scope.db, variantId, { fresh: true });
  const changed = product.variants.flatMap((variant) => (variant.variant_id === variantId ? [changedVariantFields(variant, given)] : []));
  const change = { variants: Object.fromEntries(changed.flatMap((one) => (Object.keys(one).length > 0 ? [[variantId, one]] : []))) };
  return scope.db.write(
    unitOf(scope, {
      steps: await editSteps(scope, product, change),
      answer: { status: 200, select: variantAnswer(variantId) },
      wakes: isChange(change),
    }),
  );
}
