import { sha256Hex } from "../../kernel/bytes.ts";
import { quantityFromE4 } from "../../kernel/quantity.ts";
import type { FlatRow, ModifierGroupRow } from "./flat-rows.ts";
import type { StorefrontCategory, StorefrontDocument, StorefrontItem, StorefrontModifierGroup } from "./storefront-document.ts";

/** A storefront document without what differs between two compilations of the same content. */
export type StorefrontContent = Omit<StorefrontDocument, "menu_version" | "as_of">;

type ModifierGroup = Pick<StorefrontModifierGroup, "name" | "options">;

const TAX_RATE_SCALE = 10_000;

function modifierGroupOf(row: ModifierGroupRow): ModifierGroup {
  const options: { id: string; name: string; price_minor: number; code: string | null; default: boolean }[] = JSON.parse(row.options);
  return {
    name: row.name,
    options: options.map((option) => ({
      id: option.id,
      name: option.name,
      price: option.price_minor,
      code: option.code,
      default: option.default,
    })),
  };
}

function itemOf(row: FlatRow, groups: ReadonlyMap<string, ModifierGroup>): StorefrontItem {
  const uses: { id: string; min: number; max: number | null }[] = JSON.parse(row.modifier_groups);
  const bundle: { code: string; name: string; quantity_e4: number }[] = JSON.parse(row.bundle);
  return {
    code: row.item_code,
    variant_id: row.variant_id,
    product_id: row.product_id,
    name: row.name,
    description: row.description,
    price: row.price_minor,
    image_url: row.image_url,
    tax_rate: row.tax_rate_e4 === null ? null : row.tax_rate_e4 / TAX_RATE_SCALE,
    tags: JSON.parse(row.tags),
    allergens: JSON.parse(row.allergens),
    modifier_groups: uses.map(({ id, min, max }) => {
      // Read in the same moment as the rows that use it.
      const { name, options } = groups.get(id) as ModifierGroup;
      return { id, name, min, max, options };
    }),
    bundle: bundle.map(({ code, name, quantity_e4 }) => ({ code, name, quantity: quantityFromE4(quantity_e4) })),
  };
}

/** The document of rows in their order; a category's rows stand together. */
export function compileContent(
  store: StorefrontDocument["store"],
  rows: readonly FlatRow[],
  groupRows: readonly ModifierGroupRow[],
): StorefrontContent {
  const groups = new Map(groupRows.map((row) => [row.modifier_group_id, modifierGroupOf(row)]));
  const categories: StorefrontCategory[] = [];
  for (const row of rows) {
    let category = categories.at(-1);
    if (category?.id !== row.category_id) {
      category = { id: row.category_id, name: row.category_name, view_type: row.category_view_type, items: [] };
      categories.push(category);
    }
    category.items.push(itemOf(row, groups));
  }
  return { store, currency: store.currency, categories };
}

/** Of the content alone: equal content raises no version. Every key is written in the same order, so equal content is equal text. */
export const contentHash = (content: StorefrontContent): Promise<string> => sha256Hex(JSON.stringify(content));

export const documentOf = ({ store, currency, categories }: StorefrontContent, menuVersion: number, asOf: string): StorefrontDocument => ({
  store,
  menu_version: menuVersion,
  as_of: asOf,
  currency,
  categories,
});
