import { describe, expect, test } from "vitest";
import { catalogEvents } from "../../src/domains/catalog/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, newSource, productOf, remember, shelf, variantOf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];
const BLEND = {
  name: "House blend",
  description: "Beans.",
  tags: ["Beans"],
  tax_rate: 9,
  variants: [
    { item_code: "HB-250", option_name: "250 g", barcode: "888", base_price: 1_900, currency: "USD", attributes: { roast: "dark" } },
    { item_code: "HB-1000", option_name: "1 kg" },
  ],
};

describe("items of our own", () => {
  test("are made with their variants, told by events, and every field is ours", async () => {
    const tenant = await newTenant();
    const made = await tenant.call("POST", "/api/v1/products", { body: BLEND });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      name: "House blend",
      tags: ["beans"],
      tax_rate: 9,
      visible: true,
      source_system_id: null,
      fields: { name: { owner: "ours", offered: null }, tags: { owner: "ours", offered: null } },
      variants: [
        {
          item_code: "HB-250",
          name: "House blend – 250 g",
          barcode: "888",
          attributes: { roast: "dark" },
          version_no: 1,
          source_system_id: null,
        },
        { item_code: "HB-1000", name: "House blend – 1 kg", base_price: null },
      ],
    });
    const events = await rows(tenant, "SELECT event_type, data FROM outbox ORDER BY sequence");
    expect(events.map((row) => row["event_type"])).toEqual([
      "catalog.product.upserted",
      "catalog.variant.upserted",
      "catalog.variant.upserted",
    ]);
    for (const row of events) catalogEvents[row["event_type"] as keyof typeof catalogEvents].parse(JSON.parse(String(row["data"])));
    const follow = await tenant.call("PATCH", `/api/v1/products/${made.json.id}`, { body: { follow_provider: ["name"] } });
    expect(follow.json).toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "body.follow_provider" }] });
    const renamed = await tenant.call("PATCH", `/api/v1/products/${made.json.id}`, { body: { name: "Best blend", visible: false } });
    expect(renamed.json).toMatchObject({ name: "Best blend", visible: false, fields: { name: { owner: "ours", offered: null } } });
  });

  test("an item_code is one variant's: in the request, in the catalogue, and for a feed that comes with it", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    remember(tenant, await ingest(tenant, source, cafe()));
    const latte = await variantOf(tenant, "LATTE-S");
    const taken = await tenant.call("POST", "/api/v1/products", {
      body: { ...BLEND, variants: [{ item_code: "NEW" }, { item_code: "LATTE-S" }] },
    });
    expect(taken.json).toMatchObject({
      status: 409,
      code: "ITEM_CODE_TAKEN",
      detail: expect.stringMatching(new RegExp(`"LATTE-S" is Latte – Small \\(${latte.id}\\)`)),
      errors: [{ path: "body.variants.1.item_code" }],
    });
    expect(await rows(tenant, "SELECT count(*) AS there FROM variants WHERE item_code = 'NEW'")).toEqual([{ there: 0 }]);
    const twice = await tenant.call("POST", "/api/v1/products", { body: { ...BLEND, variants: [{ item_code: "A" }, { item_code: "A" }] } });
    expect(twice.json.errors).toMatchObject([{ path: "body.variants" }]);
    const none = await tenant.call("POST", "/api/v1/products", { body: { ...BLEND, variants: [] } });
    expect(none.json.errors).toMatchObject([{ path: "body.variants" }]);
    await tenant.call("POST", "/api/v1/products", { body: BLEND });
    const feed = { ...shelf(1), products: [{ id: "hb", item_code: "HB-250", name: "Their blend", price: 1 }] };
    const refused = await ingest(tenant, source, feed);
    expect(refused.json).toMatchObject({ failed: 1, errors: [{ item_code: "HB-250", reason: "ITEM_CODE_TAKEN" }] });
  });

  test("a variant of our own joins a provider's product and stays through its re-sync", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    remember(tenant, await ingest(tenant, source, cafe()));
    const bun = await productOf(tenant, "BUN");
    const added = await tenant.call("POST", `/api/v1/products/${bun.id}/variants`, { body: { item_code: "BUN-6", option_name: "Six" } });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({ item_code: "BUN-6", name: "Bun – Six", source_system_id: null, version_no: 1, visible: true });
    expect((await tenant.call("POST", `/api/v1/products/${bun.id}/variants`, { body: { item_code: "BUN" } })).json.code).toBe(
      "ITEM_CODE_TAKEN",
    );
    remember(tenant, added);
    const again = await ingest(tenant, source, cafe());
    expect(again.json).toMatchObject({ unchanged: 4, updated: 0, inserted: 0 });
    const renamed = cafe();
    Object.assign(renamed.products[1] as object, { name: "Bap" });
    remember(tenant, await ingest(tenant, source, renamed));
    expect((await productOf(tenant, "BUN-6")).variants.map(({ name }: { name: string }) => name)).toEqual(["Bap", "Bap – Six"]);
  });

  test("lists are filtered", async () => {
    const tenant = await newTenant();
    const source = await newSource(tenant);
    remember(tenant, await ingest(tenant, source, cafe()));
    const blend = await tenant.call("POST", "/api/v1/products", { body: { ...BLEND, name: "100% beans" } });
    const cut = (await rows(tenant, "SELECT max(updated_at_ms) AS ms FROM products"))[0]?.["ms"];
    await scheduler.wait(2);
    const bun = await variantOf(tenant, "BUN");
    const hidden = await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { visible: false } });
    const headers = { "consistency-token": hidden.headers.get("consistency-token") ?? "" };
    const names = async (path: string) =>
      (await tenant.call("GET", `/api/v1/${path}`, { headers })).json.data.map(({ name }: { name: string }) => name);
    const iced = (await tenant.call("GET", "/api/v1/categories?q=ice", { headers })).json.data[0].id;
    expect(await names("products?q=LAT")).toEqual(["Latte"]);
    expect(await names("products?q=0%25")).toEqual(["100% beans"]);
    expect(await names("products?q=%25e")).toEqual([]);
    expect(await names(`products?category_id=${iced}`)).toEqual(["Latte"]);
    expect((await names(`products?source_system_id=${source}`)).sort()).toEqual(["Breakfast set", "Bun", "Latte"]);
    expect(await names("products?visible=false")).toEqual([]);
    expect(await names("variants?visible=false")).toEqual(["Bun"]);
    expect(await names(`products?updated_after=${new Date(Number(cut)).toISOString()}`)).toEqual(["Bun"]);
    expect(await names("variants?q=large")).toEqual(["Latte – Large"]);
    expect(await names("variants?barcode=888")).toEqual(["100% beans – 250 g"]);
    expect(await names(`variants?product_id=${blend.json.id}&limit=1`)).toHaveLength(1);
  });

  test("a page of products costs one round trip, whatever it holds", async () => {
    const tenant = await newTenant();
    remember(tenant, await ingest(tenant, await newSource(tenant), shelf(40)));
    const costs: [number, number][] = [];
    for (const limit of [10, 40]) {
      const { scope, meter } = await tenant.scope();
      const { listProducts } = await import("../../src/domains/catalog/catalog-lists.ts");
      const before = meter.rows_read;
      await expect.poll(async () => (await listProducts(scope.db, { limit })).data.length).toBe(limit);
      costs.push([meter.round_trips, (meter.rows_read - before) / limit]);
    }
    expect(costs.map(([trips]) => trips)).toEqual([1, 1]);
    for (const [, rowsEach] of costs) expect(rowsEach).toBeLessThan(8);
  });
});
