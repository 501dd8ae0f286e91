import { describe, expect, it } from "vitest";
import { compileContent, contentHash, documentOf } from "./compile-document.ts";
import type { FlatRow } from "./flat-rows.ts";

const store = {
  id: "s",
  location_id: "l",
  name: "One",
  code: null,
  timezone: "Asia/Singapore",
  locale: "en-SG",
  currency: "SGD",
  address: null,
};

const row = (code: string, category: string, more: Partial<FlatRow> = {}): FlatRow => ({
  category_id: category,
  category_name: category,
  category_view_type: "LIST",
  variant_id: `v-${code}`,
  product_id: `p-${code}`,
  item_code: code,
  name: code,
  description: null,
  price_minor: 100,
  currency: "SGD",
  image_url: null,
  tax_rate_e4: null,
  tags: "[]",
  allergens: "[]",
  modifier_groups: "[]",
  bundle: "[]",
  ...more,
});

describe("compiling a document", () => {
  it("groups rows that stand together, in their order", () => {
    const { categories } = compileContent(store, [row("b", "x"), row("a", "x"), row("c", "y", { category_view_type: "GRID" })], []);
    expect(categories.map(({ id, view_type, items }) => [id, view_type, items.map(({ code }) => code)])).toEqual([
      ["x", "LIST", ["b", "a"]],
      ["y", "GRID", ["c"]],
    ]);
    expect(compileContent(store, [], []).categories).toEqual([]);
  });

  it("turns stored integers into the contract's numbers", () => {
    const option = { id: "o", name: "Large", price_minor: 50, code: null, default: true };
    const rows = [
      row("a", "x", {
        tax_rate_e4: 82_500,
        modifier_groups: JSON.stringify([{ id: "g", min: 1, max: null }]),
        bundle: JSON.stringify([{ code: "b", quantity_e4: 15_000, name: "B" }]),
      }),
    ];
    const groups = [{ modifier_group_id: "g", name: "Size", options: JSON.stringify([option]) }];
    const item = compileContent(store, rows, groups).categories[0]?.items[0];
    expect(item).toMatchObject({
      tax_rate: 8.25,
      modifier_groups: [{ name: "Size", min: 1, max: null, options: [{ id: "o", name: "Large", price: 50, code: null, default: true }] }],
      bundle: [{ code: "b", name: "B", quantity: 1.5 }],
    });
    expect(JSON.stringify(item)).not.toContain("_minor");
  });

  it("hashes the content alone: not its version or time, but everything else", async () => {
    const content = compileContent(store, [row("a", "x")], []);
    expect(await contentHash(compileContent({ ...store }, [row("a", "x")], []))).toBe(await contentHash(content));
    for (const other of [
      compileContent({ ...store, name: "Two" }, [row("a", "x")], []),
      compileContent(store, [row("a", "x", { price_minor: 101 })], []),
      compileContent(store, [row("a", "y")], []),
    ]) {
      expect(await contentHash(other)).not.toBe(await contentHash(content));
    }
    expect(Object.keys(documentOf(content, 3, "t"))).toEqual(["store", "menu_version", "as_of", "currency", "categories"]);
  });
});
