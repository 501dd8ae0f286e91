import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSoundCatalog } from "../../../../test/support/node/expect-sound-catalog.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapShopify } from "./shopify.ts";

const fixtures = resolve(process.cwd(), process.env.SERVERY_FIXTURES ?? "../shared/fixtures", "shopify");
const hasFixtures = existsSync(fixtures);
if (!hasFixtures) console.info(`Shopify fixtures skipped: ${fixtures} is absent (set SERVERY_FIXTURES).`);

const map = (payload: unknown, currency = "USD"): CanonicalCatalog => completed(mapShopify(payload, { currency }));
const fixture = (name: string): unknown => JSON.parse(readFileSync(resolve(fixtures, name), "utf8"));

const shirt = {
  id: 7,
  title: "Shirt",
  body_html: "<p>Soft &amp; warm</p>",
  product_type: "Clothes",
  options: [{ name: "Size" }, { name: "Colour" }],
  variants: [
    { id: 71, title: "S / Red", sku: "SHIRT-S", price: "10.5", option1: "S", option2: "Red", position: 2 },
    { id: 72, title: "M / Red", sku: "", price: "12.00", option1: "M", option2: "Red", position: 1, barcode: "4006381333931" },
  ],
};
const only = (payload: unknown, currency = "USD") => {
  const { products, row_errors } = map(payload, currency);
  expect(row_errors).toEqual([]);
  expect(products).toHaveLength(1);
  return products[0] as (typeof products)[number];
};
const reasons = (payload: unknown, currency = "USD") =>
  map(payload, currency).row_errors.map(({ position, reason, item_code }) => [position, reason, item_code]);

