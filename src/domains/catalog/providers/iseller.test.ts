import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapIseller } from "./iseller.ts";

const map = (payload: unknown, currency = "IDR"): CanonicalCatalog => completed(mapIseller(payload, { currency }));
const answer = (...products: unknown[]) => ({ products, status: true, error_message: "", time: "2026-01-01 00:00:00" });
const reasons = (payload: unknown) => map(payload).row_errors.map(({ position, reason, item_code }) => [position, reason, item_code]);
const only = (payload: unknown, currency = "IDR") => {
  const { products, row_errors } = map(payload, currency);
  expect(row_errors).toEqual([]);
  expect(products).toHaveLength(1);
  return products[0] as (typeof products)[number];
};

const tea = {
  product_id: "p-tea",
  product_header_id: "h-tea",
  name: "Es Teh",
  description: "<p>Manis</p>",
  type: "standard",
  product_type: "Minuman",
  sku: "TEH",
  barcode: "",
  price: 8_000,
  taxable: true,
  is_active: true,
  tags: ["Dingin", "Halal"],
  images: ["https://img.example/teh.jpg"],
  modified_date: "2025-06-01 10:00:00",
};
const coffee = (id: string, size: string, fields: object = {}) => ({
  product_id: id,
  product_header_id: "h-kopi",
  name: "Kopi Susu",
  type: "variant",
  product_type: "Minuman",
  sku: "",
  price: 20_000,
  variant_options: [{ option: "Ukuran", value: size }],
  ...fields,
});

describe("a product", () => {
  test("is a header with its row", () => {
    expect(map(answer(tea))).toMatchObject({
      categories: [{ external_id: "type:minuman", name: "Minuman" }],
      products: [
        {
          external_id: "h-tea",
          name: "Es Teh",
          description: "Manis",
          category_external_ids: ["type:minuman"],
          image_url: "https://img.example/teh.jpg",
          is_active: true,
          tags: ["dingin", "halal"],
          tax_rate_e4: null,
          provider_version: null,
          variants: [
            { external_id: "p-tea", item_code: "TEH", name: null, barcode: null, base_price_minor: 800_000, currency: "IDR", bundle: [] },
          ],
        },
      ],
      row_errors: [],
    });
  });

  test.each<[string, unknown]>([
    ["a list", [tea]],
    ["a row by itself", tea],
    ["no header", answer({ ...tea, product_header_id: null })],
    ["an empty header", answer({ ...tea, product_header_id: "00000000-0000-0000-0000-000000000000" })],
  ])("in %s", (_, payload) => {
    expect(only(payload).variants).toMatchObject([{ external_id: "p-tea" }]);
  });

  test.each<[object, string, number | null]>([
    [{ price: "35000.00" }, "IDR", 3_500_000],
    [{ price: 35_000 }, "IDR", 3_500_000],
    [{ price: 5.5 }, "SGD", 550],
    [{ price: 0 }, "IDR", 0],
    [{ price: null }, "IDR", null],
    [
      {
        price: null,
        outlet_prices: [
          { outlet_id: "o1", price: 7_000 },
          { outlet_id: "o2", price: "7000" },
        ],
      },
      "IDR",
      700_000,
    ],
    [{ price: null, outlet_prices: [{ price: 7_000 }, { price: 8_000 }] }, "IDR", null],
    [{ price: 6_000, outlet_prices: [{ price: 7_000 }] }, "IDR", 600_000],
  ])("costs %j in %s", (fields, currency, minor) => {
    expect(only(answer({ ...tea, ...fields }), currency).variants[0]?.base_price_minor).toBe(minor);
  });

  test.each<[object, object]>([
    [
      { images: "https://img.example/one.jpg", tags: "Dingin, Manis" },
      { image_url: "https://img.example/one.jpg", tags: ["dingin", "manis"] },
    ],
    [
      { images: "", tags: "" },
      { image_url: null, tags: [] },
    ],
    [{ taxable: false }, { tax_rate_e4: 0 }],
    [{ is_active: false }, { is_active: false }],
    [{ is_active: "true" }, { is_active: true }],
    [{ sku: null }, { variants: [{ item_code: "p-tea" }] }],
  ])("%j is %j", (fields, read) => {
    expect(only(answer({ ...tea, ...fields }))).toMatchObject(read);
  });
});

