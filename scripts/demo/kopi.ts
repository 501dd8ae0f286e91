import {
  type CataCategory,
  type DemoMenu,
  type DemoSection,
  type DemoStore,
  type DemoTenant,
  sellable,
  withImageUrls,
} from "./demo-tenant.ts";
import { drinkModifiers, drinks } from "./kopi-drinks.ts";
import { kitchen, kitchenModifiers } from "./kopi-kitchen.ts";

const GST_PERCENT = 9;

const categories: CataCategory[] = [
  { id: "drinks", name: "Drinks" },
  { id: "kopi-teh", name: "Kopi & teh", parent_id: "drinks" },
  { id: "espresso-bar", name: "Espresso bar", parent_id: "drinks" },
  { id: "iced", name: "Iced & blended", parent_id: "drinks" },
  { id: "coolers", name: "Coolers", parent_id: "drinks" },
  { id: "food", name: "Food" },
  { id: "sets", name: "Sets", parent_id: "food" },
  { id: "breakfast", name: "Breakfast & toast", parent_id: "food" },
  { id: "mains", name: "Rice & noodles", parent_id: "food" },
  { id: "bowls", name: "Bowls & salads", parent_id: "food" },
  { id: "cakes", name: "Cakes & kueh", parent_id: "food" },
];

const products = [...drinks, ...kitchen].map((product) => ({ tax_rate: GST_PERCENT, ...product }));

const store = (code: string, name: string, street: string, postcode: string): DemoStore => ({
  name,
  code,
  timezone: "Asia/Singapore",
  locale: "en-SG",
  currency: "SGD",
  address: { street, city: "Singapore", postcode, country: "SG" },
});

/** Rents at the airport are what they are: a fifth on top, to the next ten cents. */
const airportPrice = (price: number): number => Math.ceil((price * 1.2) / 10) * 10;

const section = (categoryId: string, priceOf: (price: number) => number, leftOut: readonly string[] = []): DemoSection => ({
  name: categories.find(({ id }) => id === categoryId)?.name ?? categoryId,
  display_type: categoryId === "cakes" || categoryId === "sets" ? "grid" : "list",
  items: products
    .filter((product) => product.categories.includes(categoryId) && !leftOut.includes(product.id))
    .flatMap((product) => sellable(product).map(({ item_code, price }) => ({ item_code, price: priceOf(price) }))),
});

const asListed = (price: number): number => price;
const inTown = ["TIONGBAHRU", "JOOCHIAT"];

const menus: DemoMenu[] = [
  {
    name: "Coffee bar",
    currency: "SGD",
    store_codes: inTown,
    sections: ["kopi-teh", "espresso-bar", "iced", "coolers", "cakes"].map((id) => section(id, asListed)),
  },
  {
    name: "Kitchen",
    currency: "SGD",
    store_codes: inTown,
    sections: ["sets", "breakfast", "mains", "bowls"].map((id) => section(id, asListed)),
  },
  {
    name: "Changi, all day",
    currency: "SGD",
    store_codes: ["CHANGI-T2"],
    // No wok and no claypot at the gate.
    sections: ["sets", "kopi-teh", "espresso-bar", "iced", "coolers", "breakfast", "mains", "bowls", "cakes"].map((id) =>
      section(id, airportPrice, ["char-kway-teow", "mushroom-bee-hoon", "tea-for-two"]),
    ),
  },
];

/** A coffee and kitchen chain with three outlets in Singapore, the one at the airport dearer and without a wok. */
export const kopi: DemoTenant = {
  slug: "kopi",
  name: "Kopi Lembah",
  currency: "SGD",
  locale: "en-SG",
  stores: [
    store("TIONGBAHRU", "Kopi Lembah Tiong Bahru", "57 Eng Hoon Street, #01-70", "160057"),
    store("JOOCHIAT", "Kopi Lembah Joo Chiat", "318 Joo Chiat Road", "427570"),
    store("CHANGI-T2", "Kopi Lembah Changi Airport T2", "60 Airport Boulevard, #02-118", "819643"),
  ],
  source: { source_type: "pos", name: "Counter tills", provider: "cata" },
  payload: (baseUrl) => ({
    format: "cata/1",
    currency: "SGD",
    categories,
    modifier_groups: [...drinkModifiers, ...kitchenModifiers],
    products: withImageUrls(products, baseUrl),
  }),
  menus,
  // The last kueh lapis is gone, and with it the set that has a slice in it.
  stock: [{ store_code: "TIONGBAHRU", counted_at: "2026-11-01T00:00:00.000Z", counts: { LAPIS: 0, CHENDOL: 0, ONDEH: 6, SALAT: 12 } }],
};
