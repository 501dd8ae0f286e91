import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapRevel } from "./revel.ts";
import { refId } from "./revel-resources.ts";

const map = (payload: unknown, currency = "USD"): CanonicalCatalog => completed(mapRevel(payload, { currency }));
const reasons = (payload: unknown) => map(payload).row_errors.map(({ position, reason, item_code }) => [position, reason, item_code]);
const first = (payload: unknown, currency = "USD") => {
  const { products, row_errors } = map(payload, currency);
  expect(row_errors).toEqual([]);
  return products[0] as (typeof products)[number];
};
const answer = (...objects: object[]) => ({
  meta: { limit: 20, next: null, offset: 0, previous: null, total_count: objects.length },
  objects,
});

const uri = (id: number) => `/resources/Product/${id}/`;
const latte = {
  id: 11,
  resource_uri: uri(11),
  name: "Latte",
  description: "With <b>milk</b>",
  price: 4.5,
  cost: "0.0000",
  sku: "LAT",
  barcode: null,
  category: "/products/ProductCategory/3/",
  establishment: "/enterprise/Establishment/56/",
  active: true,
  display_online: true,
  image: null,
};
const hot = {
  id: 3,
  resource_uri: "/products/ProductCategory/3/",
  name: "Hot",
  active: true,
  parent: "/products/ProductCategory/2/",
  sorting: 2,
};
const drinks = { id: 2, resource_uri: "/products/ProductCategory/2/", name: "Drinks", active: true, parent: null, sorting: 1 };

test.each<[unknown, string | null]>([
  ["/resources/Product/3209/", "3209"],
  ["https://x.revelup.com/resources/Product/3209/?format=json", "3209"],
  [3209, "3209"],
  ["3209", "3209"],
  [{ id: 3209 }, "3209"],
  [{ resource_uri: "/resources/Product/3209/" }, "3209"],
  [null, null],
  ["/", null],
  [{}, null],
])("the id in %j is %s", (reference, id) => {
  expect(refId(reference)).toBe(id);
});

describe("a product", () => {
  test("in a list answer", () => {
    expect(first(answer(latte))).toEqual({
      external_id: "11",
      name: "Latte",
      description: "With milk",
      category_external_ids: ["3"],
      image_url: null,
      is_active: true,
      tags: [],
      allergens: [],
      tax_rate_e4: null,
      modifier_groups: [],
      provider_version: null,
      unresolved: ["modifier_groups"],
      variants: [
        {
          position: "objects[0]",
          external_id: "11",
          item_code: "LAT",
          name: null,
          barcode: null,
          base_price_minor: 450,
          currency: "USD",
          is_active: true,
          attributes: {},
          bundle: [],
        },
      ],
    });
  });

  const { resource_uri: _, ...bare } = latte;
  test.each<[string, unknown]>([
    ["by name", { Product: [latte] }],
    ["by another name", { products: answer(latte) }],
    ["among others in a list", [answer(drinks, hot), answer(latte)]],
    ["in a list", [latte]],
    ["by itself", latte],
    ["without an address", answer(bare)],
  ])("%s", (__, payload) => {
    expect(first(payload).variants).toMatchObject([{ external_id: "11", item_code: "LAT" }]);
  });

  test.each<[object, string, number | null]>([
    [{ price: "6.50" }, "USD", 650],
    [{ price: "0.0000" }, "USD", 0],
    [{ price: 1_200 }, "JPY", 1_200],
    [{ price: 35_000 }, "IDR", 3_500_000],
    [{ price: null }, "USD", null],
  ])("costs %j in %s", (fields, currency, minor) => {
    expect(first(answer({ ...latte, ...fields }), currency).variants[0]?.base_price_minor).toBe(minor);
  });

  test.each<[object, object]>([
    [{ sku: null, barcode: "4006381333931" }, { variants: [{ item_code: "4006381333931", barcode: "4006381333931" }] }],
    [{ sku: "", barcode: "" }, { variants: [{ item_code: "11" }] }],
    [{ active: false }, { is_active: false }],
    [{ display_online: false }, { is_active: false }],
    [{ image: "https://img.example/l.png" }, { image_url: "https://img.example/l.png" }],
    [{ tax_rate: 7 }, { tax_rate_e4: 70_000 }],
    [
      {
        tax: {
          id: 1,
          tax_rate: [
            { tax_rate: "5", effective_to: "2020-01-01" },
            { tax_rate: "8.875", effective_to: null },
          ],
        },
      },
      { tax_rate_e4: 88_750 },
    ],
    [{ tax: "/resources/Tax/9/" }, { tax_rate_e4: null, unresolved: ["tax_rate_e4", "modifier_groups"] }],
  ])("%j is %j", (fields, read) => {
    expect(first(answer({ ...latte, ...fields }))).toMatchObject(read);
  });

  test("has the rate of its tax", () => {
    const tax = { id: 9, resource_uri: "/resources/Tax/9/", fiscal_rate: "8.25" };
    expect(first({ Product: [{ ...latte, tax: tax.resource_uri }], Tax: [tax] })).toMatchObject({ tax_rate_e4: 82_500 });
  });
});

