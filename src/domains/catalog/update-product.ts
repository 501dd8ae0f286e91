import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { productAnswer, readProduct } from "./catalog-reader.ts";
import { changedProductFields } from "./changed-fields.ts";
import { editSteps, type GroupUse, isChange } from "./edit-item.ts";
import type { UpdateProduct } from "./product-edit-schemas.ts";

/**
 * A merchandiser's edit. What differs from the provider's is ours from then on, field by field; `follow_provider` gives fields back. Answers the
 * product. One read before, to know whether anything changes. Throws NOT_FOUND, VALIDATION_FAILED; refusal: CATEGORY_UNKNOWN.
 */
export async function updateProduct(scope: RequestScope, productId: string, given: UpdateProduct): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const change = { product: changedProductFields(product, given) };
  return scope.db.write(
    unitOf(scope, {
      steps: await editSteps(scope, product, change),
      answer: { status: 200, select: productAnswer(productId) },
      wakes: isChange(change),
    }),
  );
}

/** Says which choices a product has, in order; they are ours from then on. Answers the product. Throws NOT_FOUND; refusal: MODIFIER_GROUP_UNKNOWN. */
export async function setProductGroups(scope: RequestScope, productId: string, groups: GroupUse[]): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const uses = ({ modifier_group_id, min, max }: GroupUse) => [modifier_group_id, min, max];
  const now = product.modifier_groups.map(({ id, own_min, own_max }) => [id, own_min, own_max]);
  const change = JSON.stringify(groups.map(uses)) === JSON.stringify(now) ? {} : { product: { modifier_groups: groups } };
  return scope.db.write(
    unitOf(scope, {
      steps: await editSteps(scope, product, change),
      answer: { status: 200, select: productAnswer(productId) },
      wakes: isChange(change),
    }),
  );
}
