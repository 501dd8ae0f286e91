import { describe, expect, inject, test } from "vitest";
import { newTenant } from "../support/worker/tenant-fixture.ts";
import { ingest, newSource, productOf, remember } from "./cata-payload.ts";

const seed = inject("squareSeed");

describe.skipIf(seed === null)("Square's sample catalogue", () => {
  test("goes in whole, again unchanged, and a renamed item keeps its name", async () => {
    const payload = JSON.parse(seed ?? "");
    const tenant = await newTenant({ currency: "USD" });
    const source = await newSource(tenant, { provider: "square" });
    const dry = await ingest(tenant, source, payload, "?dry_run=true");
    const first = await ingest(tenant, source, payload);
    remember(tenant, first);
    expect(first.json).toMatchObject({ status: "completed", received: 27, inserted: 27, failed: 0, errors: [] });
    expect(dry.json.by_entity).toEqual(first.json.by_entity);
    const second = await ingest(tenant, source, payload);
    expect(second.json).toMatchObject({ received: 27, inserted: 0, updated: 0, unchanged: 27, held: 0 });

    const variants = await tenant.call("GET", "/api/v1/variants?limit=500", {
      headers: { "consistency-token": first.headers.get("consistency-token") ?? "" },
    });
    expect(variants.json.data).toHaveLength(27);
    const names: string[] = variants.json.data.map(({ name }: { name: string }) => name);
    expect(names).toContain("Chocolate Croissant");
    expect(names).toContain("Croissant – Regular");

    const code: string = variants.json.data.find(({ name }: { name: string }) => name === "Croissant – Regular").item_code;
    const croissant = await productOf(tenant, code);
    await tenant.call("PATCH", `/api/v1/products/${croissant.id}`, { body: { name: "Butter croissant" } });
    const third = await ingest(tenant, source, payload);
    remember(tenant, third);
    expect(third.json).toMatchObject({ unchanged: 27, held: croissant.variants.length });
    expect(third.json.held_fields).toContainEqual({ item_code: code, field: "name", kept: "Butter croissant", offered: "Croissant" });
    expect((await productOf(tenant, code)).name).toBe("Butter croissant");
  });
});

describe("a payload of Square's without its related objects", () => {
  const teaItem = (version: number, description: string) => ({
    type: "ITEM",
    id: "TEA",
    version,
    item_data: {
      name: "Tea",
      description,
      categories: [{ id: "HOT" }],
      image_ids: ["PICTURE"],
      tax_ids: ["VAT"],
      modifier_list_info: [{ modifier_list_id: "MILK", enabled: true }],
      variations: [
        {
          type: "ITEM_VARIATION",
          id: "TEA-1",
          version,
          item_variation_data: { name: "Regular", pricing_type: "FIXED_PRICING", price_money: { amount: 300, currency: "USD" } },
        },
      ],
    },
  });
  const related = [
    { type: "CATEGORY", id: "HOT", category_data: { name: "Hot drinks" } },
    { type: "IMAGE", id: "PICTURE", image_data: { url: "https://images.example/tea.png" } },
    { type: "TAX", id: "VAT", tax_data: { name: "VAT", percentage: "9", enabled: true } },
    {
      type: "MODIFIER_LIST",
      id: "MILK",
      modifier_list_data: {
        name: "Milk",
        modifiers: [{ type: "MODIFIER", id: "OAT", modifier_data: { name: "Oat", price_money: { amount: 50, currency: "USD" } } }],
      },
    },
  ];

  test("changes what it says and leaves what it only refers to", async () => {
    const tenant = await newTenant({ currency: "USD" });
    const source = await newSource(tenant, { provider: "square" });
    remember(tenant, await ingest(tenant, source, { objects: [teaItem(1, "Black"), ...related] }));
    const before = await productOf(tenant, "TEA-1");
    expect([before.categories.length, before.modifier_groups.length]).toEqual([1, 1]);

    const partial = await ingest(tenant, source, { objects: [teaItem(2, "Black, from Assam")] });
    remember(tenant, partial);
    expect(partial.json).toMatchObject({ received: 1, updated: 1, failed: 0 });
    const after = await productOf(tenant, "TEA-1");
    expect(after.description).toBe("Black, from Assam");
    for (const kept of ["categories", "modifier_groups", "tax_rate", "image_url"]) expect(after[kept], kept).toEqual(before[kept]);
    expect(before.image_url).toBe("https://images.example/tea.png");
  });
});
