import type { DemoMenu, DemoStore, DemoTenant } from "../demo/demo-tenant.ts";

const currency = "EUR";
const dishes = [
  "Grilled chicken",
  "Miso salmon",
  "Braised tofu",
  "Roast pumpkin",
  "Pulled pork",
  "Chickpea",
  "Prawn",
  "Beef",
  "Halloumi",
  "Mushroom",
];
const forms = ["rice bowl", "noodle soup", "salad", "flatbread", "curry", "tacos", "sandwich", "stir-fry", "dumplings", "pie"];

const padded = (number: number): string => String(number).padStart(4, "0");
const codeOf = (index: number): string => `DISH-${padded(index + 1)}`;
const priceOf = (index: number): number => 650 + ((index * 37) % 40) * 25;

const store = (code: string, name: string): DemoStore => ({
  name,
  code,
  timezone: "Europe/Dublin",
  locale: "en-IE",
  currency,
  address: { street: "1 Bench Street", city: "Dublin", postcode: "D01 A1A1", country: "IE" },
});

const menu = (name: string, items: number, sections: number, store_codes: string[]): DemoMenu => ({
  name,
  currency,
  store_codes,
  sections: Array.from({ length: sections }, (_, section) => ({
    name: `${forms[section % forms.length]} ${Math.floor(section / forms.length) + 1}`,
    display_type: "list",
    items: Array.from({ length: items / sections }, (_, place) => {
      const index = section * (items / sections) + place;
      return { item_code: codeOf(index), price: priceOf(index) };
    }),
  })),
});

function tenant(slug: string, products: number, stores: DemoStore[], menus: DemoMenu[]): DemoTenant {
  return {
    slug,
    name: "Bench kitchens",
    currency,
    locale: "en-IE",
    stores,
    source: { source_type: "pos", name: "Bench till", provider: "cata" },
    payload: () => ({
      format: "cata/1",
      currency,
      categories: [{ id: "dishes", name: "Dishes" }],
      modifier_groups: [
        {
          id: "spice",
          name: "How hot",
          min: 1,
          max: 1,
          options: ["Mild", "Medium", "Hot"].map((name) => ({ id: name.toLowerCase(), name, price: 0 })),
        },
      ],
      products: Array.from({ length: products }, (_, index) => ({
        id: codeOf(index).toLowerCase(),
        item_code: codeOf(index),
        name: `${dishes[index % dishes.length]} ${forms[Math.floor(index / dishes.length) % forms.length]} ${Math.floor(index / 100) + 1}`,
        categories: ["dishes"],
        price: priceOf(index),
        ...(index % 10 === 0 ? { modifier_groups: ["spice"] } : {}),
      })),
    }),
    menus,
    stock: [],
  };
}

/** One store with a menu of 150 items: what is read and written to. */
export const kitchen: DemoTenant = tenant("bench", 150, [store("KITCHEN", "Bench kitchen")], [menu("All day", 150, 10, ["KITCHEN"])]);

/** One store with a menu of 500 items: whose orderability is read. */
export const canteen: DemoTenant = tenant(
  "bench-canteen",
  500,
  [store("CANTEEN", "Bench canteen")],
  [menu("All day", 500, 10, ["CANTEEN"])],
);

/** `stores` stores with the same menu of 1,000 items: what is regenerated. */
export function largeKitchens(stores: number): DemoTenant {
  const all = Array.from({ length: stores }, (_, index) => store(`LARGE-${padded(index + 1)}`, `Large kitchen ${index + 1}`));
  const codes = all.map(({ code }) => code);
  return tenant("bench-large", 1_000, all, [menu("Everything", 1_000, 20, codes)]);
}
