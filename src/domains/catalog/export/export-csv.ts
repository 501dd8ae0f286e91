import { quantityFromE4 } from "../../../kernel/quantity.ts";
import type { CanonicalCategory, CanonicalModifierGroup, CanonicalProduct } from "../canonical.ts";
import { csvLine } from "../providers/csv-table.ts";
import { COLUMNS, type ExportedCells, guarded, jsonCell, KINDS, MARKER, moneyCell, yesNo } from "../providers/exported-table.ts";
import { productJson } from "./export-json.ts";
import type { ExportedPage } from "./exported-pages.ts";

const line = (cells: ExportedCells): string =>
  csvLine(
    COLUMNS.map((column) => guarded(cells[column] ?? "")),
    ",",
  );

const numberCell = (value: unknown): string => (typeof value === "number" ? String(value) : "");

function categoryLine({ external_id, name, parent_external_id, position, applied }: CanonicalCategory): string {
  return line({
    [MARKER]: KINDS.category,
    category_id: external_id,
    name,
    parent_id: parent_external_id ?? "",
    position: String(position),
    applied: jsonCell(applied),
  });
}

function groupLines(group: CanonicalModifierGroup, currency: string): string {
  const { external_id: group_id, name, min_select, max_select, provider_version, applied } = group;
  const head = line({
    [MARKER]: KINDS.group,
    group_id,
    name,
    min: String(min_select),
    max: numberCell(max_select),
    version: numberCell(provider_version),
    applied: jsonCell(applied),
  });
  const options = group.options.map((option) =>
    line({
      [MARKER]: KINDS.option,
      group_id,
      option_id: option.external_id,
      name: option.name,
      price: moneyCell(option.price_delta_minor, currency),
      currency,
      item_code: option.item_code ?? "",
      active: yesNo(option.is_active),
      default: yesNo(option.is_default),
    }),
  );
  return head + options.join("");
}

function productLines(product: CanonicalProduct, currency: string): string {
  const { modifier_groups } = productJson(product, currency);
  const shared: ExportedCells = {
    name: product.name,
    description: product.description ?? "",
    category: jsonCell(product.category_external_ids),
    image: product.image_url ?? "",
    active: yesNo(product.is_active),
    tags: jsonCell(product.tags),
    allergens: jsonCell(product.allergens),
    tax_rate: product.tax_rate_e4 === null ? "" : String(quantityFromE4(product.tax_rate_e4)),
    modifier_groups: jsonCell(modifier_groups),
    version: numberCell(product.provider_version),
    applied: jsonCell(product.applied),
  };
  return product.variants
    .map((variant) =>
      line({
        ...shared,
        [MARKER]: KINDS.variant,
        product_id: product.external_id,
        variant_id: variant.external_id,
        item_code: variant.item_code,
        variant_name: variant.name ?? "",
        price: moneyCell(variant.base_price_minor, variant.currency ?? currency),
        currency: variant.base_price_minor === null ? "" : (variant.currency ?? currency),
        barcode: variant.barcode ?? "",
        variant_active: yesNo(variant.is_active),
        attributes: jsonCell(variant.attributes),
        bundle: jsonCell(variant.bundle.map(({ item_code, quantity_e4 }) => ({ item_code, quantity: quantityFromE4(quantity_e4) }))),
        position: numberCell(variant.place),
        variant_applied: jsonCell(variant.applied),
      }),
    )
    .join("");
}

/** One table, as it is read; its last row says that nothing is missing. */
export async function* exportCsv(pages: AsyncIterable<ExportedPage>, currency: string): AsyncGenerator<string, void, undefined> {
  yield csvLine(COLUMNS, ",");
  for await (const page of pages) {
    if (page.of === "categories") yield page.rows.map(categoryLine).join("");
    else if (page.of === "modifier_groups") yield page.rows.map((group) => groupLines(group, currency)).join("");
    else yield page.rows.map((product) => productLines(product, currency)).join("");
  }
  yield line({ [MARKER]: KINDS.end });
}
