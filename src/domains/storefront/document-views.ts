import { AppError } from "../../kernel/errors.ts";
import type { StorefrontCategory, StorefrontDocument, StorefrontItem } from "../menu/index.ts";

export interface CategoryCatalogue {
  store_id: string;
  menu_version: number;
  categories: { id: string; name: string; category_view_type: StorefrontCategory["view_type"]; items: StorefrontItem[] }[];
}

/** The V1 category catalogue: keyed by category, so an item without one is absent. */
export const categoryCatalogue = (document: StorefrontDocument): CategoryCatalogue => ({
  store_id: document.store.id,
  menu_version: document.menu_version,
  categories: document.categories.map(({ id, name, view_type, items }) => ({ id, name, category_view_type: view_type, items })),
});

export interface ItemView {
  store_id: string;
  menu_version: number;
  currency: string;
  /** Where in the menu it stands. */
  categories: { id: string; name: string }[];
  item: StorefrontItem;
}

/** One item by its code; throws NOT_FOUND. */
export function itemView(document: StorefrontDocument, code: string): ItemView {
  const holders = document.categories.filter(({ items }) => items.some((item) => item.code === code));
  const item = holders[0]?.items.find((candidate) => candidate.code === code);
  if (!item) throw new AppError("NOT_FOUND", { detail: "This store's menu has no such item." });
  return {
    store_id: document.store.id,
    menu_version: document.menu_version,
    currency: document.currency,
    categories: holders.map(({ id, name }) => ({ id, name })),
    item,
  };
}
