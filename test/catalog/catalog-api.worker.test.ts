import { describe, expect, test } from "vitest";
import { catalogEvents } from "../../src/domains/catalog/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { cafe, ingest, keyIsKnown, newSource, productOf, remember, shelf, variantOf } from "./cata-payload.ts";

const rows = async (tenant: TestTenant, sql: string) => (await (await tenant.db()).read([statement(sql)], { fresh: true }))[0] ?? [];

/** The list's rows over all of its pages, read as new as `since`. */
async function everyPage(tenant: TestTenant, path: string, since: Headers): Promise<{ id: string; name: string }[]> {
  const all: { id: string; name: string }[] = [];
  let cursor: string | null = null;
  do {
    const page = await tenant.call("GET", `${path}?limit=3${cursor === null ? "" : `&cursor=${cursor}`}`, {
      headers: { "consistency-token": since.get("consistency-token") ?? "" },
    });
    expect(page.status).toBe(200);
    all.push(...page.json.data);
    cursor = page.json.next_cursor;
  } while (cursor !== null);
  return all;
}

describe("source systems", () => {
  test("are registered, listed, changed and switched off", async () => {
    const tenant = await newTenant();
    const body = { source_type: "pos", name: "Tills", provider: "square", settings: { currency: "SGD" } };
    const key = await tenant.key("catalog");
    await keyIsKnown(tenant, key);
    const created = await tenant.call("POST", "/api/v1/source-systems", { body, key });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ ...body, is_active: true });
    const path = `/api/v1/source-systems/${created.json.id}`;
    const changed = await tenant.call("PATCH", path, { body: { name: "Counter", settings: { on_missing: "hide" }, is_active: false } });
    expect(changed.json).toMatchObject({ name: "Counter", settings: { currency: "SGD", on_missing: "hide" }, is_active: false });
    const list = await everyPage(tenant, "/api/v1/source-systems", changed.headers);
    expect(list).toEqual([changed.json]);
  });

  test("an unknown provider is refused with the known ones, and a name is one source's", async () => {
    const tenant = await newTenant();
    const unknown = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "X", provider: "abacus" } });
    expect(unknown.json).toMatchObject({ status: 422, code: "PROVIDER_UNKNOWN", detail: expect.stringMatching(/cata.*square/) });
    await newSource(tenant, { name: "Tills" });
    const id = await newSource(tenant, { name: "Other" });
    const taken = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "Tills", provider: "cata" } });
    expect(taken.json).toMatchObject({ status: 409, code: "SOURCE_NAME_TAKEN" });
    const renamed = await tenant.call("PATCH", `/api/v1/source-systems/${id}`, { body: { name: "Tills" } });
    expect(renamed.json.code).toBe("SOURCE_NAME_TAKEN");
    const bad = await tenant.call("PATCH", `/api/v1/source-systems/${id}`, { body: { settings: { currency: "XXQ" }, provider: "cata" } });
    expect(bad.json.errors.map(({ path: at }: { path: string }) => at).sort()).toEqual(["body.provider", "body.settings.currency"]);
  });
});

