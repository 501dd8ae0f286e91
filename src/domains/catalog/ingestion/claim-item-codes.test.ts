import { describe, expect, test } from "vitest";
import { MemoryCatalog } from "../../../../test/catalog/memory-catalog.ts";
import type { CanonicalCatalog } from "../canonical.ts";

/** A payload of products with one variant each: external id and item code. */
const payload = (...rows: [externalId: string, itemCode: string][]): CanonicalCatalog => ({
  categories: [],
  modifier_groups: [],
  row_errors: [],
  stock: [],
  products: rows.map(([externalId, itemCode]) => ({
    external_id: externalId,
    name: externalId,
    description: null,
    category_external_ids: [],
    image_url: null,
    is_active: true,
    tags: [],
    allergens: [],
    tax_rate_e4: null,
    modifier_groups: [],
    provider_version: null,
    variants: [
      {
        position: externalId,
        external_id: externalId,
        item_code: itemCode,
        name: null,
        barcode: null,
        base_price_minor: null,
        currency: null,
        is_active: true,
        attributes: {},
        bundle: [],
      },
    ],
  })),
});

const codes = (memory: MemoryCatalog): Record<string, string> =>
  Object.fromEntries([...memory.state.variants.values()].map(({ external_id, item_code }) => [external_id, item_code]));

describe("claimItemCodes", () => {
  test("a chain of codes moves in one go, whichever comes first", async () => {
    const memory = new MemoryCatalog("tills");
    await memory.apply(payload(["a", "1"], ["b", "2"], ["c", "3"]));
    const { counts } = await memory.apply(payload(["a", "2"], ["b", "3"], ["c", "4"]));
    expect(counts).toMatchObject({ updated: 3, failed: 0 });
    expect(codes(memory)).toEqual({ a: "2", b: "3", c: "4" });
  });

  test("a chain whose end cannot move does not move at all", async () => {
    const memory = new MemoryCatalog("tills");
    await memory.apply(payload(["a", "1"], ["b", "2"], ["x", "9"]));
    const holder = [...memory.state.variants.values()].find(({ item_code }) => item_code === "9");
    Object.assign(holder ?? {}, { source_system_id: "feed", source_name: "Feed" });
    memory.state.entities.delete("variant\nx");
    const { counts, findings } = await memory.apply(payload(["a", "2"], ["b", "9"]));
    expect(counts).toMatchObject({ updated: 0, failed: 2 });
    expect(findings.errors.map(({ item_code, reason }) => [item_code, reason])).toEqual([
      ["2", "ITEM_CODE_TAKEN"],
      ["9", "ITEM_CODE_TAKEN"],
    ]);
    expect(findings.errors[1]?.message).toBe('item_code "9" of "b" of source system "tills" belongs to "x" of source system "Feed".');
    expect(codes(memory)).toMatchObject({ a: "1", b: "2" });
  });

  test("made anew under its code it is the same variant; not while the old one is still offered", async () => {
    const memory = new MemoryCatalog("tills");
    await memory.apply(payload(["a", "1"]));
    const before = [...memory.state.variants.keys()];
    expect((await memory.apply(payload(["b", "1"]))).counts).toMatchObject({ updated: 1, inserted: 0 });
    expect([...memory.state.variants.keys()]).toEqual(before);
    expect((await memory.apply(payload(["b", "1"]))).counts).toMatchObject({ unchanged: 1 });
    expect((await memory.apply(payload(["a", "1"], ["b", "2"]))).counts).toMatchObject({ inserted: 1, updated: 1, failed: 0 });
    expect(codes(memory)).toEqual({ a: "1", b: "2" });
  });

  test("a code has at most 200 characters", async () => {
    const memory = new MemoryCatalog("tills");
    const { findings } = await memory.apply(payload(["a", "x".repeat(200)], ["b", "x".repeat(201)]));
    expect(findings.errors).toMatchObject([{ position: "b", reason: "ITEM_CODE_TOO_LONG" }]);
  });
});
