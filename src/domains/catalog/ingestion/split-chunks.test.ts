import { describe, expect, test } from "vitest";
import type { CanonicalCatalog, CanonicalProduct } from "../canonical.ts";
import { CHUNK_ROWS, splitChunks } from "./split-chunks.ts";

const product = (id: number, variants: number, description = ""): CanonicalProduct => ({
  external_id: `p${id}`,
  name: `Product ${id}`,
  description,
  category_external_ids: [],
  image_url: null,
  is_active: true,
  tags: [],
  allergens: [],
  tax_rate_e4: null,
  modifier_groups: [],
  provider_version: null,
  variants: Array.from({ length: variants }, (_, index) => ({
    position: `products[${id}]`,
    external_id: `v${id}-${index}`,
    item_code: `C${id}-${index}`,
    name: null,
    barcode: null,
    base_price_minor: null,
    currency: null,
    is_active: true,
    attributes: {},
    bundle: [],
  })),
});

const catalog = (part: Partial<CanonicalCatalog>): CanonicalCatalog => ({
  categories: [],
  modifier_groups: [],
  products: [],
  row_errors: [],
  stock: [],
  ...part,
});

const rows = (chunk: CanonicalCatalog): number =>
  chunk.categories.length +
  chunk.modifier_groups.reduce((sum, { options }) => sum + 1 + options.length, 0) +
  chunk.products.reduce((sum, { variants }) => sum + variants.length, 0);

describe("splitChunks", () => {
  test("keeps chunks under the bound and everything in its order", () => {
    const products = Array.from({ length: 700 }, (_, id) => product(id, 3));
    const chunks = splitChunks(catalog({ products }));
    expect(chunks.length).toBeGreaterThanOrEqual(5);
    for (const chunk of chunks) expect(rows(chunk)).toBeLessThanOrEqual(CHUNK_ROWS);
    expect(chunks.flatMap((chunk) => chunk.products)).toEqual(products);
  });

  test("a small catalogue is one chunk, an empty one too, with the rows that failed", () => {
    const row_errors = [{ position: "row 1", item_code: null, reason: "NAME_MISSING", message: "name" }];
    expect(splitChunks(catalog({ row_errors }))).toEqual([catalog({ row_errors })]);
    expect(splitChunks(catalog({ products: [product(1, 2)], row_errors }))).toHaveLength(1);
  });

  test("long texts make smaller chunks; a product is never cut", () => {
    const long = splitChunks(catalog({ products: Array.from({ length: 200 }, (_, id) => product(id, 1, "x".repeat(20_000))) }));
    for (const chunk of long) expect(JSON.stringify(chunk).length).toBeLessThan(1_100_000);
    expect(splitChunks(catalog({ products: [product(1, 900)] }))).toHaveLength(1);
    // Forty versions each keep 20 KB of their product.
    expect(splitChunks(catalog({ products: [product(1, 40, "x".repeat(20_000)), product(2, 40, "x".repeat(20_000))] }))).toHaveLength(2);
  });

  test("failed rows are spread like others, and weigh what a run keeps of them", () => {
    const row_errors = Array.from({ length: 1_200 }, (_, index) => ({
      position: `row ${index + 2}`,
      item_code: null,
      reason: "NAME_MISSING",
      message: "name is missing.",
    }));
    const chunks = splitChunks(catalog({ row_errors, products: [product(1, 2)] }));
    expect(chunks.map((chunk) => chunk.row_errors.length)).toEqual([200, 200, 200, 200, 200, 200, 0]);
    expect(chunks[6]?.products).toHaveLength(1);
    expect(chunks.flatMap((chunk) => chunk.row_errors)).toEqual(row_errors);
    expect(splitChunks(catalog({ row_errors }), () => 30_000).map((chunk) => chunk.row_errors.length)[0]).toBeLessThanOrEqual(33);
    expect(splitChunks(catalog({ products: Array.from({ length: 60 }, (_, id) => product(id, 2)) }), () => 30_000).length).toBeGreaterThan(
      3,
    );
  });

  test("parents come before their children, over chunks too", () => {
    const categories = Array.from({ length: 1_200 }, (_, index) => ({
      external_id: `k${index}`,
      name: `Category ${index}`,
      parent_external_id: index < 1_199 ? `k${index + 1}` : null,
      position: index,
    }));
    const seen = new Set<string | null>([null]);
    for (const category of splitChunks(catalog({ categories })).flatMap((chunk) => chunk.categories)) {
      expect(seen.has(category.parent_external_id)).toBe(true);
      seen.add(category.external_id);
    }
    expect(seen.size).toBe(1_201);
  });
});
