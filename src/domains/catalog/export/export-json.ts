import { quantityFromE4 } from "../../../kernel/quantity.ts";
import type { CanonicalCategory, CanonicalModifierGroup, CanonicalProduct } from "../canonical.ts";
import { asHtml } from "../providers/plain-text.ts";
import type { ExportedPage } from "./exported-pages.ts";

/** Fields that say nothing are left out: `null`, no entries, and what a reader takes for granted. */
const stated = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === null || value === undefined) return false;
      return typeof value !== "object" || Object.keys(value).length > 0;
    }),
  );

export const categoryJson = ({ external_id, name, parent_external_id, position, applied }: CanonicalCategory) =>
  stated({ id: external_id, name, parent_id: parent_external_id, position, applied });

export const groupJson = ({ external_id, name, min_select, max_select, options, provider_version, applied }: CanonicalModifierGroup) => ({
  id: external_id,
  name,
  min: min_select,
  max: max_select,
  ...stated({ version: provider_version, applied }),
  options: options.map((option) =>
    stated({
      id: option.external_id,
      name: option.name,
      price: option.price_delta_minor,
      item_code: option.item_code,
      active: option.is_active ? null : false,
      default: option.is_default || null,
    }),
  ),
});

export const productJson = (product: CanonicalProduct, currency: string) =>
  stated({
    id: product.external_id,
    name: product.name,
    description: asHtml(product.description),
    categories: product.category_external_ids,
    image_url: product.image_url,
    active: product.is_active ? null : false,
    tags: product.tags,
    allergens: product.allergens,
    tax_rate: product.tax_rate_e4 === null ? null : quantityFromE4(product.tax_rate_e4),
    modifier_groups: product.modifier_groups.map(({ external_id, min_select, max_select }) => ({
      ...stated({ id: external_id, min: min_select }),
      ...(max_select === null ? {} : { max: max_select === "unlimited" ? null : max_select }),
    })),
    version: product.provider_version,
    applied: product.applied,
    variants: product.variants.map((variant) =>
      stated({
        id: variant.external_id,
        item_code: variant.item_code,
        name: variant.name,
        price: variant.base_price_minor,
        currency: variant.currency === currency ? null : variant.currency,
        barcode: variant.barcode,
        active: variant.is_active ? null : false,
        attributes: variant.attributes,
        bundle: variant.bundle.map(({ item_code, quantity_e4 }) => ({ item_code, quantity: quantityFromE4(quantity_e4) })),
        position: variant.place,
        applied: variant.applied,
      }),
    ),
  });

const LISTS = ["categories", "modifier_groups", "products"] as const;

/** One JSON document, as it is read. */
export async function* exportJson(pages: AsyncIterable<ExportedPage>, currency: string): AsyncGenerator<string, void, undefined> {
  yield `{"format":"cata/1","exported":true,"currency":${JSON.stringify(currency)},"${LISTS[0]}":[`;
  let list = 0;
  let isFirst = true;
  const next = (): string => {
    isFirst = true;
    list += 1;
    return `],"${LISTS[list]}":[`;
  };
  for await (const page of pages) {
    let text = "";
    while (LISTS[list] !== page.of) text += next();
    for (const row of rowsJson(page, currency)) {
      text += `${isFirst ? "\n" : ",\n"}${JSON.stringify(row)}`;
      isFirst = false;
    }
    yield text;
  }
  let end = "";
  while (list < LISTS.length - 1) end += next();
  yield `${end}]}\n`;
}

function rowsJson(page: ExportedPage, currency: string): unknown[] {
  if (page.of === "categories") return page.rows.map(categoryJson);
  if (page.of === "modifier_groups") return page.rows.map(groupJson);
  return page.rows.map((product) => productJson(product, currency));
}
