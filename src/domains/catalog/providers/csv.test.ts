import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSoundCatalog } from "../../../../test/support/node/expect-sound-catalog.ts";
import { utf8 } from "../../../kernel/bytes.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalVariant } from "../canonical.ts";
import { keepRejected, rejectedLine, sheetOf } from "../ingestion/rejected-rows.ts";
import { csvProvider, ROW_LIMIT } from "./csv.ts";
import { CSV_FIELDS, type CsvSettings, FIELDS } from "./csv-columns.ts";
import { csvLine } from "./csv-table.ts";

const read = (text: string, settings: CsvSettings = {}, currency = "SGD") =>
  completed(csvProvider.read(utf8(text), { currency }, settings));
const map = (text: string, settings: CsvSettings = {}, currency = "SGD"): CanonicalCatalog => read(text, settings, currency).catalog;
const variantsOf = (catalog: CanonicalCatalog): CanonicalVariant[] => catalog.products.flatMap(({ variants }) => variants);
const errorsOf = (catalog: CanonicalCatalog): (string | null)[][] =>
  catalog.row_errors.map(({ position, item_code, reason }) => [position, item_code, reason]);
/** `code price currency` of every variant. */
const pricesOf = (catalog: CanonicalCatalog): string[] =>
  variantsOf(catalog).map(({ item_code, base_price_minor, currency }) => `${item_code} ${base_price_minor} ${currency}`);

