import { AppError } from "../../kernel/errors.ts";
import type { ProductChange, VariantChange } from "./edit-item.ts";
import type { SetBundle, UpdateProduct, UpdateVariant } from "./product-edit-schemas.ts";
import type { Product, Variant } from "./schemas.ts";

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Only what of `follow_provider` is ours now. Throws where no provider has the item. */
function followed<T extends string>(
  asked: readonly T[] | undefined,
  fields: Record<T, { owner: "provider" | "ours" }>,
  sourceSystemId: string | null,
): T[] {
  if (!asked || asked.length === 0) return [];
  if (sourceSystemId === null) {
    const message = "no provider has this item; there is nothing to follow";
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.follow_provider", message }] });
  }
  return [...new Set(asked)].filter((field) => fields[field].owner === "ours");
}

/** The given fields that differ from the product as it is. */
export function changedProductFields(product: Product, given: UpdateProduct): ProductChange {
  const changed: ProductChange = {};
  if (given.name !== undefined && given.name !== product.name) changed.name = given.name;
  if (given.description !== undefined && given.description !== product.description) changed.description = given.description;
  if (given.visible !== undefined && given.visible === product.hidden) changed.visible = given.visible;
  if (given.tags && !isSame(given.tags, product.tags)) changed.tags = given.tags;
  if (given.allergens && !isSame(given.allergens, product.allergens)) changed.allergens = given.allergens;
  if (given.tax_rate !== undefined && given.tax_rate !== product.tax_rate) changed.tax_rate = given.tax_rate;
  const categoryIds = product.categories.map(({ id }) => id);
  if (given.category_ids && !isSame(given.category_ids, categoryIds)) changed.category_ids = given.category_ids;
  const follow = followed(given.follow_provider, product.fields, product.source_system_id);
  if (follow.length > 0) changed.follow_provider = follow;
  return changed;
}

/** The given fields that differ from the variant as it is. */
export function changedVariantFields(
  variant: Pick<Variant, "own_name" | "hidden" | "barcode" | "bundle" | "fields" | "source_system_id">,
  given: UpdateVariant & Partial<SetBundle>,
): VariantChange {
  const changed: VariantChange = {};
  if (given.name !== undefined && given.name !== variant.own_name) changed.name = given.name;
  if (given.visible !== undefined && given.visible === variant.hidden) changed.visible = given.visible;
  if (given.barcode !== undefined && given.barcode !== variant.barcode) changed.barcode = given.barcode;
  if (given.components && !isSame(given.components, variant.bundle)) changed.components = given.components;
  const follow = followed(given.follow_provider, variant.fields, variant.source_system_id);
  if (follow.length > 0) changed.follow_provider = follow;
  return changed;
}