describe("rows of one header", () => {
  test("are its variants", () => {
    const product = only(answer(coffee("k1", "Kecil"), coffee("k2", "Besar", { price: 25_000, is_active: false })));
    expect(product).toMatchObject({ external_id: "h-kopi", name: "Kopi Susu", is_active: true });
    expect(product.variants).toMatchObject([
      { external_id: "k1", item_code: "k1", name: "Kecil", base_price_minor: 2_000_000, is_active: true, attributes: { Ukuran: "Kecil" } },
      { external_id: "k2", item_code: "k2", name: "Besar", base_price_minor: 2_500_000, is_active: false },
    ]);
  });

  test("may carry the variant in their names, and stand apart", () => {
    const rows = [coffee("k1", "Kecil", { name: "Kopi Susu - Kecil" }), tea, coffee("k2", "Besar", { name: "Kopi Susu - Besar" })];
    expect(map(answer(...rows)).products.map(({ name, variants }) => [name, variants.length])).toEqual([
      ["Kopi Susu", 2],
      ["Es Teh", 1],
    ]);
  });

  test("of which one is the header itself, which is not sold", () => {
    const header = coffee("h-kopi", "", { variant_options: [], description: "Enak" });
    const product = only(answer(header, coffee("k1", "Kecil"), coffee("k2", "Besar")));
    expect(product.description).toBe("Enak");
    expect(product.variants.map(({ external_id }) => external_id)).toEqual(["k1", "k2"]);
  });
});

describe("modifier groups", () => {
  const sugar = {
    modifier_group_id: "g1",
    title: "Gula",
    is_active: true,
    modifiers: [
      { modifier_id: "m1", title: "Tanpa gula", price: 0, quantity: 0 },
      { modifier_id: "m2", title: "Gula aren", price: "3000", quantity: 0 },
    ],
  };
  const boba = { modifier_id: "m3", title: "Boba", price: 5_000 };

  test("are taken once, with what any of their copies holds; none has to be chosen and all may be", () => {
    const copy = { ...sugar, modifiers: [...sugar.modifiers, boba] };
    const { modifier_groups, products, row_errors } = map(
      answer({ ...tea, modifier_groups: [sugar] }, coffee("k1", "Kecil", { modifier_groups: [copy] })),
    );
    expect(row_errors).toEqual([]);
    expect(modifier_groups).toMatchObject([
      {
        external_id: "g1",
        name: "Gula",
        min_select: 0,
        max_select: null,
        options: [
          { external_id: "g1/m1", price_delta_minor: 0, is_active: true },
          { external_id: "g1/m2", price_delta_minor: 300_000 },
          { external_id: "g1/m3", price_delta_minor: 500_000 },
        ],
      },
    ]);
    expect(products.map((product) => product.modifier_groups)).toEqual([
      [{ external_id: "g1", min_select: null, max_select: null }],
      [{ external_id: "g1", min_select: null, max_select: null }],
    ]);
  });

  test("that are switched off or empty are left out", () => {
    const off = answer({
      ...tea,
      modifier_groups: [
        { ...sugar, is_active: false },
        { ...sugar, modifier_group_id: "g2", modifiers: [] },
      ],
    });
    expect(only(off).modifier_groups).toEqual([]);
    expect(map(off).modifier_groups).toEqual([]);
  });

  test("that cannot be read take their products with them", () => {
    expect(reasons(answer({ ...tea, modifier_groups: [{ ...sugar, title: "" }] }))).toEqual([
      ["products[0].modifier_groups[0]", "NAME_MISSING", null],
      ["products[0]", "MODIFIER_GROUP_REFUSED", "TEH"],
    ]);
  });
});

