import type { StorefrontCategory, StorefrontDocument, StorefrontItem } from "../../src/domains/menu/storefront-document.ts";
import { pictureAddress } from "./rendered-pages.ts";

/** Menus as hard on a page as merchants can make them. */

export const anItem = (changes: Partial<StorefrontItem> = {}): StorefrontItem => ({
  code: "C1",
  variant_id: "v1",
  product_id: "p1",
  name: "Flat white",
  description: null,
  price: 560,
  image_url: null,
  tax_rate: null,
  tags: [],
  allergens: [],
  modifier_groups: [],
  bundle: [],
  ...changes,
});

export function aDocument(categories: StorefrontCategory[], store: Partial<StorefrontDocument["store"]> = {}): StorefrontDocument {
  const place = { id: "store-1", location_id: "l", name: "Harbour", code: null, timezone: "UTC", locale: "en-US", address: null };
  const whole = { ...place, currency: "USD", ...store };
  return { store: whole, menu_version: 1, as_of: "2026-11-20T14:20:00Z", currency: whole.currency, categories };
}

/** A list and a grid in which every text that a merchant writes is `text`, and every amount is large. */
export function verboseMenu(text: string, store: Partial<StorefrontDocument["store"]> = {}): StorefrontDocument {
  const price = 1_234_567_890;
  const option = { id: "o", name: text, price, code: null, default: true };
  const group = { id: "g", name: text, min: 2, max: 12, options: [option, option] };
  const full = anItem({
    name: text,
    description: text,
    price,
    image_url: pictureAddress,
    tags: [text, "vegan"],
    allergens: [text, "milk"],
    modifier_groups: [group, group],
    bundle: [{ code: "b", name: text, quantity: 12.3456 }],
  });
  const variants = ["1", text, "3"].map((name) => anItem({ product_id: "p2", name: `${text} – ${name}`, description: text, price }));
  const items = [full, ...variants, anItem({ product_id: "p3", name: text })];
  const categories = (["LIST", "GRID"] as const).map((view_type) => ({ id: view_type, name: text, view_type, items }));
  return aDocument(categories, { name: text, address: { line1: text, city: text }, ...store });
}

/** `count` items as a café has them, a hundred to a category. */
export function largeMenu(count: number, view_type: "LIST" | "GRID"): StorefrontDocument {
  const option = (n: number) => ({ id: `o${n}`, name: `Option ${n}`, price: n * 10, code: null, default: n === 0 });
  const groups = [1, 2].map((n) => ({ id: `g${n}`, name: `Group ${n}`, min: 1, max: 1, options: [0, 1, 2, 3].map(option) }));
  const item = (category: number, n: number) =>
    anItem({
      product_id: `${category}-${n}`,
      name: `Item ${category}-${n}`,
      description: "Double ristretto under velvety steamed milk, served in a warm cup.",
      price: 450 + n,
      image_url: `${pictureAddress}?${n}`,
      tags: ["vegan", "new"],
      allergens: ["milk", "soy"],
      modifier_groups: n % 2 === 0 ? groups : [],
    });
  return aDocument(
    Array.from({ length: count / 100 }, (_, category) => ({
      id: `c${category}`,
      name: `Category ${category}`,
      view_type,
      items: Array.from({ length: 100 }, (_, n) => item(category, n)),
    })),
  );
}
