import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapSaleor } from "./saleor.ts";

const map = (payload: unknown, currency = "USD"): CanonicalCatalog =>
  completed(mapSaleor(payload, { currency, image_base_url: "https://shop.example/media" }));
const row = (model: string, pk: number | string, fields: object) => ({ model, pk, fields });
const errorsOf = (catalog: CanonicalCatalog) => catalog.row_errors.map(({ position, item_code, reason }) => [position, item_code, reason]);

const shirt = () => [
  row("channel.channel", 1, { currency_code: "USD" }),
  row("channel.channel", 2, { currency_code: "PLN" }),
  row("product.category", 10, { name: "Tees", parent: 11 }),
  row("product.category", 11, { name: "Apparel", parent: null }),
  row("product.collection", 10, { name: "Summer" }),
  row("product.collectionproduct", 1, { collection: 10, product: 5 }),
  row("product.product", 5, {
    name: " Team   Shirt ",
    category: 10,
    description: { blocks: [{ data: { text: "Made <b>here</b>" } }, { data: { text: "&amp; worn there" } }] },
    updated_at: "2022-05-12T22:09:40Z",
  }),
  row("product.productchannellisting", 1, { product: 5, channel: 1, is_published: true }),
  row("product.productchannellisting", 2, { product: 5, channel: 2, is_published: false }),
  row("product.productvariant", 7, { product: 5, sku: null, name: "UHJvZHVjdFZhcmlhbnQ6Nw==", sort_order: 2 }),
  row("product.productvariant", 6, { product: 5, sku: "TEE-S", name: "", sort_order: 1, updated_at: "2022-06-01T00:00:00Z" }),
  row("product.productvariantchannellisting", 1, { variant: 6, channel: 1, currency: "USD", price_amount: "40.000" }),
  row("product.productvariantchannellisting", 2, { variant: 6, channel: 2, currency: "PLN", price_amount: "160.500" }),
  row("product.productvariantchannellisting", 3, { variant: 7, channel: 1, currency: "USD", price_amount: null }),
  row("product.productmedia", 1, { product: 5, sort_order: 1, type: "VIDEO", external_url: "https://video.example/1" }),
  row("product.productmedia", 2, { product: 5, sort_order: 3, type: "IMAGE", image: "products/b.png", external_url: null }),
  row("product.productmedia", 3, { product: 5, sort_order: 2, type: "IMAGE", image: "products/a b.png", external_url: null }),
  row("attribute.attribute", 1, { name: "Size" }),
  row("attribute.attribute", 2, { name: "Material" }),
  row("attribute.attributevalue", 1, { attribute: 1, name: "Small" }),
  row("attribute.attributevalue", 2, { attribute: 2, name: "Cotton" }),
  row("attribute.assignedvariantattribute", 4, { variant: 6, assignment: 1 }),
  row("attribute.assignedvariantattributevalue", 1, { assignment: 4, value: 1 }),
  row("attribute.assignedproductattributevalue", 1, { product: 5, value: 2 }),
  row("warehouse.stock", 1, { warehouse: "w-1", product_variant: 6, quantity: 12 }),
  row("warehouse.stock", 2, { warehouse: "w-1", product_variant: 7, quantity: 3 }),
];

describe("a dump of Saleor's", () => {
  test("is joined by pk", () => {
    const catalog = map(shirt());
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.categories.map(({ external_id, parent_external_id }) => [external_id, parent_external_id])).toEqual([
      ["category:10", "category:11"],
      ["category:11", null],
      ["collection:10", null],
    ]);
    expect(catalog.products).toMatchObject([
      {
        external_id: "5",
        name: "Team Shirt",
        description: "Made here & worn there",
        category_external_ids: ["category:10", "collection:10"],
        image_url: "https://shop.example/media/products/a%20b.png",
        is_active: true,
        provider_version: Date.parse("2022-06-01T00:00:00Z"),
        variants: [
          {
            external_id: "6",
            item_code: "TEE-S",
            name: "Small",
            base_price_minor: 4_000,
            currency: "USD",
            is_active: true,
            attributes: { Material: "Cotton", Size: "Small" },
          },
          { external_id: "7", item_code: "7", name: "7", base_price_minor: null, currency: null, is_active: false },
        ],
      },
    ]);
    expect(
      catalog.stock.map(({ variant_external_id, location_external_id, quantity_e4 }) => [
        variant_external_id,
        location_external_id,
        quantity_e4,
      ]),
    ).toEqual([
      ["6", "w-1", 120_000],
      ["7", "w-1", 30_000],
    ]);
  });

  test("has the prices and the publication of the channel that sells in the source's currency, else of the first", () => {
    const priced = (currency: string) =>
      map(shirt(), currency).products.map(({ is_active, variants }) => [is_active, variants[0]?.base_price_minor, variants[0]?.currency]);
    expect(priced("PLN")).toEqual([[false, 16_050, "PLN"]]);
    expect(priced("SGD")).toEqual([[true, 4_000, "USD"]]);
  });

  test("an only variant that nobody named has no name, and stock that is not tracked is none", () => {
    const rows = [
      row("product.product", 5, { name: "Mug", category: 99 }),
      row("product.productvariant", 7, { product: 5, sku: null, name: "UHJvZHVjdFZhcmlhbnQ6Nw==", track_inventory: false }),
      row("warehouse.stock", 2, { warehouse: "w-1", product_variant: 7, quantity: 3 }),
    ];
    const catalog = map(rows);
    expect(catalog.products).toMatchObject([
      { is_active: true, category_external_ids: [], variants: [{ name: null, item_code: "7", is_active: true, base_price_minor: null }] },
    ]);
    expect(catalog.stock).toEqual([]);
  });

  test("what cannot be taken costs itself", () => {
    const rows = [
      ...shirt(),
      row("product.product", 8, { name: " " }),
      row("product.productvariant", 81, { product: 8, sku: "NO-NAME" }),
      row("product.product", 9, { name: "Empty" }),
      row("product.productvariant", 82, { product: 404, sku: "LOST" }),
      row("product.productvariant", 83, { product: 5, sku: "TEE-S", name: "Twin" }),
      row("product.category", 12, { name: "Loop", parent: 13 }),
      row("product.category", 13, { name: "Pool", parent: 12 }),
    ];
    const catalog = map(rows);
    expect(errorsOf(catalog)).toEqual([
      ["[30]", "TEE-S", "DUPLICATE_ITEM_CODE"],
      ["[27]", "NO-NAME", "NAME_MISSING"],
      ["[28]", null, "VARIANTS_MISSING"],
      ["[29]", "LOST", "PRODUCT_UNKNOWN"],
    ]);
    expect(catalog.categories.slice(2, 4).map(({ parent_external_id }) => parent_external_id)).toEqual([null, null]);
  });

  test("is told from anything else", () => {
    for (const payload of [
      null,
      [],
      {},
      [{ model: "product.category", pk: 1, fields: {} }],
      shirt().map(({ model, pk }) => ({ model, pk })),
    ])
      expect(() => map(payload)).toThrow(/product\.product/);
  });
});