test("categories know their parents, as a link or from within; one that is switched off is left out", () => {
  const nested = { ...drinks, subcategories: [{ ...hot, parent: undefined, subcategories: [] }] };
  for (const list of [[hot, drinks], [nested]]) {
    expect(
      map({ ProductCategory: list }).categories.map(({ external_id, parent_external_id }) => [external_id, parent_external_id]),
    ).toEqual([
      ["2", null],
      ["3", "2"],
    ]);
  }
  const off = map({ Product: [latte], ProductCategory: [drinks, { ...hot, active: false }] });
  expect(off.categories.map(({ name }) => name)).toEqual(["Drinks"]);
  expect(off.products[0]?.category_external_ids).toEqual([]);
  expect(map(answer({ ...latte, category: { id: 3, name: "Hot" } })).categories).toMatchObject([{ external_id: "3", name: "Hot" }]);
});

describe("modifiers", () => {
  const milk = { id: 5, resource_uri: "/resources/ModifierClass/5/", name: "Milk", active: true };
  const oat = {
    id: 51,
    resource_uri: "/resources/Modifier/51/",
    name: "Oat",
    price: "0.7500",
    sort: 2,
    active: true,
    modifierClass: milk.resource_uri,
  };
  const whole = { id: 52, resource_uri: "/resources/Modifier/52/", name: "Whole", price: 0, sort: 1, active: false, modifierClass: 5 };
  const use = {
    id: 1,
    resource_uri: "/resources/ProductModifierClass/1/",
    product: uri(11),
    modifierclass: milk.resource_uri,
    active: true,
  };
  const payload = (fields: object) => [answer(latte), answer(milk), answer(oat, whole), answer({ ...use, ...fields })];

  test("belong to their class, and the class to its products", () => {
    expect(map(payload({})).modifier_groups).toEqual([
      {
        external_id: "5",
        name: "Milk",
        min_select: 0,
        max_select: null,
        provider_version: null,
        options: [
          { external_id: "52", name: "Whole", price_delta_minor: 0, item_code: null, is_active: false, is_default: false },
          { external_id: "51", name: "Oat", price_delta_minor: 75, item_code: null, is_active: true, is_default: false },
        ],
      },
    ]);
  });

  test.each<[object, number, number | "unlimited"]>([
    [{}, 0, "unlimited"],
    [{ forced: 1, lock_amount: null }, 1, "unlimited"],
    [{ forced: true, lock_amount: 1 }, 1, 1],
    [{ minimum_amount: 0, maximum_amount: 0 }, 0, "unlimited"],
    [{ minimum_amount: "1", maximum_amount: "2" }, 1, 2],
    [{ minimum_amount: -1, maximum_amount: -1 }, 0, "unlimited"],
  ])("%j asks for %i to %s", (bounds, min_select, max_select) => {
    expect(first(payload(bounds)).modifier_groups).toEqual([{ external_id: "5", min_select, max_select }]);
  });

  test("that nothing is said of stay what they were", () => {
    expect(first([answer(latte), answer(milk), answer(oat)]).unresolved).toEqual(["modifier_groups"]);
    expect(first(payload({ active: false })).unresolved).toBeUndefined();
  });

  test("that are switched off, empty or not used are no choice; what an earlier payload brought stays one", () => {
    expect(first(payload({ active: false })).modifier_groups).toEqual([]);
    expect(first([answer(latte), answer({ ...milk, active: false }), answer(oat), answer(use)]).modifier_groups).toEqual([]);
    expect(first([answer(latte), answer(use)]).modifier_groups).toMatchObject([{ external_id: "5" }]);
    expect(reasons([...payload({ forced: 3, lock_amount: 2 })])).toEqual([["[0].objects[0]", "SELECTION_IMPOSSIBLE", "LAT"]]);
  });
});

