import { describe, expect, test } from "vitest";
import { utf8 } from "../../../kernel/bytes.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import type { JsonSettings } from "./json-fields.ts";
import { jsonRecordsProvider, mapRecords } from "./json-records.ts";

const map = (payload: unknown, settings: JsonSettings = {}, currency = "USD"): CanonicalCatalog =>
  completed(mapRecords(payload, { currency }, settings));
const variantsOf = (catalog: CanonicalCatalog) => catalog.products.flatMap(({ variants }) => variants);
const errorsOf = (catalog: CanonicalCatalog) => catalog.row_errors.map(({ position, item_code, reason }) => [position, item_code, reason]);

describe("records of any shape", () => {
  test("are read where the settings say, as deep as they lie", () => {
    const payload = {
      data: {
        items: [
          {
            uid: 17,
            label: { en: "Kaya&nbsp;toast" },
            text: "<p>Two slices</p>",
            money: { cents: 450 },
            groups: [{ title: "Breakfast" }, { title: "Toast" }],
            pictures: [{ file: "kaya 1.jpg" }, { file: "kaya 2.jpg" }],
            on: "no",
            contains: ["WHEAT", "milk"],
            left: "2.5",
            maker: { name: "Ah Seng" },
          },
        ],
      },
    };
    const catalog = map(payload, {
      records: "data.items",
      fields: {
        id: "uid",
        name: ["label.de", "label.en"],
        description: "text",
        price: "money.cents",
        category: "groups.title",
        image: "pictures.file",
        active: "on",
        allergens: "contains",
        stock: "left",
      },
      attributes: { Maker: "maker.name" },
      price_unit: "minor",
      image_base_url: "https://images.example",
    });
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.products).toMatchObject([
      {
        external_id: "17",
        description: "Two slices",
        category_external_ids: ["breakfast", "toast"],
        image_url: "https://images.example/kaya%201.jpg",
        is_active: false,
        allergens: ["gluten", "milk", "wheat"],
        variants: [{ item_code: "17", name: null, base_price_minor: 450, currency: "USD", attributes: { Maker: "Ah Seng" } }],
      },
    ]);
    expect(catalog.stock).toEqual([
      { position: "data.items[0]", variant_external_id: "17", location_external_id: null, quantity_e4: 25_000, counted_at_ms: null },
    ]);
  });

  test("are read by the usual names where nothing is said", () => {
    const catalog = map([{ sku: "T", title: "Tea", price: 2.5, category: "Hot|Drinks", tags: "Green; loose leaf" }]);
    expect(catalog.products).toMatchObject([
      { external_id: "T", name: "Tea", category_external_ids: ["hot", "drinks"], tags: ["green", "loose_leaf"] },
    ]);
    expect(variantsOf(catalog)).toMatchObject([{ item_code: "T", base_price_minor: 250 }]);
  });

  test("without an id are told by their key, and what has the same one is refused", () => {
    const rows = [
      { name: "Mug", size: "S", image: "https://one.example/17_a.jpg?x=1" },
      { name: "Mug", size: "L", image: "https://two.example/17_a.png" },
      { name: "Mug", size: "S", image: "https://one.example/18.jpg" },
      { name: "Mug & cup", size: "S" },
      { name: "Mug cup", size: "S" },
    ];
    const byName = map(rows, { key: ["name", "size"] });
    expect(variantsOf(byName).map(({ item_code }) => item_code)).toEqual(["mug-s", "mug-l", "mug-and-cup-s", "mug-cup-s"]);
    expect(errorsOf(byName)).toEqual([["[2]", "mug-s", "DUPLICATE_EXTERNAL_ID"]]);
    // An image's address counts by its file.
    expect(errorsOf(map(rows.slice(0, 3), { key: ["image"] }))).toEqual([["[1]", "17-a", "DUPLICATE_EXTERNAL_ID"]]);
    expect(errorsOf(map(rows.slice(0, 1)))).toEqual([["[0]", null, "ID_MISSING"]]);
  });

  test("cost themselves where they cannot be taken", () => {
    const rows = [
      { id: "ok", name: "Fine", price: 1 },
      { id: "1", name: " ", price: 1 },
      { id: "2", name: "A", price: 1.005 },
      { id: "3", name: "A", price: -1 },
      { id: "4", name: "A", currency: "XYZ", price: 1 },
      { id: "5", name: "A", active: "perhaps" },
      { id: "6", name: "A", stock: "some" },
      { id: "7", name: "A", tax_rate: 101 },
      { id: "8", name: "A", category: "x".repeat(300) },
      { id: "9", name: "A", barcode: "b".repeat(300) },
      { id: "10", name: "A", description: "d".repeat(20_001) },
      "nothing",
      { id: "11\u0000", name: "A" },
    ];
    expect(errorsOf(map(rows)).map(([, , reason]) => reason)).toEqual([
      "NAME_MISSING",
      "PRICE_INVALID",
      "PRICE_NEGATIVE",
      "CURRENCY_UNKNOWN",
      "ACTIVE_INVALID",
      "STOCK_INVALID",
      "TAX_RATE_INVALID",
      "CATEGORY_INVALID",
      "BARCODE_INVALID",
      "DESCRIPTION_INVALID",
      "ID_MISSING",
      "ID_INVALID",
    ]);
  });

  test("a price has its currency's decimals", () => {
    const prices = (price: unknown, currency: string) =>
      variantsOf(map([{ id: 1, name: "A", price }], {}, currency)).map((one) => one.base_price_minor);
    expect([prices(1200, "JPY"), prices("12.345", "KWD"), prices(12.5, "USD"), prices("", "USD"), prices(null, "USD")]).toEqual([
      [1_200],
      [12_345],
      [1_250],
      [null],
      [null],
    ]);
    expect(prices(12.5, "JPY")).toEqual([]);
  });

  test("a payload that has no such list is refused as a whole; an empty list is an empty catalogue", () => {
    for (const payload of [{}, { items: {} }, { items: [{ id: 1 }] }, "text", null])
      expect(() => map(payload, { records: "items" })).toThrow(/record/);
    expect(map([]).products).toEqual([]);
    expect(() => completed(jsonRecordsProvider.read(utf8("{"), { currency: "USD" }, {}))).toThrow(/JSON/i);
  });
});

