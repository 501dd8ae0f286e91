import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapWooCommerce } from "./woocommerce.ts";

const fixtures = resolve(process.cwd(), process.env.SERVERY_FIXTURES ?? "../shared/fixtures", "woocommerce");
const hasFixtures = existsSync(fixtures);
if (!hasFixtures) console.info(`WooCommerce fixtures skipped: ${fixtures} is absent (set SERVERY_FIXTURES).`);

const map = (payload: unknown, currency = "USD"): CanonicalCatalog => completed(mapWooCommerce(payload, { currency }));
const examples = (name: string): unknown[] => JSON.parse(readFileSync(resolve(fixtures, name), "utf8"));
const only = (payload: unknown, currency = "USD") => {
  const { products, row_errors } = map(payload, currency);
  expect(row_errors).toEqual([]);
  expect(products).toHaveLength(1);
  return products[0] as (typeof products)[number];
};
const reasons = (payload: unknown, currency = "USD") =>
  map(payload, currency).row_errors.map(({ position, reason, item_code }) => [position, reason, item_code]);

const salt = { id: 5, name: "Salt &amp; Pepper", type: "simple", status: "publish", price: "3.50", regular_price: "4.00", sku: "SALT" };
const shirt = {
  id: 9,
  name: "Shirt",
  type: "variable",
  status: "publish",
  price: "10.00",
  attributes: [{ id: 1, name: "Size", options: ["S", "M"] }],
  variations: [92, 91],
};
const small = { id: 91, sku: "", price: "10.00", attributes: [{ id: 1, name: "Size", option: "S" }], menu_order: 1 };
const medium = { id: 92, sku: "SHIRT-M", price: "", regular_price: "12.00", attributes: [{ name: "Size", option: "M" }], menu_order: 2 };

