import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { expectSoundCatalog } from "../../../../test/support/node/expect-sound-catalog.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { mapCata as cataSteps } from "./cata.ts";
import { PROVIDERS, providerOf } from "./index.ts";

const SGD = { currency: "SGD" };
const mapCata = (payload: unknown, context: ProviderContext): CanonicalCatalog => completed(cataSteps(payload, context));
const map = (payload: object): CanonicalCatalog => mapCata(payload, SGD);
const variantsOf = (catalog: CanonicalCatalog): CanonicalVariant[] => catalog.products.flatMap(({ variants }) => variants);
const errorsOf = (catalog: CanonicalCatalog): (string | null)[][] =>
  catalog.row_errors.map(({ position, item_code, reason }) => [position, item_code, reason]);

const milk = {
  id: "milk",
  name: "Milk",
  min: 1,
  max: 1,
  options: [
    { id: "whole", name: "Whole", price: 0, default: true },
    { id: "oat", name: "Oat", price: 80, item_code: "OAT-1" },
  ],
};
const tea = { id: "tea", name: "Tea", price: 350 };

describe("a whole payload", () => {
  test("every field finds its place", () => {
    const catalog = map({
      format: "cata/1",
      currency: "JPY",
      categories: [
        { id: "drinks", name: "  Drinks \n" },
        { id: 12, name: "Coffee", parent_id: "drinks" },
      ],
      modifier_groups: [{ ...milk, version: 4 }],
      products: [
        {
          id: "latte",
          name: "Latte",
          description: "<p>Espresso &amp; <em>steamed</em> milk</p>",
          categories: ["12", "drinks", "12"],
          image_url: " https://images.example/latte.svg ",
          tags: ["Vegetarian", "house favourite", "vegetarian"],
          allergens: ["Dairy", "wheat", "SOYA"],
          tax_rate: 8.875,
          modifier_groups: ["milk"],
          updated_at: "2026-03-01T08:00:00+08:00",
          variants: [
            { id: "latte-s", item_code: "LAT-S", name: "Small", price: 600, barcode: 4006381333931, attributes: { size: "S", ml: 240 } },
            { item_code: "LAT-L", name: "Large", price: 720, currency: "SGD", active: false },
          ],
        },
        {
          id: "set",
          name: "Set",
          item_code: "SET",
          price: 1,
          active: false,
          bundle: [{ item_code: "LAT-S", quantity: 0.5 }, { item_code: "LAT-S" }],
        },
      ],
    });
    expect(catalog).toEqual({
      categories: [
        { external_id: "drinks", name: "Drinks", parent_external_id: null, position: 0 },
        { external_id: "12", name: "Coffee", parent_external_id: "drinks", position: 1 },
      ],
      modifier_groups: [
        {
          external_id: "milk",
          name: "Milk",
          min_select: 1,
          max_select: 1,
          provider_version: 4,
          options: [
            { external_id: "whole", name: "Whole", price_delta_minor: 0, item_code: null, is_active: true, is_default: true },
            { external_id: "oat", name: "Oat", price_delta_minor: 80, item_code: "OAT-1", is_active: true, is_default: false },
          ],
        },
      ],
      products: [
        {
          external_id: "latte",
          name: "Latte",
          description: "Espresso & steamed milk",
          category_external_ids: ["12", "drinks"],
          image_url: "https://images.example/latte.svg",
          is_active: true,
          tags: ["house_favourite", "vegetarian"],
          allergens: ["gluten", "milk", "soy", "wheat"],
          tax_rate_e4: 88_750,
          modifier_groups: [{ external_id: "milk", min_select: null, max_select: null }],
          provider_version: Date.UTC(2026, 2, 1),
          variants: [
            {
              position: "products[0].variants[0]",
              external_id: "latte-s",
              item_code: "LAT-S",
              name: "Small",
              barcode: "4006381333931",
              base_price_minor: 600,
              currency: "JPY",
              is_active: true,
              attributes: { size: "S", ml: "240" },
              bundle: [],
            },
            {
              position: "products[0].variants[1]",
              external_id: "LAT-L",
              item_code: "LAT-L",
              name: "Large",
              barcode: null,
              base_price_minor: 720,
              currency: "SGD",
              is_active: false,
              attributes: {},
              bundle: [],
            },
          ],
        },
        {
          external_id: "set",
          name: "Set",
          description: null,
          category_external_ids: [],
          image_url: null,
          is_active: false,
          tags: [],
          allergens: [],
          tax_rate_e4: null,
          modifier_groups: [],
          provider_version: null,
          variants: [
            {
              position: "products[1]",
              external_id: "set",
              item_code: "SET",
              name: null,
              barcode: null,
              base_price_minor: 1,
              currency: "JPY",
              is_active: true,
              attributes: {},
              bundle: [{ item_code: "LAT-S", quantity_e4: 15_000 }],
            },
          ],
        },
      ],
      row_errors: [],
      stock: [],
    });
  });

  test("the example of the documentation is taken in as it stands", () => {
    const page = readFileSync(resolve(process.cwd(), "docs/providers/cata.md"), "utf8");
    const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "null");
    const catalog = map(example);
    expect(catalog.row_errors).toEqual([]);
    expect(variantsOf(catalog).map(({ item_code, base_price_minor }) => [item_code, base_price_minor])).toEqual([
      ["LATTE-R", 580],
      ["LATTE-L", 680],
      ["KAYA", 320],
      ["SET", 800],
    ]);
  });

  test("null and empty text are the same as left out", () => {
    const blank = {
      item_code: "",
      price: null,
      barcode: " ",
      description: "",
      image_url: "",
      tax_rate: null,
      variants: null,
      categories: null,
    };
    const catalog = map({ categories: null, products: [{ id: "a", name: "A", ...blank }] });
    expect(catalog.row_errors).toEqual([]);
    expect(variantsOf(catalog)).toMatchObject([{ item_code: "a", base_price_minor: null, currency: null, barcode: null, name: null }]);
  });

  test("a single entry in variants has no name of its own", () => {
    expect(variantsOf(map({ products: [{ id: "a", name: "A", variants: [{ id: "v", name: "Regular" }] }] }))).toMatchObject([
      { name: null },
    ]);
  });

  test("a product may narrow or lift a group's bounds", () => {
    const links = [
      { id: "milk", min: 0 },
      { id: "sugar", max: null },
    ];
    const sugar = { id: "sugar", name: "Sugar", min: 0, max: 1, options: [{ id: "one", name: "One", price: 0 }] };
    const catalog = map({ modifier_groups: [milk, sugar], products: [{ ...tea, modifier_groups: links }] });
    expect(catalog.products[0]?.modifier_groups).toEqual([
      { external_id: "milk", min_select: 0, max_select: null },
      { external_id: "sugar", min_select: null, max_select: "unlimited" },
    ]);
  });

  test.each([
    ["null", null],
    ["a list", []],
    ["text", "products"],
    ["nothing in it", {}],
    ["products of another kind", { products: {} }],
    ["categories of another kind", { products: [], categories: "none" }],
    ["another format", { format: "cata/2", products: [] }],
    ["a currency that is no text", { currency: 702, products: [] }],
  ])("%s is no cata payload", (_, payload) => {
    expect(() => mapCata(payload, SGD)).toThrow(
      expect.objectContaining({ code: "PAYLOAD_UNREADABLE", message: expect.stringContaining('only "products" is required') }),
    );
  });
});

