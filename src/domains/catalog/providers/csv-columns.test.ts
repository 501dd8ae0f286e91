import { describe, expect, test } from "vitest";
import { CSV_FIELDS, type CsvSettings, readHeader } from "./csv-columns.ts";

/** `field: header, header` of every field that has a column. */
const mapped = (header: string[], settings: CsvSettings = {}): Record<string, string[]> => {
  const columns = readHeader(header, settings);
  return Object.fromEntries(
    CSV_FIELDS.flatMap((field) =>
      columns[field].length === 0 ? [] : [[field, columns[field].map((column) => column.header + (column.currency ?? ""))]],
    ),
  );
};

describe("headers", () => {
  test("are known in any case, padded, with blanks or punctuation, and by their usual other names", () => {
    expect(mapped([" Item_Code ", "PRODUCT NAME", "Body (HTML)", "unit-price", "E.A.N.", "Is Active?", "VAT %", "weightInGms"])).toEqual({
      item_code: ["Item_Code"],
      name: ["PRODUCT NAME"],
      description: ["Body (HTML)"],
      price: ["unit-price"],
      barcode: ["E.A.N."],
      active: ["Is Active?"],
      tax_rate: ["VAT %"],
    });
  });

  test("every field is known by its own name", () => {
    expect(Object.keys(mapped([...CSV_FIELDS]))).toEqual(CSV_FIELDS);
  });

  test("numbered columns repeat a field that may repeat, and only that", () => {
    const columns = readHeader(
      ["name", "category1", "Category 2", "Option 2 Value", "option1_value", "Variant Option 1 Name", "price2"],
      {},
    );
    expect(columns.category.map(({ number }) => number)).toEqual([1, 2]);
    expect(columns.option_value.map(({ number }) => number)).toEqual([2, 1]);
    expect(columns.option_name.map(({ number }) => number)).toEqual([1]);
    expect(columns.price).toEqual([]);
  });

  test("a price may be named by its currency, of those there are", () => {
    expect(mapped(["name", "Price USD", "Variant Price (eur)", "price_kwd", "Price Test region [USD]", "price list"]).price).toEqual([
      "Price USDUSD",
      "Variant Price (eur)EUR",
      "price_kwdKWD",
    ]);
  });

  test("the better name goes first, whatever the order of the columns", () => {
    expect(mapped(["code", "name", "SKU", "title"])).toEqual({ item_code: ["SKU", "code"], name: ["name", "title"] });
  });

  test("what the source declares replaces what would be guessed", () => {
    const columns = { Harga: "price", "nama produk": "name", Tax: "ignore" } as const;
    expect(mapped(["Nama Produk", "Name", "HARGA", "Price", "tax"], { columns })).toEqual({ name: ["Nama Produk"], price: ["HARGA"] });
  });

  test("a header that cannot be told is refused as a whole", () => {
    for (const [header, settings, detail] of [
      [
        ["sku", "price"],
        {},
        'No column is known as the name; call one "name", or declare it in settings.columns. The header is "sku", "price".',
      ],
      [
        ["name", "Price", "price"],
        {},
        'Two columns are called "price"; give one of them another name. The header is "name", "Price", "price".',
      ],
      [["name"], { columns: { Harga: "price" } }, 'There is no column "Harga", which settings.columns declares. The header is "name".'],
    ] as [string[], CsvSettings, string][]) {
      expect(() => readHeader(header, settings)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE", message: detail }));
    }
    expect(mapped(["name", "tag", "tag"]).tags).toHaveLength(2);
  });
});
