import { type DemoMenu, type DemoProduct, type DemoStore, type DemoTenant, sellable, withImageUrls } from "./demo-tenant.ts";
import { ean13 } from "./ean13.ts";
import { dryShelves } from "./grocer-dry.ts";
import { freshShelves } from "./grocer-fresh.ts";
import type { Line, Shelf } from "./grocer-shelf.ts";

const departments = [
  { id: "produce", name: "Fruit & vegetables" },
  { id: "dairy", name: "Dairy & eggs" },
  { id: "deli", name: "Butcher, fish & deli" },
  { id: "bakery", name: "Bakery" },
  { id: "pantry", name: "Pantry" },
  { id: "frozen", name: "Frozen" },
  { id: "drinks", name: "Drinks" },
  { id: "household", name: "Household" },
];

const shelves = [...freshShelves, ...dryShelves];

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

/** The 20 range is for a shop's own numbers, so that no made-up brand wears the number of a real product. */
const ownEan = (shelfIndex: number, number: number): string => ean13(`20${padded(shelfIndex + 1, 2)}${padded(number, 8)}`);

/** Weighed or counted at the till, where it gets its label. */
const isLoose = (pack: string): boolean => pack === "each" || pack.startsWith("per ");

interface Article {
  line: Line;
  kind: string;
  pack: string;
  price: number;
  /** The allergens of this kind beside the line's. */
  allergens: readonly string[];
}

function articlesOf(line: Line): Article[] {
  const kinds: [string, readonly string[]][] =
    line.kinds === undefined
      ? [["", []]]
      : Array.isArray(line.kinds)
        ? line.kinds.map((kind: string) => [kind, []])
        : Object.entries(line.kinds as Record<string, readonly string[]>);
  return kinds.flatMap(([kind, allergens]) => Object.entries(line.packs).map(([pack, price]) => ({ line, kind, pack, price, allergens })));
}

function product(shelf: Shelf, shelfIndex: number, { line, kind, pack, price, allergens }: Article, number: number): DemoProduct {
  const item_code = `${shelf.code}-${padded(number, 3)}`;
  const image = line.image === undefined ? shelf.image : line.image;
  const brand = line.brand ?? shelf.brand;
  const goods = line.name.replace("{}", kind);
  return {
    id: item_code.toLowerCase(),
    item_code,
    name: `${capitalised(brand === null ? goods : `${brand} ${goods}`)}, ${pack}`,
    categories: [shelf.id],
    price,
    tax_rate: line.tax ?? shelf.tax,
    tags: line.tags ?? shelf.tags ?? [],
    allergens: [...(line.allergens ?? shelf.allergens ?? []), ...allergens],
    attributes: { pack, ...(brand === null ? {} : { brand }), ...(kind === "" ? {} : { kind }) },
    ...(line.description === undefined ? {} : { description: line.description }),
    ...(isLoose(pack) ? {} : { barcode: ownEan(shelfIndex, number) }),
    ...(image === null ? {} : { image }),
  };
}

const products = shelves.flatMap((shelf, shelfIndex) =>
  shelf.lines.flatMap(articlesOf).map((article, index) => product(shelf, shelfIndex, article, index + 1)),
);

const store = (code: string, name: string, street: string, city: string, postcode: string): DemoStore => ({
  name,
  code,
  timezone: "Europe/Dublin",
  locale: "en-IE",
  currency: "EUR",
  address: { street, city, postcode, country: "IE" },
});

const menu = (name: string, storeCode: string, sold: readonly Shelf[], priceOf: (price: number, shelf: Shelf) => number): DemoMenu => ({
  name,
  currency: "EUR",
  store_codes: [storeCode],
  sections: sold.map((shelf) => ({
    name: shelf.name,
    display_type: "grid",
    items: products
      .filter(({ categories }) => categories.includes(shelf.id))
      .flatMap((one) => sellable(one).map(({ item_code, price }) => ({ item_code, price: priceOf(price, shelf) }))),
  })),
});

/** Cork buys its vegetables at the gate and sells them a twentieth cheaper, to the next five cents. */
const corkPrice = (price: number, shelf: Shelf): number => (shelf.parent === "produce" ? Math.ceil((price * 0.95) / 5) * 5 : price);

/** So many of each of a shelf are left, in the order of its articles. */
const countsOf = (shelfId: string, left: readonly number[]): Record<string, number> =>
  Object.fromEntries(
    products
      .filter(({ categories }) => categories.includes(shelfId))
      .slice(0, left.length)
      .map(({ id, item_code }, index) => [item_code ?? id, left[index] ?? 0]),
  );

/** A grocer with a full shop in Dublin and a smaller one in Cork: 300 articles, one variant each. */
export const grocer: DemoTenant = {
  slug: "grocer",
  name: "Larkin & Moss",
  currency: "EUR",
  locale: "en-IE",
  stores: [
    store("STONEYBATTER", "Larkin & Moss Stoneybatter", "41 Manor Street", "Dublin 7", "D07 K2P4"),
    store("DOUGLAS", "Larkin & Moss Douglas Street", "88 Douglas Street", "Cork", "T12 F6W9"),
  ],
  source: { source_type: "erp", name: "Stock ledger", provider: "cata" },
  payload: (baseUrl) => ({
    format: "cata/1",
    currency: "EUR",
    categories: [...departments, ...shelves.map(({ id, name, parent }) => ({ id, name, parent_id: parent }))],
    modifier_groups: [],
    products: withImageUrls(products, baseUrl),
  }),
  menus: [
    menu("Stoneybatter, whole range", "STONEYBATTER", shelves, (price) => price),
    menu(
      "Douglas Street range",
      "DOUGLAS",
      shelves.filter(({ parent }) => parent !== "household"),
      corkPrice,
    ),
  ],
  // Pastries are baked once a day.
  stock: [{ store_code: "STONEYBATTER", counted_at: "2026-11-01T00:00:00.000Z", counts: countsOf("pastries", [0, 14, 9, 0, 21, 6]) }],
};