describe("the catalogue's API", () => {
  test("lists come in pages, each row once", async () => {
    const tenant = await newTenant();
    const answer = await ingest(tenant, await newSource(tenant), { ...cafe(), products: [...cafe().products, ...shelf(8).products] });
    for (const [list, count] of [
      ["products", 11],
      ["variants", 12],
      ["categories", 2],
    ] as const) {
      const all = await everyPage(tenant, `/api/v1/${list}`, answer.headers);
      expect(all).toHaveLength(count);
      expect(new Set(all.map(({ id }) => id)).size).toBe(count);
    }
    const none = await tenant.call("GET", "/api/v1/products?item_code=NOBODY");
    expect(none.json).toEqual({ data: [], next_cursor: null });
  });

  test("an edit makes a version and events, raises the revision, and asks for no regeneration; no edit does nothing", async () => {
    const tenant = await newTenant();
    remember(tenant, await ingest(tenant, await newSource(tenant), cafe()));
    const latte = await productOf(tenant, "LATTE-S");
    const state = () =>
      rows(
        tenant,
        `SELECT (SELECT revision FROM catalog_state) AS revision, (SELECT count(*) FROM catalog_item_versions) AS versions,
           (SELECT count(*) FROM outbox WHERE event_type = 'catalog.variant.upserted') AS variant_events,
           (SELECT count(*) FROM outbox WHERE event_type = 'catalog.product.upserted') AS product_events,
           (SELECT count(*) FROM wanted WHERE kind <> 'copy_images') AS wanted`,
      );
    expect(await state()).toEqual([{ revision: 1, versions: 4, variant_events: 4, product_events: 3, wanted: 0 }]);
    const same = await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body: { name: "Latte", visible: true } });
    expect(same.json).toEqual(latte);
    expect(await state()).toEqual([{ revision: 1, versions: 4, variant_events: 4, product_events: 3, wanted: 0 }]);

    const hidden = await tenant.call("PATCH", `/api/v1/products/${latte.id}`, { body: { visible: false } });
    expect(hidden.json).toMatchObject({ visible: false, hidden: true, variants: [{ visible: false, hidden: false }, { visible: false }] });
    expect(await state()).toEqual([{ revision: 2, versions: 6, variant_events: 6, product_events: 4, wanted: 0 }]);

    const bun = await variantOf(tenant, "BUN");
    const named = await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { name: "Sticky bun", visible: false } });
    expect(named.json).toMatchObject({ name: "Sticky bun", own_name: "Sticky bun", visible: false, hidden: true, version_no: 2 });
    expect(await state()).toEqual([{ revision: 3, versions: 7, variant_events: 7, product_events: 4, wanted: 0 }]);
    const events = await rows(
      tenant,
      "SELECT data FROM outbox WHERE event_type = 'catalog.variant.upserted' ORDER BY sequence DESC LIMIT 1",
    );
    const data = catalogEvents["catalog.variant.upserted"].parse(JSON.parse(String(events[0]?.["data"])));
    expect(data).toMatchObject({ sku: "BUN", name: "Sticky bun", version_no: 2 });
    const deleted = () => rows(tenant, "SELECT data FROM outbox WHERE event_type = 'catalog.variant.deleted'");
    const gone = (await deleted()).map((row) => catalogEvents["catalog.variant.deleted"].parse(JSON.parse(String(row["data"]))));
    expect(gone).toMatchObject([{ variant_id: bun.id, sku: "BUN", version_no: 2 }]);
    await tenant.call("PATCH", `/api/v1/variants/${bun.id}`, { body: { visible: true } });
    expect(await deleted()).toHaveLength(1);
  });

  test("a repeated edit under one key answers the same, and others may not edit", async () => {
    const tenant = await newTenant();
    await ingest(tenant, await newSource(tenant), cafe());
    remember(tenant, await ingest(tenant, await newSource(tenant, { name: "More" }), shelf(1)));
    const bun = await variantOf(tenant, "BUN");
    const path = `/api/v1/variants/${bun.id}`;
    const idempotency_key = crypto.randomUUID();
    const first = await tenant.call("PATCH", path, { body: { name: "Bap" }, idempotency_key });
    const second = await tenant.call("PATCH", path, { body: { name: "Roll" } });
    const again = await tenant.call("PATCH", path, { body: { name: "Bap" }, idempotency_key });
    expect(again.text).toBe(first.text);
    remember(tenant, second);
    expect((await variantOf(tenant, "BUN")).version_no).toBe(3);
    for (const role of ["menu", "inventory", "pos", "read"] as const) {
      const key = await tenant.key(role);
      await keyIsKnown(tenant, key);
      expect((await tenant.call("GET", path, { key })).status, role).toBe(200);
      expect((await tenant.call("PATCH", path, { key, body: { visible: false } })).status, role).toBe(403);
    }
    const kdsKey = await tenant.key("kds");
    await keyIsKnown(tenant, kdsKey);
    expect((await tenant.call("GET", path, { key: kdsKey })).status).toBe(403);
    expect((await tenant.call("GET", path, { key: null })).status).toBe(401);
    const other = await newTenant();
    expect((await other.call("PATCH", path, { body: { name: "Mine" } })).status).toBe(404);
    const bad = await tenant.call("PATCH", path, { body: { name: "", price: 1 } });
    expect(bad.json.errors.map(({ path: at }: { path: string }) => at).sort()).toEqual(["body.name", "body.price"]);
  });
});
