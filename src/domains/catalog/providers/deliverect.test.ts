import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapDeliverect } from "./deliverect.ts";
import { readProductTags } from "./deliverect-labels.ts";

const map = (payload: unknown, currency = "EUR"): CanonicalCatalog => completed(mapDeliverect(payload, { currency }));
const reasons = (payload: unknown) => map(payload).row_errors.map(({ position, reason, item_code }) => [position, reason, item_code]);
const sync = (...products: object[]) => ({ accountId: "a1", locationId: "loc1", products });
const product = (payload: unknown, plu: string, currency = "EUR") => {
  const found = map(payload, currency).products.find(({ external_id }) => external_id === plu);
  if (found === undefined) throw new Error(`${plu} is missing: ${JSON.stringify(map(payload, currency).row_errors)}`);
  return found;
};
const group = (payload: unknown, plu: string) => map(payload).modifier_groups.find(({ external_id }) => external_id === plu);

const burger = {
  productType: 1,
  plu: "BUR",
  name: "Burger",
  price: 950,
  posCategoryIds: ["C1"],
  subProducts: ["SAUCE"],
  deliveryTax: 9000,
};
const sauces = { productType: 3, plu: "SAUCE", name: "Sauces", min: 0, max: 2, subProducts: ["KET", "MAYO"] };
const ketchup = { productType: 2, plu: "KET", name: "Ketchup", price: 50 };
const mayo = { productType: 2, plu: "MAYO", name: "Mayo", price: 60, defaultQuantity: 1 };
const categories = [{ posCategoryId: "C1", name: "Mains" }];