describe("sizes", () => {
  const tee = { ...latte, id: 20, resource_uri: uri(20), name: "Tee", sku: "TEE", price: 10 };
  const child = (id: number, value: number, fields: object = {}) => ({
    ...tee,
    id,
    resource_uri: uri(id),
    name: `Tee - ${id}`,
    sku: `TEE-${id}`,
    attribute_parent: uri(20),
    attribute_1: "/resources/Attribute/1/",
    attribute_value_1: `/resources/AttributeValue/${value}/`,
    ...fields,
  });
  const named = {
    Attribute: [{ id: 1, resource_uri: "/resources/Attribute/1/", name: "Size" }],
    AttributeValue: [
      { id: 7, resource_uri: "/resources/AttributeValue/7/", name: "S" },
      { id: 8, resource_uri: "/resources/AttributeValue/8/", name: "L" },
    ],
  };

  test("are the variants of their parent, which is not sold itself", () => {
    const product = first({ Product: [child(21, 7, { price: null }), tee, child(22, 8, { price: "12.00", active: false })], ...named });
    expect(product).toMatchObject({ external_id: "20", name: "Tee" });
    expect(product.variants).toMatchObject([
      { external_id: "21", item_code: "TEE-21", name: "S", base_price_minor: 1_000, attributes: { Size: "S" }, is_active: true },
      { external_id: "22", item_code: "TEE-22", name: "L", base_price_minor: 1_200, attributes: { Size: "L" }, is_active: false },
    ]);
  });

  test("have what their name adds where nothing names their attributes", () => {
    expect(first({ Product: [tee, child(21, 7), child(22, 8)] }).variants.map(({ name }) => name)).toEqual(["21", "22"]);
  });

  test("without their parent stand by themselves", () => {
    expect(map({ Product: [child(21, 7)], ...named }).products).toMatchObject([
      { external_id: "21", name: "Tee - 21", variants: [{ external_id: "21", name: null }] },
    ]);
    expect(first(answer({ ...tee, attribute_parent: uri(20) })).external_id).toBe("20");
  });
});