describe("one bad row is one error", () => {
  test.each([
    [{ price: -1 }, "PRICE_NEGATIVE"],
    [{ price: 3.5 }, "PRICE_NOT_INTEGER"],
    [{ price: "350" }, "PRICE_INVALID"],
    [{ price: 2 ** 53 }, "PRICE_INVALID"],
    [{ currency: "XYZ" }, "CURRENCY_UNKNOWN"],
    [{ currency: "sgd" }, "CURRENCY_UNKNOWN"],
    [{ name: "  " }, "NAME_MISSING"],
    [{ name: undefined }, "NAME_MISSING"],
    [{ name: "x".repeat(501) }, "NAME_INVALID"],
    [{ id: "" }, "ID_MISSING"],
    [{ id: "a\u0000b" }, "ID_INVALID"],
    [{ categories: ["stray"] }, "CATEGORY_UNKNOWN"],
    [{ modifier_groups: ["stray"] }, "MODIFIER_GROUP_UNKNOWN"],
    [{ modifier_groups: [{ id: "milk", min: 2 }] }, "SELECTION_IMPOSSIBLE"],
    [{ modifier_groups: [{ id: "milk", max: 0 }] }, "MAX_INVALID"],
    [{ tax_rate: 8.12345 }, "TAX_RATE_INVALID"],
    [{ tax_rate: -8 }, "TAX_RATE_NEGATIVE"],
    [{ image_url: "/tea.png" }, "IMAGE_URL_INVALID"],
    [{ image_url: "javascript:alert(1)" }, "IMAGE_URL_INVALID"],
    [{ updated_at: "yesterday" }, "UPDATED_AT_INVALID"],
    [{ active: "yes" }, "ACTIVE_INVALID"],
    [{ bundle: [{ item_code: "nowhere" }] }, "BUNDLE_ITEM_UNKNOWN"],
    [{ bundle: [{ item_code: "good", quantity: 0 }] }, "QUANTITY_INVALID"],
    [{ variants: [] }, "VARIANTS_INVALID"],
    [{ variants: [{ id: "v" }] }, "VARIANTS_AMBIGUOUS"],
  ])("%j: %s", (change, reason) => {
    const catalog = map({
      modifier_groups: [milk],
      products: [
        { ...tea, item_code: "TEA", ...change },
        { id: "good", name: "Good", price: 1 },
      ],
    });
    expect(errorsOf(catalog)).toEqual([[expect.stringMatching(/^products\[0\]/), expect.anything(), reason]]);
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["good"]);
  });

  test("a row that is no object", () => {
    expect(errorsOf(map({ products: [7, null, []] }))).toEqual([0, 1, 2].map((at) => [`products[${at}]`, null, "ROW_INVALID"]));
  });

  test("a bad product fails each of its variants, a bad variant only itself", () => {
    const variants = [
      { item_code: "a", name: "A", price: 1 },
      { item_code: "b", name: "B", price: -1 },
      { item_code: "c", price: 1 },
      { name: "D", price: 1 },
    ];
    const catalog = map({
      products: [
        { id: "bad", name: "", variants },
        { id: "good", name: "Good", variants },
      ],
    });
    expect(errorsOf(catalog)).toEqual([
      ["products[0].variants[0]", "a", "NAME_MISSING"],
      ["products[0].variants[1]", "b", "NAME_MISSING"],
      ["products[0].variants[2]", "c", "NAME_MISSING"],
      ["products[0].variants[3]", null, "NAME_MISSING"],
      ["products[1].variants[1]", "b", "PRICE_NEGATIVE"],
      ["products[1].variants[2]", "c", "NAME_MISSING"],
      ["products[1].variants[3]", null, "ID_MISSING"],
    ]);
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["a"]);
  });

  test("duplicates name both places and the first stands", () => {
    const catalog = map({
      categories: [
        { id: "c", name: "One" },
        { id: "c", name: "Two" },
      ],
      modifier_groups: [milk, { ...milk, options: [{ id: "x", name: "X", price: 0 }] }, { ...milk, id: "milk-2" }],
      products: [
        tea,
        { ...tea, item_code: "other" },
        { id: "t2", name: "Also tea", item_code: "tea" },
        { id: "t3", name: "Sizes", variants: ["v", "v"].map((id, index) => ({ id, item_code: `s${index}`, name: id })) },
      ],
    });
    expect(errorsOf(catalog)).toEqual([
      ["categories[1]", null, "DUPLICATE_EXTERNAL_ID"],
      ["modifier_groups[1]", null, "DUPLICATE_EXTERNAL_ID"],
      ["modifier_groups[2].options[0]", null, "DUPLICATE_EXTERNAL_ID"],
      ["modifier_groups[2].options[1]", "OAT-1", "DUPLICATE_EXTERNAL_ID"],
      ["modifier_groups[2]", null, "OPTIONS_MISSING"],
      ["products[1]", "other", "DUPLICATE_EXTERNAL_ID"],
      ["products[2]", "tea", "DUPLICATE_ITEM_CODE"],
      ["products[3].variants[1]", "s1", "DUPLICATE_EXTERNAL_ID"],
    ]);
    expect(catalog.categories.map(({ name }) => name)).toEqual(["One"]);
    expect(catalog.row_errors.at(-2)?.message).toBe(
      'item_code "tea" at products[2] was already taken by products[0]; the first one stands.',
    );
  });

  test("a refused row claims nothing: its code is free for a readable one", () => {
    const catalog = map({
      products: [
        { ...tea, price: -1 },
        { ...tea, name: "Tea again" },
      ],
    });
    expect(catalog.products.map(({ name }) => name)).toEqual(["Tea again"]);
    expect(catalog.row_errors).toHaveLength(1);
  });

  test("categories: unknown parents and circles are refused; a product keeps the categories that stand", () => {
    const catalog = map({
      categories: [
        { id: "a", name: "A", parent_id: "b" },
        { id: "b", name: "B", parent_id: "a" },
        { id: "under-b", name: "Under B", parent_id: "b" },
        { id: "self", name: "Self", parent_id: "self" },
        { id: "orphan", name: "Orphan", parent_id: "nowhere" },
        { id: "fine", name: "Fine" },
      ],
      products: [{ ...tea, categories: ["a", "fine"] }],
    });
    expect(errorsOf(catalog)).toEqual([
      ["categories[0]", null, "CATEGORY_CYCLE"],
      ["categories[1]", null, "CATEGORY_CYCLE"],
      ["categories[3]", null, "CATEGORY_CYCLE"],
      ["categories[4]", null, "CATEGORY_UNKNOWN"],
    ]);
    expect(catalog.categories).toEqual([
      { external_id: "under-b", name: "Under B", parent_external_id: null, position: 0 },
      { external_id: "fine", name: "Fine", parent_external_id: null, position: 1 },
    ]);
    expect(catalog.products[0]?.category_external_ids).toEqual(["fine"]);
  });

  test("a group that is refused takes the products with it that need it; a bad option only itself", () => {
    const sugar = { id: "sugar", name: "Sugar", min: 0, max: 0, options: [{ id: "one", name: "One", price: 0 }] };
    const options = [...milk.options, { id: "soy", name: "Soy", price: -20 }];
    const catalog = map({
      modifier_groups: [{ ...milk, options }, sugar],
      products: [
        { ...tea, modifier_groups: ["milk"] },
        { id: "coffee", name: "Coffee", modifier_groups: ["sugar"] },
      ],
    });
    expect(errorsOf(catalog)).toEqual([
      ["modifier_groups[0].options[2]", null, "PRICE_NEGATIVE"],
      ["modifier_groups[1]", null, "MAX_INVALID"],
      ["products[1]", "coffee", "MODIFIER_GROUP_REFUSED"],
    ]);
    expect(catalog.modifier_groups[0]?.options).toHaveLength(2);
  });

  test("a bundle of a bundle, of itself and of a refused row are refused; nothing else falls with them", () => {
    const bundle = (id: string, itemCode: string) => ({ id, name: id, bundle: [{ item_code: itemCode }] });
    const catalog = map({
      products: [
        tea,
        bundle("set", "tea"),
        bundle("feast", "set"),
        bundle("loop", "loop"),
        { ...tea, id: "bad", price: -1 },
        bundle("none", "bad"),
      ],
    });
    expect(errorsOf(catalog)).toEqual([
      ["products[4]", "bad", "PRICE_NEGATIVE"],
      ["products[2]", "feast", "BUNDLE_NESTED"],
      ["products[3]", "loop", "BUNDLE_NESTED"],
      ["products[5]", "none", "BUNDLE_ITEM_UNKNOWN"],
    ]);
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["tea", "set"]);
  });

  test("hostile keys are data like any other", () => {
    const payload = JSON.parse(
      '{"products":[{"id":"__proto__","name":"constructor","attributes":{"__proto__":"x","toString":"y"}},{"id":"constructor","name":"A"}]}',
    );
    const catalog = map(payload);
    expect(catalog.row_errors).toEqual([]);
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(variantsOf(catalog)[0]?.attributes)).toBe(Object.prototype);
  });
});