describe("a till's products", () => {
  test("with their groups, categories and taxes", () => {
    const { products, modifier_groups, categories: read, row_errors } = map({ ...sync(burger, sauces, ketchup, mayo), categories });
    expect(row_errors).toEqual([]);
    expect(read).toEqual([{ external_id: "C1", name: "Mains", parent_external_id: null, position: 0 }]);
    expect(products).toEqual([
      {
        external_id: "BUR",
        name: "Burger",
        description: null,
        category_external_ids: ["C1"],
        image_url: null,
        is_active: true,
        tags: [],
        allergens: [],
        tax_rate_e4: 90_000,
        modifier_groups: [{ external_id: "SAUCE", min_select: null, max_select: null }],
        variants: [
          {
            position: "products[0]",
            external_id: "BUR",
            item_code: "BUR",
            name: null,
            barcode: null,
            base_price_minor: 950,
            currency: "EUR",
            is_active: true,
            attributes: {},
            bundle: [],
          },
        ],
        provider_version: null,
      },
    ]);
    expect(modifier_groups).toEqual([
      {
        external_id: "SAUCE",
        name: "Sauces",
        min_select: 0,
        max_select: 2,
        provider_version: null,
        options: [
          { external_id: "SAUCE/KET", name: "Ketchup", price_delta_minor: 50, item_code: null, is_active: true, is_default: false },
          { external_id: "SAUCE/MAYO", name: "Mayo", price_delta_minor: 60, item_code: null, is_active: true, is_default: true },
        ],
      },
    ]);
  });

  test.each<[string, number, number]>([
    ["EUR", 950, 950],
    ["JPY", 95_000, 950],
    ["KWD", 950, 9_500],
  ])("have two implied decimals, whatever %s has", (currency, price, minor) => {
    expect(product(sync({ ...burger, price, subProducts: [] }), "BUR", currency).variants[0]?.base_price_minor).toBe(minor);
  });

  test.each([
    [{ min: 0, max: 0 }, 0, null],
    [{ min: 1, max: 0 }, 1, null],
    [{ min: -1, max: -1 }, 0, null],
    [{}, 0, null],
    [{ min: 1, max: 1 }, 1, 1],
    [{ min: "1", max: "2" }, 1, 2],
    [{ min: 1, max: 1, multiply: 2 }, 2, 2],
  ])("a group of %j asks for %i to %s", (bounds, min_select, max_select) => {
    const { min: _, max: __, ...open } = sauces;
    expect(group(sync(burger, { ...open, ...bounds }, ketchup, mayo), "SAUCE")).toMatchObject({ min_select, max_select });
  });

  test("cost what their group says: the same option twice, each after its group", () => {
    const dips = { ...sauces, plu: "DIPS", name: "Dips", subProducts: ["KET"] };
    const overloaded = { ...ketchup, overloads: [{ scopes: ["DIPS"], price: 0, name: "Ketchup on the house" }] };
    const payload = sync({ ...burger, subProducts: ["SAUCE", "DIPS"] }, sauces, dips, overloaded, mayo);
    expect(
      map(payload).modifier_groups.map(({ options }) => options.map((one) => [one.external_id, one.name, one.price_delta_minor])),
    ).toEqual([
      [
        ["SAUCE/KET", "Ketchup", 50],
        ["SAUCE/MAYO", "Mayo", 60],
      ],
      [["DIPS/KET", "Ketchup on the house", 0]],
    ]);
  });

  test("change a group's bounds for one product", () => {
    const own = { ...sauces, overloads: [{ scopes: ["BUR"], min: 1, max: 0 }] };
    expect(product(sync(burger, own, ketchup, mayo), "BUR").modifier_groups).toEqual([
      { external_id: "SAUCE", min_select: 1, max_select: "unlimited" },
    ]);
  });

  test("and modifiers by the same PLU are two things", () => {
    const fries = { productType: 1, plu: "FRY", name: "Fries", price: 300, posCategoryIds: "C1" };
    const extra = { productType: 2, plu: "FRY", name: "Extra fries", price: 200 };
    const payload = {
      ...sync({ ...burger, subProducts: ["SIDE"] }, fries, extra, { ...sauces, plu: "SIDE", subProducts: ["FRY"] }),
      categories,
    };
    expect(product(payload, "FRY").variants[0]?.base_price_minor).toBe(300);
    expect(group(payload, "SIDE")?.options).toMatchObject([
      { external_id: "SIDE/FRY", name: "Extra fries", item_code: null, price_delta_minor: 200 },
    ]);
  });

  test.each([
    [{}, true, true],
    [{ visible: false }, false, true],
    [{ snoozed: true }, true, false],
    [{ posCategoryIds: "" }, true, true],
    [{ posCategoryIds: null }, true, true],
  ])("%j: product active %s, variant active %s", (fields, isActive, isVariantActive) => {
    const read = product({ ...sync({ ...burger, ...fields }, sauces, ketchup, mayo), categories }, "BUR");
    expect([read.is_active, read.variants[0]?.is_active]).toEqual([isActive, isVariantActive]);
  });

  test("count their stock at their location", () => {
    const stocked = sync({ ...burger, subProducts: [], stock: 12 }, { ...burger, plu: "B2", subProducts: [], stock: "plenty" });
    expect(map(stocked).stock).toEqual([
      { position: "products[0]", variant_external_id: "BUR", location_external_id: "loc1", quantity_e4: 120_000, counted_at_ms: null },
    ]);
  });

  test("say what is in them by numbers", () => {
    const tagged = product(sync({ ...burger, subProducts: [], productTags: [5, 2, 104, 109, 127, 117, 999] }), "BUR");
    expect(tagged.tags).toEqual(["deliverect_999", "halal", "vegetarian"]);
    expect(tagged.allergens).toEqual(["cashews", "eggs", "gluten", "tree_nuts", "wheat"]);
    expect(readProductTags([1, 57, 100, 113, 128, 132, 134])).toEqual({
      tags: ["alcohol", "sharp_objects", "sugared_drink"],
      allergens: ["celery", "sulphites", "shellfish", "crustaceans", "molluscs", "gluten"],
    });
  });

  test.each([
    [{ deliveryTax: 0 }, 0],
    [{ deliveryTax: null, takeawayTax: 5500 }, 55_000],
    [{ deliveryTax: undefined }, null],
  ])("taxes %j", (taxes, rate) => {
    expect(product(sync({ ...burger, subProducts: [], ...taxes }), "BUR").tax_rate_e4).toBe(rate);
  });
});