describe("a comboset", () => {
  const rice = { ...tea, product_id: "p-nasi", product_header_id: "h-nasi", name: "Nasi", sku: "NASI" };
  const set = {
    ...tea,
    product_id: "p-set",
    product_header_id: "h-set",
    name: "Paket Hemat",
    type: "comboset",
    sku: "SET",
    price: 30_000,
    track_inventory: true,
    inventories: [{ outlet_id: "o1", unit_in_stock: 4 }],
    bundles: [
      { product_id: "p-nasi", sku: "", category: "Nasi", product_name: "Nasi", quantity: 2 },
      { product_id: "p-tea", sku: "TEH", category: "Minum", product_name: "Es Teh", quantity: 1 },
      { product_id: "p-far", sku: "JERUK", category: "Minum", product_name: "Es Jeruk", variant_name: "Besar", quantity: 2 },
      { product_id: null, sku: null, category: "Minum" },
      { product_id: "p-sambal", sku: null, category: null, product_name: "Sambal" },
    ],
  };

  test("holds what stands alone in its slot, and offers the others", () => {
    const { products, modifier_groups, row_errors, stock } = map(answer(tea, rice, set));
    expect(row_errors).toEqual([]);
    expect(products[2]).toMatchObject({
      modifier_groups: [{ external_id: "p-set/combo/Minum", min_select: null, max_select: null }],
      variants: [
        {
          base_price_minor: 3_000_000,
          bundle: [
            { item_code: "NASI", quantity_e4: 20_000 },
            { item_code: "p-sambal", quantity_e4: 10_000 },
          ],
        },
      ],
    });
    expect(modifier_groups).toMatchObject([
      {
        external_id: "p-set/combo/Minum",
        name: "Minum",
        min_select: 1,
        max_select: 1,
        options: [
          { external_id: "p-set/combo/Minum/TEH", name: "Es Teh", item_code: "TEH", price_delta_minor: 0 },
          { external_id: "p-set/combo/Minum/JERUK", name: "2 × Es Jeruk (Besar)", item_code: "JERUK" },
        ],
      },
    ]);
    // Counted by its parts.
    expect(stock).toEqual([]);
  });

  test("holds no other", () => {
    const party = {
      ...set,
      product_id: "p-pesta",
      product_header_id: "h-pesta",
      sku: "PESTA",
      bundles: [{ product_id: "p-set", quantity: 5 }],
    };
    expect(reasons(answer(tea, rice, set, party))).toEqual([["products[3]", "BUNDLE_NESTED", "PESTA"]]);
  });
});

test("stock is counted by outlet where iSeller counts at all", () => {
  const inventories = [
    { outlet_id: "o1", outlet_name: "Kemang", unit_in_stock: 12 },
    { outlet_id: "o2", unit_in_stock: "-1.5" },
    { outlet_id: "o3", unit_in_stock: null },
  ];
  expect(map(answer({ ...tea, track_inventory: true, inventories })).stock).toEqual([
    {
      position: "products[0].inventories[0]",
      variant_external_id: "p-tea",
      location_external_id: "o1",
      quantity_e4: 120_000,
      counted_at_ms: null,
    },
    {
      position: "products[0].inventories[1]",
      variant_external_id: "p-tea",
      location_external_id: "o2",
      quantity_e4: -15_000,
      counted_at_ms: null,
    },
  ]);
  expect(map(answer({ ...tea, track_inventory: false, inventories })).stock).toEqual([]);
});

describe("what cannot be taken", () => {
  test("rows by themselves", () => {
    const other = { ...tea, product_header_id: "h2" };
    expect(
      reasons(
        answer({ ...tea, name: "" }, 5, { ...other, product_id: "p2", price: -1 }, { ...other, product_id: "p3", product_header_id: "h3" }),
      ),
    ).toEqual([
      ["products[0]", "NAME_MISSING", "TEH"],
      ["products[1]", "ID_MISSING", null],
      ["products[2]", "PRICE_NEGATIVE", "TEH"],
    ]);
    expect(reasons(answer(tea, { ...other, product_id: "p2" }))).toEqual([["products[1]", "DUPLICATE_ITEM_CODE", "TEH"]]);
  });

  test.each([null, 5, {}, { products: null }, [5], { status: false, error_message: "Token expired", products: [] }])("%j", (payload) => {
    expect(() => map(payload)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });

  test("an error that came as an answer says so", () => {
    expect(() => map({ status: false, error_message: "Token expired" })).toThrow(/Token expired/);
  });
});
