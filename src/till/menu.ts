import type { StorefrontDocument, StorefrontItem, StorefrontModifierGroup } from "../domains/menu/storefront-document.ts";

export type MenuItem = StorefrontItem;
export type ModifierGroup = StorefrontModifierGroup;
export type Menu = StorefrontDocument;

const folded = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** The items of a category (null: of all, each once) of which every word of `query` begins a word of the name, or the code; in the menu's order. */
export function findItems(menu: Menu, categoryId: string | null, query: string, barcodes: ReadonlyMap<string, string>): MenuItem[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  // A search looks everywhere: who types a name does not care where it stands.
  const categories = menu.categories.filter(({ id }) => words.length > 0 || categoryId === null || id === categoryId);
  const items = new Map(categories.flatMap(({ items }) => items.map((item) => [item.variant_id, item] as const)));
  if (words.length === 0) return [...items.values()];
  const scanned = barcodes.get(query.trim());
  return [...items.values()].filter((item) => {
    if (item.variant_id === scanned) return true;
    const parts = [...folded(item.name).split(/[^\p{L}\p{N}]+/u), folded(item.code)];
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
}

/** The group whose rule these choices break, or null. */
export function brokenGroup(groups: readonly ModifierGroup[], chosen: ReadonlySet<string>): ModifierGroup | null {
  return (
    groups.find(({ min, max, options }) => {
      const count = options.filter(({ id }) => chosen.has(id)).length;
      return count < min || (max !== null && count > max);
    }) ?? null
  );
}

/** What is chosen before anybody chose: the standard options. */
export const standardChoices = (groups: readonly ModifierGroup[]): Set<string> =>
  new Set(groups.flatMap(({ options }) => options.filter((option) => option.default).map(({ id }) => id)));
