import type { StorefrontItem } from "../domains/menu/index.ts";

/** What stands between a product's name and its variant's; catalog's `variantDisplayName` writes it. */
const SEPARATOR = " – ";

/** One entry of a menu page: an item, or the variants of one product that differ in name and price only. */
export interface MenuCard {
  title: string;
  /** The only one, or the first of the variants; what it says beside its name and price holds for all of them. */
  item: StorefrontItem;
  /** Empty where there is nothing to choose. `price` in minor units. */
  choices: { code: string; name: string; price: number }[];
}

/** The items of a category as cards, in their order: "Kopi – Hot" and "Kopi – Iced", one after the other, are one card. */
export function menuCards(items: readonly StorefrontItem[]): MenuCard[] {
  const runs: [StorefrontItem, ...StorefrontItem[]][] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run && isVariantBeside(run[0], item)) run.push(item);
    else runs.push([item]);
  }
  return runs.map((run) => (run.length > 1 ? cardOfVariants(run) : { title: run[0].name, item: run[0], choices: [] }));
}

function cardOfVariants(run: [StorefrontItem, ...StorefrontItem[]]): MenuCard {
  const title = productName(run[0]) ?? "";
  const from = title.length + SEPARATOR.length;
  return { title, item: run[0], choices: run.map(({ code, name, price }) => ({ code, name: name.slice(from), price })) };
}

/** Null where the name is not made of a product's and a variant's. */
function productName({ name }: StorefrontItem): string | null {
  const at = name.lastIndexOf(SEPARATOR);
  return at > 0 ? name.slice(0, at) : null;
}

function isVariantBeside(first: StorefrontItem, item: StorefrontItem): boolean {
  if (first.product_id !== item.product_id) return false;
  const product = productName(first);
  // Allergens above all: what one variant holds must never be read as said of another.
  return product !== null && item.name.startsWith(product + SEPARATOR) && shownFacts(first) === shownFacts(item);
}

const shownFacts = ({ description, image_url, tags, allergens, modifier_groups, bundle }: StorefrontItem): string =>
  JSON.stringify([description, image_url, tags, allergens, modifier_groups, bundle]);