describe("a whole table", () => {
  test("every field finds its place", () => {
    const catalog = map(
      [
        "sku,handle,name,description,price,currency,category,image,barcode,active,tax,tags,allergens,Option1 Name,Option1 Value,size",
        'LAT-S,latte,"Caffè latte","<p>Two shots, <em>steamed</em> milk</p>",5.80,,Drinks > Coffee | Breakfast,https://img.example/l.jpg,4006381333931,yes,9%,"hot, House Favourite","Dairy, soya",Milk,Oat,Small',
        "LAT-L,latte,,,6.80,USD,,,,no,,,,,Whole,Large",
        "KAYA,kaya,Kaya toast,,3.20,,breakfast,toast.jpg,,,,,,,,",
      ].join("\n"),
    );
    expect(catalog).toEqual({
      categories: [
        { external_id: "drinks", name: "Drinks", parent_external_id: null, position: 0 },
        { external_id: "drinks > coffee", name: "Coffee", parent_external_id: "drinks", position: 1 },
        { external_id: "breakfast", name: "Breakfast", parent_external_id: null, position: 2 },
      ],
      modifier_groups: [],
      products: [
        {
          external_id: "latte",
          name: "Caffè latte",
          description: "Two shots, steamed milk",
          category_external_ids: ["drinks > coffee", "breakfast"],
          image_url: "https://img.example/l.jpg",
          is_active: true,
          tags: ["hot", "house_favourite"],
          allergens: ["milk", "soy"],
          tax_rate_e4: 90_000,
          modifier_groups: [],
          provider_version: null,
          variants: [
            {
              position: "row 2",
              external_id: "LAT-S",
              item_code: "LAT-S",
              name: "Oat / Small",
              barcode: "4006381333931",
              base_price_minor: 580,
              currency: "SGD",
              is_active: true,
              attributes: { Milk: "Oat", size: "Small" },
              bundle: [],
            },
            {
              position: "row 3",
              external_id: "LAT-L",
              item_code: "LAT-L",
              name: "Whole / Large",
              barcode: null,
              base_price_minor: 680,
              currency: "USD",
              is_active: false,
              attributes: { Milk: "Whole", size: "Large" },
              bundle: [],
            },
          ],
        },
        expect.objectContaining({ external_id: "kaya", image_url: null, category_external_ids: ["breakfast"], tax_rate_e4: null }),
      ],
      row_errors: [],
      stock: [],
    });
  });

  test.each([
    ["comma", "sku,name,price\nA,Tea,1.50\n", {}],
    ["semicolon, padded, with a mark", '\ufeff sku ; name ;price\r\nA ; "Tea" ; 1.50 \r\n', {}],
    ["tab", "sku\tname\tprice\nA\tTea\t1.50\n", {}],
    ["bar", "sku|name|price\nA|Tea|1.50\n", {}],
    ["a header with another delimiter in it", 'sku;name;"price, with tax";price\nA;Tea;;1.50\n', {}],
    ["declared", "name,sku|name|price\n,A|Tea|1.50\n", { delimiter: "|", columns: { "name,sku": "item_code" } }],
    ["empty rows before the header", ",,\n\nsku,name,price\nA,Tea,1.50\n", {}],
  ] as [string, string, CsvSettings][])("delimiters: %s", (_, text, settings) => {
    expect(variantsOf(map(text, settings))).toMatchObject([{ item_code: expect.stringMatching(/A$/), base_price_minor: 150 }]);
  });

  test("a header alone is an empty catalogue; nothing at all, and what is no table, are refused", () => {
    expect(map("sku,name\n")).toEqual({ categories: [], modifier_groups: [], products: [], row_errors: [], stock: [] });
    for (const text of ["", "\n\n", " , \n", '{"products": []}', "My menu,,\nsku,name,price\n"]) {
      expect(() => map(text)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
    }
  });

  test("more rows than fit are refused", () => {
    expect(map(`name\n${"Tea\n".repeat(ROW_LIMIT)}`).row_errors).toHaveLength(ROW_LIMIT - 1);
    expect(() => map(`name\n${"Tea\n".repeat(ROW_LIMIT + 1)}`)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });
});

describe("money", () => {
  test("the currency is the row's, else the source's, and its decimals are its own", () => {
    const text = "sku,name,price,currency\nA,A,1.5,usd\nB,B,1500,JPY\nC,C,1.250,KWD\nD,D,2.50,\nE,E,,USD\n";
    expect(pricesOf(map(text))).toEqual(["A 150 USD", "B 1500 JPY", "C 1250 KWD", "D 250 SGD", "E null null"]);
  });

  test("the decimal mark is the one that was declared", () => {
    const text = "sku;name;price\nA;A;1.234,50\nB;B;4,5\n";
    expect(pricesOf(map(text, { decimal_mark: "," }))).toEqual(["A 123450 SGD", "B 450 SGD"]);
    expect(errorsOf(map(text))).toEqual([
      ["row 2", "A", "PRICE_INVALID"],
      ["row 3", "B", "PRICE_INVALID"],
    ]);
  });

  test("of prices by currency the source's is taken, else the first there is", () => {
    const text = "sku,name,Price USD,Price EUR\nA,A,1.10,1.20\nB,B,,1.30\n";
    expect(pricesOf(map(text, {}, "EUR"))).toEqual(["A 120 EUR", "B 130 EUR"]);
    expect(pricesOf(map(text, {}, "SGD"))).toEqual(["A 110 USD", "B 130 EUR"]);
  });

  test("an unknown currency costs its row", () => {
    expect(errorsOf(map("sku,name,price,currency\nA,A,1,XXQ\nB,B,,XXQ\n"))).toEqual([["row 2", "A", "CURRENCY_UNKNOWN"]]);
  });
});

describe("rows of one product", () => {
  test("are told by handle, else by id, and may lie apart", () => {
    const byHandle = map("handle,sku,name,option\nt,T1,Tea,Hot\nx,X,X,\nt,T2,Tea,Iced\n");
    const byId = map("id,sku,name,option\n7,T1,Tea,Hot\n8,X,X,\n7,T2,Tea,Iced\n");
    for (const catalog of [byHandle, byId]) {
      expect(catalog.products.map(({ variants }) => variants.map(({ item_code, name }) => [item_code, name]))).toEqual([
        [
          ["T1", "Hot"],
          ["T2", "Iced"],
        ],
        [["X", null]],
      ]);
      expect(catalog.row_errors).toEqual([]);
    }
  });

  test("are told by their name where they carry an option, and only there", () => {
    const catalog = map("sku,name,size\nT1,Tea,Small\nT2,Tea,Large\nB1,Bun,\nB2,Bun,\n");
    expect(catalog.products.map(({ external_id, variants }) => [external_id, variants.length])).toEqual([
      ["Tea", 2],
      ["B1", 1],
      ["B2", 1],
    ]);
  });

  test("take from the first row what only it says; a row with a name of its own says it for itself", () => {
    const catalog = map(
      [
        "handle,sku,name,price,currency,status,option1 name,option1 value",
        "mug,M1,Mug,9.00,USD,draft,Colour,Red",
        "mug,M2,,9.50,,,,Blue",
        "cup,C1,Cup,4.00,USD,draft,Colour,Red",
        "cup,C2,Cup,4.50,,,,Blue",
      ].join("\n"),
    );
    expect(pricesOf(catalog)).toEqual(["M1 900 USD", "M2 950 USD", "C1 400 USD", "C2 450 SGD"]);
    expect(catalog.products.map(({ name, is_active }) => [name, is_active])).toEqual([
      ["Mug", false],
      ["Cup", true],
    ]);
    expect(variantsOf(catalog).map(({ is_active, attributes }) => [is_active, attributes])).toEqual([
      [false, { Colour: "Red" }],
      [false, { Colour: "Blue" }],
      [false, { Colour: "Red" }],
      [true, { Colour: "Blue" }],
    ]);
  });

  test("need something to tell them apart", () => {
    const catalog = map("handle,sku,name,option\nmug,MUG,Mug,\nmug,MUG-R,,Red\n");
    expect(errorsOf(catalog)).toEqual([["row 2", "MUG", "VARIANT_NAME_MISSING"]]);
    expect(catalog.products).toMatchObject([{ name: "Mug", variants: [{ item_code: "MUG-R" }] }]);
  });

  test("fail together where the product cannot be taken, and name the row that is why", () => {
    const catalog = map("handle,sku,name,tax,size\nmug,M1,Mug,19 percent,S\nmug,M2,Mug,19,L\nnameless,N,,,\n");
    expect(errorsOf(catalog)).toEqual([
      ["row 2", "M1", "TAX_RATE_INVALID"],
      ["row 3", "M2", "TAX_RATE_INVALID"],
      ["row 4", "N", "NAME_MISSING"],
    ]);
    expect(catalog.row_errors[1]?.message).toContain("(row 2)");
  });

  test("without a code have one made of what they are", () => {
    const catalog = map("name,size,price\nTea,Small,1\nTea,Large,2\nCafé au lait!,,3\nTea,Small,4\n");
    expect(variantsOf(catalog).map(({ item_code }) => item_code)).toEqual(["tea-small", "tea-large", "café-au-lait"]);
    expect(errorsOf(catalog)).toEqual([["row 5", "tea-small", "DUPLICATE_EXTERNAL_ID"]]);
    expect(variantsOf(map("id,name,variant id\n7,Tea,\n8,Bun,v8\n")).map(({ item_code }) => item_code)).toEqual(["7", "v8"]);
  });
});

describe("rows that cannot be taken", () => {
  test("cost themselves only and are named as a spreadsheet numbers them", () => {
    const catalog = map(
      [
        "sku,name,price,active,barcode",
        "A,Tea,1.50,maybe,",
        "",
        '"B","Two\nlines",2.50,yes,',
        "C,,3.00,yes,",
        "D,Bun,-1,,",
        "E,Cake,1,,4.00638E+12",
        'F,"Pie" warm,1,,',
        "G,Scone",
        "H,Roll, plain,1,yes,,",
        "I,Jam,1,yes,,,extra",
        "B,Again,1,,",
        "8.88E+11,Rounded,1,,",
        "J,Fine,1,yes",
      ].join("\n"),
    );
    expect(variantsOf(catalog).map(({ item_code, position }) => [item_code, position])).toEqual([
      ["B", "row 4"],
      ["J", "row 14"],
    ]);
    expect(errorsOf(catalog)).toEqual([
      ["row 2", "A", "ACTIVE_INVALID"],
      ["row 5", "C", "NAME_MISSING"],
      ["row 6", "D", "PRICE_NEGATIVE"],
      ["row 7", "E", "BARCODE_INVALID"],
      ["row 8", null, "QUOTES_INVALID"],
      ["row 9", null, "CELLS_MISSING"],
      ["row 10", "H", "PRICE_INVALID"],
      ["row 11", null, "CELLS_EXTRA"],
      ["row 12", "B", "DUPLICATE_EXTERNAL_ID"],
      ["row 13", "8.88E+11", "ITEM_CODE_INVALID"],
    ]);
  });

  test("can be given back as they came", () => {
    const { table } = read('sku;name\r\n\r\nA;"Two\nlines; ""x"""\r\nB;é;;\r\n');
    expect(table).toMatchObject({ delimiter: ";", header: ["sku", "name"] });
    expect(table?.cellsOf("row 3")).toEqual(["A", 'Two\nlines; "x"']);
    expect(table?.cellsOf("row 4")).toEqual(["B", "é", "", ""]);
    expect(table?.bytesOf("row 4")).toBe(8);
    for (const position of ["row 5", "row 0", "products[1]"]) expect(table?.cellsOf(position)).toBeNull();
  });

  test("a cell that another system guarded against formulas is read without its guard", () => {
    expect(map("sku,name\n'-A,'=Tea\n").products).toMatchObject([{ name: "=Tea", variants: [{ item_code: "-A" }] }]);
  });
});

describe("properties", () => {
  const word = fc.constantFrom(
    "",
    "A",
    "b",
    "Tea",
    "Tea",
    "1.50",
    "-1",
    "1,5",
    "x\ny",
    '"',
    "yes",
    "no",
    "SGD",
    "JPY",
    "> x",
    "a|b",
    "'=1",
    "\u0001",
  );
  const header = fc.uniqueArray(
    fc.constantFrom(
      "sku",
      "id",
      "handle",
      "name",
      "price",
      "Price JPY",
      "currency",
      "category",
      "tags",
      "active",
      "tax",
      "size",
      "barcode",
      "?",
    ),
    { minLength: 1, maxLength: 10 },
  );
  const table = fc.tuple(header, fc.array(fc.array(word, { maxLength: 11 }), { maxLength: 12 }));

  test("any table is refused as a whole or gives a sound catalogue", () => {
    fc.assert(
      fc.property(table, ([head, body]) => expectSoundCatalog(() => map([head, ...body].map((row) => csvLine(row, ",")).join("")))),
      { numRuns: 400 },
    );
  });

  test("every row is taken or named, once", () => {
    fc.assert(
      fc.property(table, ([head, body]) => {
        const columns = head.includes("name") ? head : ["name", ...head];
        const catalog = map([columns, ...body].map((row) => csvLine(row, ",")).join(""));
        const filled = body.flatMap((row, index) => (row.some((cell) => cell.trim() !== "") ? [`row ${index + 2}`] : []));
        const named = [...variantsOf(catalog), ...catalog.row_errors].map(({ position }) => position);
        expect(named.sort()).toEqual(filled.sort());
      }),
      { numRuns: 400 },
    );
  });
});

describe("docs/providers/csv.md", () => {
  const page = readFileSync(resolve(process.cwd(), "docs/providers/csv.md"), "utf8");
  const [payload = "", rejected = ""] = [...page.matchAll(/```csv\n(.*?)```/gs)].map(([, block = ""]) => block);

  test("shows what its example becomes", () => {
    const { catalog, table } = read(payload);
    expect(catalog.products).toMatchObject(JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? ""));
    expect(catalog.products).toHaveLength(2);
    const kept = keepRejected(catalog.row_errors, table, true);
    const sheet = sheetOf(kept[0]);
    const lines = [[...(sheet.header ?? []), "reason", "message"], ...kept.map((row) => rejectedLine(sheet, row))];
    expect(lines.map((line) => csvLine(line, ",")).join("")).toBe(rejected.replaceAll("\n", "\r\n"));
  });

  test("names every field and what else its columns are called", () => {
    const rows = [...page.matchAll(/^\| (?:\*\*)?`([a-z_]+)`(?:\*\*)?(?: \*)? \| ([a-z0-9 ,]+) \|/gm)].map(([, field, names]) => [
      field,
      names,
    ]);
    expect(rows).toEqual(CSV_FIELDS.map((field) => [field, FIELDS[field]]));
  });
});

const fixtures = resolve(process.cwd(), process.env.SERVERY_FIXTURES ?? "../shared/fixtures");
const hasFixtures = existsSync(fixtures);
if (!hasFixtures) console.info(`CSV fixtures skipped: ${fixtures} is absent (set SERVERY_FIXTURES).`);

describe.skipIf(!hasFixtures)("tables that others published, without a preset for them", () => {
  const mapFile = (file: string): CanonicalCatalog =>
    completed(csvProvider.read(readFileSync(resolve(fixtures, file)), { currency: "USD" }, {})).catalog;
  const summary = (catalog: CanonicalCatalog) => ({
    products: catalog.products.length,
    variants: variantsOf(catalog).length,
    categories: catalog.categories.length,
    errors: Object.fromEntries([...Map.groupBy(catalog.row_errors, ({ reason }) => reason)].map(([reason, list]) => [reason, list.length])),
  });

  test("zepto: no codes and no known price, 837 names on 1,830 rows", () => {
    const catalog = mapFile("zepto/zepto-a.csv");
    expect(summary(catalog)).toMatchObject({ products: 837, variants: 837, errors: { DUPLICATE_EXTERNAL_ID: 993 } });
    expect(catalog.products[2]).toMatchObject({
      external_id: "watermelon",
      name: "Watermelon",
      variants: [{ item_code: "watermelon", base_price_minor: null }],
    });
  });

  test("zepto: with its columns declared, pack sizes tell the rows of one name apart", () => {
    const columns = { weightInGms: "option_value" } as const;
    const catalog = completed(
      csvProvider.read(readFileSync(resolve(fixtures, "zepto/zepto-a.csv")), { currency: "INR" }, { columns }),
    ).catalog;
    const potatoes = catalog.products.find(({ name }) => name === "Potato")?.variants.map(({ name }) => name);
    expect(potatoes).toEqual(["1000", "3000"]);
    expect(variantsOf(catalog).length + catalog.row_errors.length).toBe(1_830);
  });

  test("medusa's template and export", () => {
    const template = mapFile("medusa/v1-template.csv");
    expect(summary(template)).toEqual({ products: 3, variants: 5, categories: 0, errors: {} });
    expect(pricesOf(template)).toEqual([
      "test-sku-1 110 USD",
      "test-sku-1-1 110 USD",
      "test-sku-2 110 USD",
      "test-sku-3 120 USD",
      "test-sku-4 null null",
    ]);
    expect(template.products.map(({ external_id, is_active }) => [external_id, is_active])).toEqual([
      ["test-product-product-1", false],
      ["test-product-product-1-1", false],
      ["test-product-product-2", false],
    ]);
    expect(template.products[2]?.variants.map(({ name, attributes }) => [name, attributes])).toEqual([
      ["Test variant", { Size: "Small" }],
      ["Test variant", { Size: "Medium" }],
      ["Test variant changed", { Size: "Large" }],
    ]);

    const exported = mapFile("medusa/exported-products-comma.csv");
    expect(summary(exported)).toEqual({ products: 2, variants: 3, categories: 0, errors: {} });
    expect(exported.products[0]).toMatchObject({
      external_id: "base-product",
      description: "test-product-description test line 2",
      tags: ["123", "456"],
      variants: [
        { external_id: "variant_01J44RRJZW1T9KQB6XG7Q6K61F", base_price_minor: 10_000, attributes: { size: "large", color: "green" } },
        { external_id: "variant_01J44RRJZW5GNQKT1FEDACEESW", base_price_minor: 20_000, attributes: { size: "small", color: "green" } },
      ],
    });
  });

  test("spree: 37 products whose first row is the product itself, 87 variants, each again with a second price", () => {
    const catalog = mapFile("spree/products.csv");
    expect(summary(catalog)).toEqual({
      products: 37,
      variants: 87,
      categories: 24,
      errors: { VARIANT_NAME_MISSING: 37, DUPLICATE_EXTERNAL_ID: 87 },
    });
    expect(catalog.products[0]).toMatchObject({
      external_id: "automatic-espresso-machine",
      category_external_ids: ["kitchen > coffee machines"],
      variants: [
        {
          item_code: "AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK",
          base_price_minor: 87_999,
          currency: "USD",
          attributes: { Color: "Matte Black" },
        },
        { name: "Silver" },
        { name: "White" },
      ],
    });
  });

  test("vendure: its own continuation rows wait for a preset, its padded quotes do not", () => {
    expect(summary(mapFile("vendure/products.csv"))).toMatchObject({ products: 54, variants: 54, errors: { NAME_MISSING: 34 } });
    const minimal = mapFile("vendure/e2e-products-minimal.csv");
    expect(minimal.products).toMatchObject([{ external_id: "laptop", variants: [{ item_code: "L2201308", base_price_minor: 129_900 }] }]);
    expect(minimal.products[0]?.description).toMatch(/^Now equipped with seventh-generation .*3\.6GHz\.$/);
  });
});