describe("variants", () => {
  const cola = { productType: 1, plu: "COLA", name: "Cola", price: 0, isVariant: true, subProducts: ["SIZE"], posCategoryIds: ["C1"] };
  const size = { productType: 3, plu: "SIZE", name: "Size", isVariantGroup: true, min: 1, max: 1, subProducts: ["CO-S", "CO-L"] };
  const small = { productType: 1, plu: "CO-S", name: "Small", price: 250, gtin: ["4006381333931"], subProducts: ["ICE"] };
  const large = { productType: 1, plu: "CO-L", name: "Large", price: 350, stock: 3, snoozed: true };
  const ice = { productType: 3, plu: "ICE", name: "Ice", min: 1, max: 1, subProducts: ["KET"] };

  test("have full prices, and are no products and no options", () => {
    const { products, modifier_groups, row_errors, stock } = map({ ...sync(cola, size, small, large, ice, ketchup), categories });
    expect(row_errors).toEqual([]);
    expect(modifier_groups.map(({ external_id }) => external_id)).toEqual(["ICE"]);
    expect(products).toHaveLength(1);
    expect(products[0]?.variants).toMatchObject([
      { external_id: "COLA/CO-S", item_code: "CO-S", name: "Small", base_price_minor: 250, is_active: true, barcode: "4006381333931" },
      {
        external_id: "COLA/CO-L",
        item_code: "CO-L",
        name: "Large",
        base_price_minor: 350,
        is_active: false,
        attributes: { Size: "Large" },
      },
    ]);
    // Only one of the two asks for ice: nobody can be made to answer.
    expect(products[0]?.modifier_groups).toEqual([{ external_id: "ICE", min_select: 0, max_select: null }]);
    expect(stock).toMatchObject([{ variant_external_id: "COLA/CO-L", quantity_e4: 30_000 }]);
  });

  test("of a menu add to the lowest price", () => {
    const menu = {
      categories: [{ _id: "c", name: "Drinks", subProducts: ["1"] }],
      products: { 1: { ...cola, price: 250, subProducts: ["2"] } },
      modifierGroups: { 2: { ...size, subProducts: ["3", "4"] } },
      modifiers: { 3: { ...small, productType: 2, price: 0, subProducts: [] }, 4: { ...large, productType: 2, price: 100 } },
    };
    expect(product(menu, "COLA").variants.map((one) => [one.item_code, one.base_price_minor])).toEqual([
      ["CO-S", 250],
      ["CO-L", 350],
    ]);
  });

  test("that two products share keep the product in their code", () => {
    const lemonade = { ...cola, plu: "LEM", name: "Lemonade" };
    const { products } = map({ ...sync(cola, lemonade, size, { ...small, subProducts: [] }, large), categories });
    expect(products.flatMap(({ variants }) => variants.map(({ item_code }) => item_code))).toEqual([
      "COLA/CO-S",
      "COLA/CO-L",
      "LEM/CO-S",
      "LEM/CO-L",
    ]);
  });

  test("of which none is there", () => {
    expect(reasons(sync(cola, size))).toEqual([["products[0]", "VARIANTS_MISSING", "COLA"]]);
  });
});