describe("presets", () => {
  test("what stands beside one wins, field by field", () => {
    const settings = { preset: "dummyjson", fields: { price: "cost" }, key: ["title"] };
    expect(variantsOf(map([{ title: "Tea", category: "hot", cost: 3, brand: "B" }], settings))).toMatchObject([
      { item_code: "tea", base_price_minor: 300, attributes: { Brand: "B" } },
    ]);
  });

  test("burger-api: toppings are groups by their kind, and a product has the kinds of those it names", () => {
    const payload = {
      burgers: [
        { id: "1", name: "Classic", price: 10.99, toppings: ["13", "1", "99"] },
        { id: "2", name: "Plain", price: 9, toppings: [] },
      ],
      toppings: [
        { id: "1", name: "Lettuce", price: 0.5, category: "vegetable" },
        { id: "13", name: "Cheddar", price: 0.7, category: "cheese" },
        { id: "14", name: "", price: 0.7, category: "cheese" },
      ],
    };
    const catalog = map(payload, { preset: "burger-api" });
    expect(catalog.modifier_groups).toMatchObject([
      {
        external_id: "vegetable",
        name: "Vegetable",
        min_select: 0,
        max_select: null,
        options: [{ external_id: "1", price_delta_minor: 50 }],
      },
      { external_id: "cheese", options: [{ external_id: "13", name: "Cheddar", price_delta_minor: 70 }] },
    ]);
    expect(catalog.products.map(({ modifier_groups }) => modifier_groups.map(({ external_id }) => external_id))).toEqual([
      ["cheese", "vegetable"],
      [],
    ]);
    expect(errorsOf(catalog)).toEqual([["toppings[2]", null, "NAME_MISSING"]]);
  });

  test("openfoodfacts: labels without their language, categories in one text", () => {
    const product = {
      code: "3350033304215",
      product_name: "Saumon fumé",
      categories: "Produits de la mer, en:smoked-salmons",
      allergens_tags: ["en:fish", "en:sesame-seeds", "fr:avoine"],
      labels_tags: ["en:organic"],
    };
    const { products } = map({ products: [product] }, { preset: "openfoodfacts" });
    expect(products).toMatchObject([
      {
        category_external_ids: ["produits de la mer", "smoked-salmons"],
        allergens: ["avoine", "fish", "sesame"],
        tags: ["organic"],
        variants: [{ barcode: "3350033304215", base_price_minor: null, currency: null }],
      },
    ]);
  });

  test("bestbuy: a tree of categories and products that name their path agree", () => {
    const payload = {
      products: [{ name: "Phone", price: 80, categories: ["Cell Phones", "Prepaid"], image: "https://cdn.example/54_sb.jpg" }],
      categories: [
        { id: "1", path: [{ name: "Cell Phones" }, { name: "Prepaid" }] },
        { id: "2", path: [{ name: "Music" }, { name: null }] },
      ],
    };
    const catalog = map(payload, { preset: "bestbuy" });
    expect(catalog.categories.map(({ external_id }) => external_id)).toEqual(["cell phones", "cell phones > prepaid", "music"]);
    expect(catalog.products).toMatchObject([{ external_id: "54-sb", category_external_ids: ["cell phones > prepaid"] }]);
  });
});
