import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../../kernel/bytes.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalVariant } from "../canonical.ts";
import { csvProvider } from "./csv.ts";
import type { CsvSettings } from "./csv-columns.ts";

const mapBytes = (bytes: Uint8Array, settings: CsvSettings, currency: string): CanonicalCatalog =>
  completed(csvProvider.read(bytes, { currency }, settings)).catalog;
const map = (lines: string[], settings: CsvSettings, currency = "EUR"): CanonicalCatalog =>
  mapBytes(utf8(lines.join("\n")), settings, currency);
const variantsOf = (catalog: CanonicalCatalog): CanonicalVariant[] => catalog.products.flatMap(({ variants }) => variants);
const errorsOf = (catalog: CanonicalCatalog): [string, string][] => catalog.row_errors.map(({ position, reason }) => [position, reason]);
/** `code location quantity` of every count. */
const stockOf = (catalog: CanonicalCatalog): string[] =>
  catalog.stock.map(
    ({ variant_external_id, location_external_id, quantity_e4 }) =>
      `${variant_external_id} ${location_external_id ?? "-"} ${quantity_e4 / 10_000}`,
  );

describe("rows of one product", () => {
  test("without a name they go on with the product above, wherever that began", () => {
    const catalog = map(
      ["name,slug,optionGroups,optionValues,sku,price", "Tea,tea,size|leaf,S|green,T1,1", ",,,L|black,T2,2", ",,,M,,3", "Bun,,,,B,4"],
      { preset: "vendure" },
    );
    expect(errorsOf(catalog)).toEqual([]);
    expect(catalog.products.map(({ external_id, variants }) => [external_id, variants.map(({ item_code }) => item_code)])).toEqual([
      ["tea", ["T1", "T2", "tea-m"]],
      ["B", ["B"]],
    ]);
    expect(variantsOf(catalog).map(({ name, attributes }) => [name, attributes])).toEqual([
      ["S / green", { size: "S", leaf: "green" }],
      ["L / black", { size: "L", leaf: "black" }],
      ["M", { size: "M" }],
      [null, {}],
    ]);
  });

  test("and never with one that was refused", () => {
    const catalog = map(["name,slug,optionValues,sku,price", "Tea,tea,S,T1,1", 'Cup,"cup"x,S,C1,1', ",,L,C2,2"], { preset: "vendure" });
    expect(errorsOf(catalog)).toEqual([
      ["row 3", "QUOTES_INVALID"],
      ["row 4", "NAME_MISSING"],
    ]);
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["T1"]);
  });

  test("the first may be the product itself, and by itself it is its own variant", () => {
    const lines = ["slug,sku,name,price,option1_name,option1_value", "tea,TEA,Tea,0,,", "tea,TEA-S,,2,Size,S", "bun,BUN,Bun,3,,"];
    expect(variantsOf(map(lines, { preset: "spree" })).map(({ item_code }) => item_code)).toEqual(["TEA-S", "BUN"]);
    expect(errorsOf(map(lines, { preset: "spree" }))).toEqual([]);
  });

  test("a repeated one adds prices, categories and places, and is refused where it contradicts the first", () => {
    const lines = [
      "sku,name,price,currency,category,stock,location",
      "TEA,Tea,2,USD,Hot,5,Bar",
      "TEA,Tea,1.80,EUR,Cold,7,Cellar",
      "TEA,Tea,1.90,EUR,Old,1,Shed",
    ];
    const catalog = map(lines, { repeated_rows: "join" });
    expect(errorsOf(catalog)).toEqual([["row 4", "DUPLICATE_EXTERNAL_ID"]]);
    expect(catalog.products).toMatchObject([
      { category_external_ids: ["hot", "cold"], variants: [{ base_price_minor: 180, currency: "EUR" }] },
    ]);
    expect(stockOf(catalog)).toEqual(["TEA Bar 5", "TEA Cellar 7"]);
    expect(errorsOf(map(lines, {}))).toHaveLength(2);
  });
});