describe("bundles", () => {
  const cola = { productType: 1, plu: "COLA", name: "Cola", price: 250, posCategoryIds: ["C1"] };
  const water = { productType: 1, plu: "WATER", name: "Water", price: 200, overloads: [{ scopes: ["DRINK"], bundlePrice: 30 }] };
  const menu = {
    productType: 1,
    plu: "MENU",
    name: "Menu",
    price: 1_200,
    isCombo: true,
    posCategoryIds: ["C1"],
    subProducts: ["MAIN", "DRINK"],
  };
  const main = { productType: 4, plu: "MAIN", name: "Main", min: 1, max: 1, subProducts: ["BUR"] };
  const drink = { productType: 4, plu: "DRINK", name: "Drink", min: 1, max: 1, subProducts: ["COLA", "WATER", "GONE"] };
  const payload = { ...sync(menu, main, drink, { ...burger, subProducts: [] }, cola, water), categories };

  test("hold what there is no choice of; alternatives cost nothing unless they are overloaded", () => {
    expect(product(payload, "MENU").variants[0]?.bundle).toEqual([{ item_code: "BUR", quantity_e4: 10_000 }]);
    expect(product(payload, "MENU").modifier_groups.map(({ external_id }) => external_id)).toEqual(["DRINK"]);
    expect(map(payload).modifier_groups).toMatchObject([
      {
        external_id: "DRINK",
        min_select: 1,
        max_select: 1,
        options: [
          { external_id: "DRINK/COLA", item_code: "COLA", price_delta_minor: 0 },
          { external_id: "DRINK/WATER", item_code: "WATER", price_delta_minor: 30 },
        ],
      },
    ]);
    expect(map(payload).row_errors).toEqual([]);
  });

  test("show what is only sold in them as not for sale by itself", () => {
    expect(map(payload).products.map(({ external_id, is_active }) => [external_id, is_active])).toEqual([
      ["MENU", true],
      ["BUR", true],
      ["COLA", true],
      ["WATER", false],
    ]);
  });

  test("hold no bundles", () => {
    const party = { ...menu, plu: "PARTY", name: "Party", subProducts: ["MENUS"] };
    const menus = { productType: 4, plu: "MENUS", name: "Menus", min: 4, max: 4, subProducts: ["MENU"] };
    expect(reasons({ ...payload, products: [...payload.products, party, menus] })).toEqual([["products[6]", "BUNDLE_NESTED", "PARTY"]]);
  });
});