describe.skipIf(!hasFixtures)("the documentation's own examples", () => {
  test("a simple product", () => {
    const [simple] = examples("v3-products.examples.json");
    expect(only(simple)).toMatchObject({
      external_id: "794",
      name: "Premium Quality",
      category_external_ids: ["9", "14"],
      image_url: "https://example.com/wp-content/uploads/2017/03/T_2_front-4.jpg",
      is_active: true,
      tax_rate_e4: null,
      provider_version: Date.parse("2017-03-23T20:01:14Z"),
      variants: [{ external_id: "794", item_code: "794", name: null, base_price_minor: 2_199, currency: "USD", is_active: true }],
    });
    expect(map(simple).categories.map(({ external_id, name }) => [external_id, name])).toEqual([
      ["9", "Clothing"],
      ["14", "T-shirts"],
    ]);
    expect(map(simple).stock).toEqual([]);
  });

  test("a variable product and a list with it: its variations are not in it", () => {
    const [, variable, both] = examples("v3-products.examples.json");
    expect(reasons(variable)).toEqual([["payload", "VARIANTS_MISSING", null]]);
    expect(map(both).products.map(({ external_id }) => external_id)).toEqual(["794"]);
    expect(reasons(both)).toEqual([["[0]", "VARIANTS_MISSING", null]]);
  });

  test("what a batch did: what it deleted is no longer sold", () => {
    const batch = examples("v3-products.examples.json")[4];
    const { products } = map(batch);
    expect(products.map(({ name, is_active }) => [name, is_active])).toEqual([
      ["Woo Single #1", true],
      ["New Premium Quality", true],
      ["Premium Quality", false],
    ]);
    expect(reasons(batch)).toEqual([["update[0]", "VARIANTS_MISSING", null]]);
  });

  test("the page as a whole, with its repetitions", () => {
    const { products, row_errors } = map(examples("v3-products.examples.json"));
    expect(products.map(({ external_id }) => external_id)).toEqual(["794", "801", "804"]);
    expect(row_errors.map(({ position, reason }) => [position, reason])).toEqual([
      ["[1]", "VARIANTS_MISSING"],
      ["[2][0]", "VARIANTS_MISSING"],
      ["[2][1]", "DUPLICATE_EXTERNAL_ID"],
      ["[3]", "DUPLICATE_EXTERNAL_ID"],
      ["[4].update[0]", "VARIANTS_MISSING"],
      ["[4].delete[0]", "DUPLICATE_EXTERNAL_ID"],
    ]);
  });

  test("categories, which know their parents", () => {
    const [, list] = examples("v3-product-categories.examples.json");
    const { categories, products } = map(list);
    expect(products).toEqual([]);
    expect(categories.map(({ name, parent_external_id }) => [name, parent_external_id])).toEqual([
      ["Albums", "11"],
      ["Clothing", null],
      ["Hoodies", "9"],
      ["Music", null],
      ["Posters", null],
      ["Singles", "11"],
      ["T-shirts", "9"],
    ]);
  });

  test("tax classes are no products", () => {
    for (const example of examples("v3-tax-classes.examples.json")) {
      expect(() => map(example)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
    }
  });
});

describe("variations", () => {
  const sold = [
    { external_id: "91", item_code: "91", name: "S", base_price_minor: 1_000, attributes: { Size: "S" } },
    { external_id: "92", item_code: "SHIRT-M", name: "M", base_price_minor: 1_200, attributes: { Size: "M" } },
  ];
  test.each<[string, unknown]>([
    ["in their product", { ...shirt, variations: [medium, small] }],
    ["beside it, which names them", { products: [shirt], variations: [small, medium] }],
    [
      "beside it, naming it",
      { products: [{ ...shirt, variations: [] }], variations: [small, medium].map((one) => ({ ...one, parent_id: 9 })) },
    ],
    ["by their product's id", { products: [{ ...shirt, variations: [] }], variations: { 9: [small, medium] } }],
    ["in one list with it", [shirt, ...[medium, small].map((one) => ({ ...one, type: "variation", parent_id: 9 }))]],
  ])("%s", (_, payload) => {
    expect(only(payload).variants).toMatchObject(sold);
  });

  test("that only the id is known of fail by themselves; without any the product does", () => {
    expect(map({ products: [shirt], variations: [small] }).products[0]?.variants).toMatchObject([{ external_id: "91", name: "S" }]);
    expect(reasons({ products: [shirt], variations: [small] })).toEqual([["products[0].variations[0]", "VARIANTS_MISSING", null]]);
    expect(reasons([shirt])).toEqual([
      ["[0].variations[0]", "VARIANTS_MISSING", null],
      ["[0].variations[1]", "VARIANTS_MISSING", null],
    ]);
  });

  test("of nobody", () => {
    expect(reasons({ products: [salt], variations: [medium] })).toEqual([["variations[0]", "PRODUCT_UNKNOWN", "SHIRT-M"]]);
  });

  test("private ones and those sold out without a count are not sold", () => {
    const variations = [small, { ...medium, status: "private" }, { id: 93, price: "1", stock_status: "outofstock" }];
    expect(only({ ...shirt, variations }).variants.map(({ name, is_active }) => [name, is_active])).toEqual([
      ["93", false],
      ["S", true],
      ["M", false],
    ]);
  });
});

describe("a product", () => {
  test("has text without entities, and the price that holds", () => {
    expect(only(salt)).toMatchObject({ name: "Salt & Pepper", variants: [{ name: null, item_code: "SALT", base_price_minor: 350 }] });
    expect(only({ ...salt, price: "", regular_price: "" }).variants[0]).toMatchObject({ base_price_minor: null, currency: null });
    expect(only({ ...salt, price: "35000" }, "IDR").variants[0]?.base_price_minor).toBe(3_500_000);
    expect(only({ ...salt, price: "1200.00" }, "JPY").variants[0]?.base_price_minor).toBe(1_200);
    expect(reasons({ ...salt, price: "1.999" })).toEqual([["payload", "PRICE_INVALID", "SALT"]]);
  });

  test.each([
    [{}, true],
    [{ status: "draft" }, false],
    [{ catalog_visibility: "hidden" }, false],
    [{ type: "external" }, false],
    [{ type: "grouped", grouped_products: [1, 2] }, false],
  ])("%j: sold %s", (fields, isActive) => {
    expect(only({ ...salt, ...fields }).is_active).toBe(isActive);
  });

  test("that groups others is no bundle, and has no price", () => {
    expect(only({ ...salt, type: "grouped", grouped_products: [1, 2] }).variants).toMatchObject([{ base_price_minor: null, bundle: [] }]);
  });

  test("is not taxed where the shop says so", () => {
    expect(only({ ...salt, tax_status: "none" }).tax_rate_e4).toBe(0);
    expect(only({ ...salt, tax_status: "taxable", tax_class: "reduced-rate" }).tax_rate_e4).toBeNull();
  });

  test("of the legacy API", () => {
    const legacy = {
      title: "Salt",
      id: 5,
      type: "simple",
      price: "3.00",
      categories: ["Food &amp; Drink"],
      tags: ["Sea"],
      managing_stock: true,
    };
    expect(map({ product: { ...legacy, stock_quantity: 4 } })).toMatchObject({
      categories: [{ external_id: "name:food & drink", name: "Food & Drink" }],
      products: [{ name: "Salt", tags: ["sea"], category_external_ids: ["name:food & drink"] }],
      stock: [{ variant_external_id: "5", quantity_e4: 40_000 }],
    });
  });

  test("in a category beside it has its tree", () => {
    const categories = [
      { id: 1, name: "Food", parent: 0 },
      { id: 2, name: "Spices", parent: 1 },
      { id: 3, name: "Lost", parent: 99 },
    ];
    const { categories: read, products } = map({
      products: [
        {
          ...salt,
          categories: [
            { id: 2, name: "Spices" },
            { id: 4, name: "New" },
          ],
        },
      ],
      categories,
    });
    expect(read.map(({ external_id, parent_external_id }) => [external_id, parent_external_id])).toEqual([
      ["1", null],
      ["2", "1"],
      ["3", null],
      ["4", null],
    ]);
    expect(products[0]?.category_external_ids).toEqual(["2", "4"]);
  });
});

describe("stock", () => {
  test.each<[string, object, [string, number][]]>([
    ["counted", { ...salt, manage_stock: true, stock_quantity: 7 }, [["5", 70_000]]],
    ["oversold", { ...salt, manage_stock: true, stock_quantity: -2 }, [["5", -20_000]]],
    ["not counted", { ...salt, manage_stock: false, stock_quantity: 7 }, []],
    ["counted without a number", { ...salt, manage_stock: true, stock_quantity: null }, []],
    [
      "of variations, one of which shares its product's",
      {
        ...shirt,
        manage_stock: true,
        stock_quantity: 3,
        variations: [
          { ...small, manage_stock: "parent" },
          { ...medium, manage_stock: true, stock_quantity: 8 },
        ],
      },
      [
        ["91", 30_000],
        ["92", 80_000],
      ],
    ],
  ])("%s", (_, payload, stock) => {
    expect(map(payload).stock.map(({ variant_external_id, quantity_e4 }) => [variant_external_id, quantity_e4])).toEqual(stock);
  });
});

describe("what cannot be taken", () => {
  test("entries that are no products, and what a batch could not do", () => {
    expect(reasons({ products: [salt, 5, {}] })).toEqual([
      ["products[1]", "ROW_INVALID", null],
      ["products[2]", "ROW_INVALID", null],
    ]);
    expect(reasons({ update: [salt, { id: 0, error: { code: "woocommerce_rest_product_invalid_id" } }] })).toEqual([
      ["update[1]", "ROW_INVALID", null],
    ]);
    expect(
      reasons([
        { ...salt, id: null },
        { ...salt, name: "<b></b>" },
      ]),
    ).toEqual([
      ["[0]", "ID_MISSING", "SALT"],
      ["[1]", "NAME_MISSING", "SALT"],
    ]);
  });

  test.each([null, 5, "text", {}, { products: null }, { code: "rest_forbidden", message: "no" }, [5]])("%j", (payload) => {
    expect(() => map(payload)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });

  test("nothing at all", () => {
    expect(map([])).toEqual(map({ products: [] }));
  });
});