describe("cells", () => {
  test("stock is counted where it is tracked, and no count is not zero", () => {
    const lines = ["sku,name,stock,track_inventory", "A,A,1.5,", "B,B,,true", "C,C,0,yes", "D,D,9,false", "E,E,-2,", "F,F,a few,"];
    const catalog = map(lines, {});
    expect(stockOf(catalog)).toEqual(["A - 1.5", "C - 0", "E - -2"]);
    expect(errorsOf(catalog)).toEqual([["row 7", "STOCK_INVALID"]]);
  });

  test("file names are images where they are said to lie somewhere, and nowhere else", () => {
    const lines = ["name,slug,assets,sku,price", "A,a,one two.jpg|b.jpg,A,1", "B,b,https://cdn.example/b.png,B,1", "C,c,//evil/x.png,C,1"];
    const images = (settings: CsvSettings) => map(lines, { preset: "vendure", ...settings }).products.map(({ image_url }) => image_url);
    expect(images({ image_base_url: "https://shop.example/assets" })).toEqual([
      "https://shop.example/assets/one%20two.jpg",
      "https://cdn.example/b.png",
      null,
    ]);
    expect(images({})).toEqual([null, "https://cdn.example/b.png", null]);
  });

  test("commercetools: cents after their currency, paths by >, rows without a type go on", () => {
    const catalog = map(
      [
        "productType,variantId,sku,prices,tax,categories,images,name.en,slug.en,color",
        'shoe,1,S-1,EUR 1999;US-USD 2399;EUR 1500 vip,standard,"Shoes>Sneakers;Sale",https://cdn.example/1.jpg;https://cdn.example/2.jpg,Runner,runner,red',
        ",2,S-2,DE-EUR 2100;EUR 2200;EUR 1800 vip#web,,,,,,blue",
        ",3,S-3,USD 99,,,,,,green",
        ",4,S-4,EUR 12.50,,,,,,white",
      ],
      { preset: "commercetools" },
    );
    expect(variantsOf(catalog).map(({ item_code, base_price_minor, currency }) => [item_code, base_price_minor, currency])).toEqual([
      ["S-1", 1999, "EUR"],
      ["S-2", 2200, "EUR"],
      ["S-3", 99, "USD"],
    ]);
    expect(errorsOf(catalog)).toEqual([["row 5", "PRICE_INVALID"]]);
    expect(catalog.products).toMatchObject([
      {
        external_id: "runner",
        name: "Runner",
        tax_rate_e4: null,
        image_url: "https://cdn.example/1.jpg",
        category_external_ids: ["shoes > sneakers", "sale"],
      },
    ]);
    expect(variantsOf(catalog).map(({ attributes }) => attributes)).toEqual([{ color: "red" }, { color: "blue" }, { color: "green" }]);
  });

  test("what is stated beside a preset wins, a preset's column that is not there is not missed, a stated one is", () => {
    const lines = ["name,slug,optionValues,sku,Preis,price", "Tea,tea,S|green,T,3,1"];
    const [variant] = variantsOf(map(lines, { preset: "vendure", columns: { Preis: "price" }, option_separator: "/" }));
    expect(variant).toMatchObject({ name: "S|green", base_price_minor: 300 });
    expect(() => map(lines, { preset: "vendure", columns: { stockOnHand: "stock" } })).toThrow(/no column "stockOnHand"/);
  });
});

const fixtures = resolve(process.cwd(), process.env.SERVERY_FIXTURES ?? "../shared/fixtures");

describe.skipIf(!existsSync(fixtures))("tables that others published", () => {
  const mapFile = (file: string, preset: string, currency = "USD"): CanonicalCatalog =>
    mapBytes(readFileSync(resolve(fixtures, file)), { preset }, currency);
  const summary = (catalog: CanonicalCatalog) => ({
    products: catalog.products.length,
    variants: variantsOf(catalog).length,
    categories: catalog.categories.length,
    counts: catalog.stock.length,
    errors: Object.fromEntries([...Map.groupBy(catalog.row_errors, ({ reason }) => reason)].map(([reason, list]) => [reason, list.length])),
  });

  test("vendure", () => {
    const catalog = mapFile("vendure/products.csv", "vendure");
    expect(summary(catalog)).toEqual({ products: 54, variants: 86, categories: 9, counts: 86, errors: { DUPLICATE_EXTERNAL_ID: 2 } });
  });

  test("spree, in either of its currencies", () => {
    const catalog = mapFile("spree/products.csv", "spree");
    expect(summary(catalog)).toEqual({ products: 37, variants: 87, categories: 24, counts: 87, errors: {} });
    const prices = (currency: string) =>
      new Set(variantsOf(mapFile("spree/products.csv", "spree", currency)).map((variant) => variant.currency));
    expect([prices("USD"), prices("EUR")]).toEqual([new Set(["USD"]), new Set(["EUR"])]);
  });

  test("medusa", () => {
    const template = mapFile("medusa/v1-template.csv", "medusa");
    expect(summary(template)).toEqual({ products: 3, variants: 5, categories: 3, counts: 5, errors: {} });
    expect(summary(mapFile("medusa/exported-products-comma.csv", "medusa"))).toMatchObject({ products: 2, variants: 3, counts: 0 });
  });

  test("zepto", () => {
    const catalog = mapFile("zepto/zepto-a.csv", "zepto", "INR");
    expect(summary(catalog)).toEqual({ products: 839, variants: 893, categories: 14, counts: 893, errors: { DUPLICATE_EXTERNAL_ID: 16 } });
    const product = (name: string) => catalog.products.find((one) => one.name === name);
    expect(product("Potato")?.variants.map(({ name, base_price_minor }) => [name, base_price_minor])).toEqual([
      ["1000 g", 2_900],
      ["3000 g", 8_400],
    ]);
    expect(product("Maybelline New York Colossal Kajal Black")).toMatchObject({
      category_external_ids: ["personal care", "paan corner"],
      variants: [{ name: null, base_price_minor: 14_900, attributes: {} }],
    });
  });
});