describe("a menu", () => {
  const pushed = {
    menu: "Dinner",
    menuId: "m1",
    menuType: 2,
    channelLinkId: "link",
    currency: 1,
    categories: [
      { _id: "cat1", name: "Mains", subProducts: ["p1"], subCategories: [{ _id: "cat2", name: "Snacks", subProducts: ["p2", "nobody"] }] },
    ],
    products: {
      p1: {
        _id: "p1",
        plu: "BUR",
        productType: 1,
        name: "Burger",
        price: 950,
        deliveryTax: 9000,
        takeawayTax: 6000,
        subProducts: ["g1", "b1", "gone"],
      },
      p2: { _id: "p2", plu: "DRN-03", productType: 1, name: "Fanta", price: 150, imageUrl: "", subProducts: [] },
      p3: { _id: "p3", plu: "DRN-03###", productType: 1, name: "Fanta", price: 0, subProducts: [] },
      p4: { _id: "p4", plu: "DRN-04###", referenceId: "DRN-04", productType: 1, name: "Water", price: 20, subProducts: [] },
    },
    modifierGroups: { g1: { _id: "g1", plu: "TOP", productType: 3, name: "Toppings", min: 0, max: 0, subProducts: ["m1", "m2", "hole"] } },
    modifiers: {
      m1: { _id: "m1", plu: "BAC-#O1#-", productType: 2, name: "Bacon", price: 100 },
      m2: { _id: "m2", plu: "PEP-#O1#-", productType: 2, name: "Pepper", price: 0, snoozed: false },
    },
    bundles: { b1: { _id: "b1", plu: "DRINK", productType: 4, name: "Drink", min: 1, max: 1, subProducts: ["p3", "p4"] } },
    snoozedProducts: { m1: { snoozeStart: "2026-01-01T00:00:00Z" }, m2: {} },
  };

  test("has its holes left out, and instances by the PLU of what they are", () => {
    const { categories: read, products, modifier_groups, row_errors } = map(pushed);
    expect(row_errors).toEqual([]);
    expect(read.map(({ external_id, parent_external_id }) => [external_id, parent_external_id])).toEqual([
      ["cat1", null],
      ["cat2", "cat1"],
    ]);
    expect(
      products.map(({ external_id, category_external_ids, tax_rate_e4 }) => [external_id, category_external_ids, tax_rate_e4]),
    ).toEqual([
      ["BUR", ["cat1"], 60_000],
      ["DRN-03", ["cat2"], null],
    ]);
    expect(modifier_groups).toMatchObject([
      {
        external_id: "TOP",
        max_select: null,
        options: [
          { external_id: "TOP/BAC", price_delta_minor: 100, is_active: false },
          { external_id: "TOP/PEP", price_delta_minor: 0, is_active: true },
        ],
      },
      {
        external_id: "DRINK",
        options: [
          { external_id: "DRINK/DRN-03", item_code: "DRN-03", price_delta_minor: 0 },
          { external_id: "DRINK/DRN-04", item_code: "DRN-04", price_delta_minor: 20 },
        ],
      },
    ]);
  });

  test.each<[string, (menu: object) => unknown]>([
    ["by itself", (menu) => menu],
    ["in a list", (menu) => [menu]],
    ["twice, as for delivery and for collection", (menu) => [menu, { ...menu, menuId: "m2" }]],
    ["under menus", (menu) => ({ menus: [menu] })],
  ])("%s", (_, wrap) => {
    const read = map(wrap(pushed));
    expect(read.row_errors).toEqual([]);
    expect(read.products.map(({ external_id }) => external_id)).toEqual(["BUR", "DRN-03"]);
    expect(read.modifier_groups.map(({ external_id }) => external_id)).toEqual(["TOP", "DRINK"]);
  });

  test("of the commerce API has ids without an underscore, and nothing where there is nothing", () => {
    const bare = JSON.parse(JSON.stringify(pushed).replaceAll('"_id"', '"id"'));
    bare.products.p2 = { ...bare.products.p2, description: null, imageUrl: null, productTags: null, min: null, max: null };
    expect(map(bare).products).toHaveLength(2);
  });
});

describe("what cannot be taken", () => {
  test("rows by themselves", () => {
    expect(reasons(sync({ ...burger, name: "" }, { ...burger, plu: null, _id: null }, { ...burger, plu: "B", price: 9.5 }))).toEqual([
      ["products[0]", "NAME_MISSING", "BUR"],
      ["products[1]", "ID_MISSING", null],
      ["products[2]", "PRICE_NOT_INTEGER", "B"],
    ]);
    expect(reasons({ products: [5, { ...burger, subProducts: [] }, { ...burger, subProducts: [] }] })).toEqual([
      ["products[0]", "ROW_INVALID", null],
      ["products[2]", "DUPLICATE_EXTERNAL_ID", "BUR"],
    ]);
    expect(reasons(sync({ ...burger, deliveryTax: 200_000 }, sauces, ketchup))).toEqual([["products[0]", "TAX_RATE_INVALID", "BUR"]]);
  });

  test("a choice that nobody can make, and what needs it", () => {
    expect(reasons(sync(burger, { ...sauces, min: 3, max: 2 }, ketchup, mayo))).toEqual([
      ["products[1]", "SELECTION_IMPOSSIBLE", null],
      ["products[0]", "MODIFIER_GROUP_REFUSED", "BUR"],
    ]);
    expect(reasons(sync(burger, { ...sauces, min: 1 }))).toEqual([
      ["products[1]", "OPTIONS_MISSING", null],
      ["products[0]", "MODIFIER_GROUP_REFUSED", "BUR"],
    ]);
    // A choice of nothing that nobody has to make is none.
    expect(product(sync(burger, sauces), "BUR").modifier_groups).toEqual([]);
  });

  test.each([null, 5, {}, { products: "all" }, [5], { menus: [5] }, { operations: [{ action: "snooze" }] }])("%j", (payload) => {
    expect(() => map(payload)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });
});
