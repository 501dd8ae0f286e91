import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { productAnswer, readProductOf } from "./catalog-reader.ts";
import { changedProductFields, changedVariantFields } from "./changed-fields.ts";
import { editSteps, type ItemChange, isChange } from "./edit-item.ts";
import type { SetBundle, UpdateProduct, UpdateVariant } from "./product-edit-schemas.ts";
import type { Product } from "./schemas.ts";
import { shownFields, type VersionContent } from "./version-difference.ts";
import { readVersion } from "./version-reader.ts";

type Given = { product: UpdateProduct; variant: UpdateVariant & Partial<SetBundle> };

/**
 * What somebody would have to set for an item to be as it was: what a person may set and what tells of nothing else. Categories and choices name other
 * rows, an image its file; they stay.
 */
export function earlierValues(content: VersionContent): Given {
  const { name, description, tags, allergens, tax_rate, barcode, bundle } = shownFields(content) as Given["product"] &
    Given["variant"] & { bundle?: SetBundle["components"] };
  const given: Given = {
    product: { visible: content.ours?.product.hidden !== true },
    variant: { visible: content.ours?.variant.hidden !== true, name: content.ours?.variant.own_name ?? null },
  };
  if (typeof name === "string") given.product.name = name;
  if (description !== undefined) given.product.description = description;
  if (tags) given.product.tags = tags;
  if (allergens) given.product.allergens = allergens;
  if (tax_rate !== undefined) given.product.tax_rate = tax_rate;
  if (barcode !== undefined) given.variant.barcode = barcode;
  if (bundle) given.variant.components = bundle;
  return given;
}

function changeTo(product: Product, variantId: string, versionNo: number, given: Given): ItemChange {
  const variant = product.variants.find(({ variant_id }) => variant_id === variantId);
  const changed = variant ? changedVariantFields(variant, given.variant) : {};
  return {
    product: changedProductFields(product, given.product),
    variants: Object.keys(changed).length > 0 ? { [variantId]: changed } : {},
    restores: { variant_id: variantId, version_no: versionNo },
  };
}

/**
 * Puts an item back as it was at a version: the earlier values as ours, as a new version. Its product's fields come with it, for all of its variants.
 * What is so already stays; then nothing is written. Two reads before. Answers the product. Throws NOT_FOUND.
 */
export async function restoreVersion(scope: RequestScope, variantId: string, versionNo: number): Promise<UnitResult> {
  const product = await readProductOf(scope.db, variantId, { fresh: true });
  const content = await readVersion(scope.db, variantId, versionNo);
  const change = changeTo(product, variantId, versionNo, earlierValues(content));
  return scope.db.write(
    unitOf(scope, {
      steps: await editSteps(scope, product, change),
      answer: { status: 200, select: productAnswer(product.id) },
      wakes: isChange(change),
    }),
  );
}