describe.skipIf(!hasFixtures)("Shopify's own examples", () => {
  test("one product in its envelope", () => {
    const product = only(fixture("product.json"));
    expect(product).toMatchObject({
      external_id: "632910392",
      name: "IPod Nano - 8GB",
      category_external_ids: ["type:cult products"],
      image_url: "http://static.shopify.com/s/files/1/6909/3384/products/ipod-nano.png?0",
      is_active: true,
      tags: ["emotive", "flash_memory", "mp3", "music"],
      tax_rate_e4: null,
      provider_version: Date.parse("2011-10-20T18:05:13Z"),
    });
    expect(product.description).toMatch(/^It's the small iPod with one very big idea: Video\./);
    expect(
      product.variants.map(({ item_code, name, base_price_minor, currency }) => [item_code, name, base_price_minor, currency]),
    ).toEqual([
      ["IPOD2008PINK", "Pink", 19_900, "USD"],
      ["IPOD2008RED", "Red", 19_900, "USD"],
      ["IPOD2008GREEN", "Green", 19_900, "USD"],
      ["IPOD2008BLACK", "Black", 19_900, "USD"],
    ]);
    // The only variant of some product may have a title of its own.
    expect(product.variants[0]?.attributes).toEqual({ Title: "Pink" });
  });

  test("a bare list, in which four products have one and the same variant: the first has it", () => {
    const { products, row_errors, categories } = map(fixture("products.json"));
    expect(products.map(({ external_id, variants }) => [external_id, variants.length])).toEqual([["1", 1]]);
    expect(row_errors.map(({ position, reason }) => [position, reason])).toEqual(
      [1, 2, 3].map((index) => [`[${index}].variants[0]`, "DUPLICATE_EXTERNAL_ID"]),
    );
    expect(categories.map(({ name }) => name)).toEqual(["Cult Products"]);
  });

  test("variants without their product", () => {
    expect(reasons(fixture("variants.json"))).toEqual(
      ["PINK", "RED", "GREEN", "BLACK"].map((colour, index) => [`variants[${index}]`, "PRODUCT_UNKNOWN", `IPOD2008${colour}`]),
    );
  });

  test("with items and levels beside it has its stock by location", () => {
    const [product, items, levels] = ["product.json", "inventory_items.json", "inventory_levels.json"].map(fixture) as object[];
    const { stock, products } = map({ ...product, ...items, ...levels });
    const counted_at_ms = Date.parse("2018-05-07T15:33:38-04:00");
    const code = (id: string) => products[0]?.variants.find(({ external_id }) => external_id === id)?.item_code;
    expect(
      stock.map((one) => [one.position, code(one.variant_external_id), one.location_external_id, one.quantity_e4, one.counted_at_ms]),
    ).toEqual([
      ["inventory_levels[0]", "IPOD2008GREEN", "487838322", 270_000, counted_at_ms],
      ["inventory_levels[1]", "IPOD2008PINK", "905684977", 10_000, counted_at_ms],
      ["inventory_levels[2]", "IPOD2008PINK", "487838322", 90_000, counted_at_ms],
      ["inventory_levels[3]", "IPOD2008GREEN", "905684977", 30_000, counted_at_ms],
      ["product.variants[1]", "IPOD2008RED", null, 200_000, null],
      ["product.variants[3]", "IPOD2008BLACK", null, 400_000, null],
    ]);
  });

  test("what is no product at all", () => {
    for (const name of ["inventory_items.json", "inventory_levels.json"]) {
      expect(() => map(fixture(name))).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
    }
  });
});

describe("a product", () => {
  test("has its variants in their order, with prices, codes and options", () => {
    const product = only({ products: [shirt] });
    expect(product).toMatchObject({ name: "Shirt", description: "Soft & warm", image_url: null, provider_version: null });
    expect(product.variants).toEqual([
      {
        position: "products[0].variants[1]",
        external_id: "72",
        item_code: "72",
        name: "M / Red",
        barcode: "4006381333931",
        base_price_minor: 1_200,
        currency: "USD",
        is_active: true,
        attributes: { Size: "M", Colour: "Red" },
        bundle: [],
      },
      expect.objectContaining({ item_code: "SHIRT-S", base_price_minor: 1_050, attributes: { Size: "S", Colour: "Red" } }),
    ]);
  });

  test("without choices has a variant without a name", () => {
    const variants = [{ id: 1, title: "Default Title", price: "3", option1: "Default Title" }];
    const { variants: read } = only({ product: { id: 1, title: "Salt", options: [{ name: "Title" }], variants } });
    expect(read).toMatchObject([{ name: null, attributes: {}, base_price_minor: 300 }]);
  });

  test.each([
    [{ status: "active" }, true],
    [{ status: "draft" }, false],
    [{ status: "archived", published_at: "2024-01-01T00:00:00Z" }, false],
    [{ status: "active", published_at: null }, false],
    [{ published_at: null }, false],
    [{ published_at: "2024-01-01T00:00:00Z" }, true],
  ])("%o: sold %s", (fields, isActive) => {
    expect(only({ products: [{ ...shirt, ...fields }] }).is_active).toBe(isActive);
  });

  test("is in its collections and its product type", () => {
    const { categories, products } = map({
      products: [shirt, { ...shirt, id: 8, product_type: "CLOTHES ", variants: [{ id: 81, price: "1" }] }],
      custom_collections: [{ id: 5, title: "Summer" }, { id: 6 }],
      collects: [
        { product_id: 7, collection_id: 5 },
        { product_id: 7, collection_id: 99 },
      ],
    });
    expect(categories.map(({ external_id, name }) => [external_id, name])).toEqual([
      ["collection:5", "Summer"],
      ["type:clothes", "Clothes"],
    ]);
    expect(products.map(({ category_external_ids }) => category_external_ids)).toEqual([
      ["collection:5", "type:clothes"],
      ["type:clothes"],
    ]);
  });

  test("takes the first image by its position, tags as text or list, and no tax where none of it is taxed", () => {
    const images = [
      { position: 2, src: "https://img.example/b.png" },
      { position: 1, src: "//img.example/a.png" },
    ];
    const variants = shirt.variants.map((variant) => ({ ...variant, taxable: false }));
    const tags = 'Vegan, 5" wide, B&B,,';
    expect(only([{ ...shirt, images, variants, tags }])).toMatchObject({
      image_url: "https://img.example/b.png",
      tax_rate_e4: 0,
      tags: ['5"_wide', "b&b", "vegan"],
    });
    expect(only([{ ...shirt, tags: ["One ", "two"] }]).tags).toEqual(["one", "two"]);
  });

  test("has the decimals of its currency", () => {
    const priced = (price: unknown) => ({ product: { ...shirt, variants: [{ id: 1, price }] } });
    expect(only(priced("35000.00"), "JPY").variants[0]?.base_price_minor).toBe(35_000);
    expect(only(priced(1.5)).variants[0]?.base_price_minor).toBe(150);
    expect(only(priced(null)).variants[0]).toMatchObject({ base_price_minor: null, currency: null });
    expect(reasons(priced("12.345"))).toEqual([["product.variants[0]", "PRICE_INVALID", "1"]]);
    expect(reasons(priced("-1"))).toEqual([["product.variants[0]", "PRICE_NEGATIVE", "1"]]);
    expect(reasons(priced("1"), "XXX")).toEqual([["product.variants[0]", "CURRENCY_UNKNOWN", "1"]]);
  });
});

describe("stock", () => {
  const stocked = (fields: object, levels: object[] = []) => {
    const variant = { id: 71, price: "1", inventory_item_id: 9, inventory_quantity: 4, inventory_management: "shopify", ...fields };
    const { stock } = map({ products: [{ ...shirt, variants: [variant] }], inventory_levels: levels });
    return stock.map((one) => [one.variant_external_id, one.location_external_id, one.quantity_e4]);
  };
  const level = { inventory_item_id: 9, location_id: 1, available: 3 };
  test.each<[string, object, object[], unknown[][]]>([
    ["in sum", {}, [], [["71", null, 40_000]]],
    ["oversold", { inventory_quantity: -2 }, [], [["71", null, -20_000]]],
    ["not counted", { inventory_management: null }, [level], []],
    ["not said to be counted", { inventory_management: undefined }, [], []],
    ["by location", {}, [level, { ...level, location_id: 2, available: null }], [["71", "1", 30_000]]],
    ["by location, where who counts is not said", { inventory_management: undefined }, [level], [["71", "1", 30_000]]],
    ["of another", {}, [{ ...level, inventory_item_id: 8 }], [["71", null, 40_000]]],
  ])("%s", (_, fields, levels, stock) => {
    expect(stocked(fields, levels)).toEqual(stock);
  });
});

describe("what cannot be taken", () => {
  test.each<[string, object, unknown[][]]>([
    [
      "no id",
      { id: null },
      [
        ["products[0].variants[0]", "ID_MISSING", "SHIRT-S"],
        ["products[0].variants[1]", "ID_MISSING", "72"],
      ],
    ],
    [
      "no title",
      { title: " " },
      [
        ["products[0].variants[0]", "NAME_MISSING", "SHIRT-S"],
        ["products[0].variants[1]", "NAME_MISSING", "72"],
      ],
    ],
    ["no variants", { variants: [] }, [["products[0]", "VARIANTS_MISSING", null]]],
    [
      "a control character in a code",
      { variants: [{ id: 1, sku: "a\u0007b", price: "1" }] },
      [["products[0].variants[0]", "ITEM_CODE_INVALID", "a\u0007b"]],
    ],
  ])("%s", (_, fields, errors) => {
    expect(reasons({ products: [{ ...shirt, ...fields }] })).toEqual(errors);
  });

  test.each([null, 5, "text", [], {}, { products: null }, { errors: "[API] Invalid API key" }, [{ id: 1 }]])("%j", (payload) => {
    if (Array.isArray(payload) && payload.length === 0) expect(map(payload).products).toEqual([]);
    else expect(() => map(payload)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });

  test("anything at all: refused as a whole, or sound", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom("1.00", 7, "7", null));
    const variant = fc.record({ id: value, title: value, sku: value, price: value, option1: value }, { requiredKeys: [] });
    const product = fc.record(
      {
        id: value,
        title: value,
        product_type: value,
        tags: value,
        images: value,
        options: value,
        variants: fc.oneof(value, fc.array(variant)),
      },
      { requiredKeys: [] },
    );
    const payload = fc.record(
      { products: fc.oneof(value, fc.array(product)), custom_collections: value, collects: value },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fc.oneof(payload, fc.array(product), fc.jsonValue()), (given) => expectSoundCatalog(() => map(given))));
  });
});