describe("combos", () => {
  const bagel = { ...latte, id: 12, resource_uri: uri(12), name: "Bagel", sku: "BAG" };
  const toast = { ...latte, id: 13, resource_uri: uri(13), name: "Toast", sku: null };
  const set = (id: number, fields: object) => ({
    id,
    resource_uri: `/resources/ComboProductSet/${id}/`,
    name: `Set ${id}`,
    active: true,
    quantity: 1,
    ...fields,
  });
  const breakfast = { ...latte, id: 30, resource_uri: uri(30), name: "Breakfast", sku: "BRK", price: "9.00", is_combo: true };
  const sets = [
    set(1, { quantity: 2, products: [uri(11)] }),
    set(2, {
      comboset_products: [{ product: uri(12), default_qty: 1 }, { product: uri(13), upcharge_price: "0.50" }, { product: uri(99) }],
    }),
    set(3, { products: [uri(99)] }),
  ];
  const links = sets.map(({ resource_uri }) => resource_uri);

  test.each<[string, unknown]>([
    ["named by their product", { Product: [latte, bagel, toast, { ...breakfast, combo_productsets: links }], ComboProductSet: sets }],
    ["standing in it", { Product: [latte, bagel, toast, { ...breakfast, combo_productsets: sets }] }],
    ["naming it", { Product: [latte, bagel, toast, breakfast], ComboProductSet: sets.map((one) => ({ ...one, product: uri(30) })) }],
  ])("have a part of what stands alone and a choice of the rest, the sets %s", (_, payload) => {
    const { products, modifier_groups, row_errors } = map(payload);
    expect(row_errors).toEqual([]);
    expect(products[3]).toMatchObject({
      external_id: "30",
      modifier_groups: [{ external_id: "combo:2", min_select: null, max_select: null }],
      variants: [{ item_code: "BRK", base_price_minor: 900, bundle: [{ item_code: "LAT", quantity_e4: 20_000 }] }],
    });
    expect(modifier_groups).toMatchObject([
      {
        external_id: "combo:2",
        name: "Set 2",
        min_select: 1,
        max_select: 1,
        options: [
          { external_id: "combo:2/12", name: "Bagel", item_code: "BAG", price_delta_minor: 0, is_default: true },
          { external_id: "combo:2/13", name: "Toast", item_code: "13", price_delta_minor: 50, is_default: false },
        ],
      },
    ]);
  });

  test("hold no combos", () => {
    const party = { ...breakfast, id: 31, resource_uri: uri(31), sku: "PTY", combo_productsets: [set(9, { products: [uri(30)] })] };
    expect(reasons({ Product: [latte, { ...breakfast, combo_productsets: [sets[0]] }, party] })).toEqual([
      ["Product[2]", "BUNDLE_NESTED", "PTY"],
    ]);
  });
});

test("stock is counted at its establishment, with its products or alone", () => {
  const counts = [
    {
      id: 1,
      resource_uri: "/resources/Inventory/1/",
      product: uri(11),
      establishment: "/enterprise/Establishment/56/",
      quantity_in_hand: "7.5000",
    },
    { id: 2, resource_uri: "/resources/Inventory/2/", product: uri(12), establishment: null, quantity_in_hand: -2 },
    { id: 3, resource_uri: "/resources/Inventory/3/", product: uri(13), quantity_in_hand: null },
  ];
  const stock = [
    { position: "objects[0]", variant_external_id: "11", location_external_id: "56", quantity_e4: 75_000, counted_at_ms: null },
    { position: "objects[1]", variant_external_id: "12", location_external_id: null, quantity_e4: -20_000, counted_at_ms: null },
  ];
  expect(map(answer(...counts))).toMatchObject({ products: [], row_errors: [], stock });
  expect(map([answer(latte), answer(...counts)]).stock).toHaveLength(2);
});

describe("what cannot be taken", () => {
  test("rows by themselves, each once", () => {
    expect(reasons({ Product: [{ ...latte, name: " " }, 5, { ...latte, id: 12, sku: "B", price: "much" }, latte, latte] })).toEqual([
      ["Product[1]", "ROW_INVALID", null],
      ["Product[0]", "NAME_MISSING", "LAT"],
      ["Product[2]", "PRICE_INVALID", "B"],
      ["Product[4]", "DUPLICATE_EXTERNAL_ID", "LAT"],
    ]);
    expect(reasons(answer({ ...latte, id: null, resource_uri: undefined }))).toEqual([["objects[0]", "ID_MISSING", "LAT"]]);
  });

  test("other resources come along", () => {
    expect(reasons(answer(latte, { id: 1, resource_uri: "/enterprise/User/1/" }, { colour: "red" }))).toEqual([
      ["objects[2]", "ROW_INVALID", null],
    ]);
  });

  test.each([null, 5, {}, [5], { error: "no" }, answer({ id: 1, resource_uri: "/enterprise/User/1/" })])("%j", (payload) => {
    expect(() => map(payload)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });

  test("nothing at all", () => {
    expect(map(answer())).toEqual(map({ Product: [] }));
  });
});