describe("providers", () => {
  test("are found by name; an unknown one lists those there are", () => {
    expect(providerOf("cata")).toBe(PROVIDERS.cata);
    for (const name of ["nobody", "", "constructor", "__proto__"]) {
      expect(() => providerOf(name)).toThrow(
        expect.objectContaining({ code: "PROVIDER_UNKNOWN", message: expect.stringContaining(Object.keys(PROVIDERS).sort().join(", ")) }),
      );
    }
  });
});

const key = fc.constantFrom("a", "b", "c", "d", "", " a ", 3, null);
const price = fc.constantFrom(0, -0, 1, 990, -1, 1.5, 2 ** 53, "9", null);
const row = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.oneof({ weight: 9, arbitrary: fc.record(model) }, { weight: 1, arbitrary: fc.jsonValue() });
const list = (one: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: fc.array(one, { maxLength: 5 }) }, { weight: 1, arbitrary: fc.jsonValue() });
const bundle = fc.oneof(fc.constant(undefined), list(row({ item_code: key, quantity: fc.constantFrom(1, 0.5, 0, undefined) })));
const currency = fc.constantFrom(undefined, "SGD", "JPY", "XXX", "");
const payloads = fc.record({
  currency,
  categories: list(row({ id: key, name: key, parent_id: key })),
  modifier_groups: list(
    row({
      id: key,
      name: fc.constant("Group"),
      min: fc.integer({ min: -1, max: 3 }),
      max: fc.constantFrom(0, 1, 2, null),
      options: list(row({ id: key, name: fc.constant("Option"), price })),
    }),
  ),
  products: fc.array(
    row({
      id: key,
      name: fc.constantFrom("Product", "", 1),
      categories: fc.oneof(fc.constant(undefined), list(key)),
      modifier_groups: fc.oneof(fc.constant(undefined), list(fc.oneof(key, row({ id: key, min: fc.integer({ min: -1, max: 3 }) })))),
      variants: fc.oneof(fc.constant(undefined), list(row({ id: key, item_code: key, name: key, price, currency, bundle }))),
      bundle,
    }),
    { maxLength: 8 },
  ),
});

describe("any JSON", () => {
  test("is refused as a whole or gives a sound catalogue", () => {
    fc.assert(
      fc.property(fc.oneof(payloads, fc.jsonValue()), (payload) => expectSoundCatalog(() => mapCata(payload, SGD))),
      { numRuns: 2000 },
    );
  });

  test("every variant is taken or named", () => {
    const onlyProducts = payloads.map(({ products }) => ({ products }));
    fc.assert(
      fc.property(onlyProducts, ({ products }) => {
        const catalog = map({ products });
        const received = products.reduce<number>((total, product) => {
          const variants = typeof product === "object" && product !== null && "variants" in product ? product.variants : null;
          return total + (Array.isArray(variants) ? Math.max(1, variants.length) : 1);
        }, 0);
        expect(variantsOf(catalog).length + catalog.row_errors.length).toBe(received);
      }),
      { numRuns: 1000 },
    );
  });
});
