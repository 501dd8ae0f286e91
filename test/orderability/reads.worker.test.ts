import { beforeAll, describe, expect, it } from "vitest";
import { findOrderability } from "../../src/domains/storefront/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { eventsApplied, openShop, orderabilityOf, reasonsOf, type Shop, setStock } from "../support/worker/orderability-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
let shop: Shop;
let path: string;

beforeAll(async () => {
  tenant = await newTenant();
  shop = await openShop(tenant, ["A", "B", "10", "9"]);
  path = `/api/v1/stores/${shop.store_id}/orderability`;
});

const get = (headers: Record<string, string> = {}, query = "") =>
  tenant.fetch(`${path}${query}`, { headers: { "x-tenant-id": tenant.slug, ...headers } });

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

const unpack = (bytes: Uint8Array) => new Response(new Response(bytes).body?.pipeThrough(new DecompressionStream("gzip"))).text();

describe("the answer", () => {
  it("has an entity tag of each encoding and answers 304 to who has it", async () => {
    await setStock(shop, { A: 0 });
    await orderabilityOf(shop);
    const plain = await get({ "accept-encoding": "identity" });
    const packed = await get({ "accept-encoding": "gzip" });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("etag")).toMatch(/^"[0-9a-f]{16}-\d+-gzip"$/);
    expect(plain.headers.get("cache-control")).toBe("public, no-cache");
    expect(plain.headers.get("vary")).toBe("Accept-Encoding");
    const text = await plain.text();
    const bytes = await bytesOf(packed);
    expect(bytes[0] === 0x1f ? await unpack(bytes) : new TextDecoder().decode(bytes)).toBe(text);
    expect(JSON.parse(text)).toEqual({
      as_of: expect.stringMatching(/Z$/),
      version: expect.any(Number),
      items: {
        "9": { variant_id: "v-9", orderable: true },
        "10": { variant_id: "v-10", orderable: true },
        A: { variant_id: "v-A", orderable: false, reason: "no_stock" },
        B: { variant_id: "v-B", orderable: true },
      },
    });
    const same = await get({ "accept-encoding": "identity", "if-none-match": plain.headers.get("etag") ?? "" });
    expect([same.status, await same.text()]).toEqual([304, ""]);
  });

  it("can be of some codes, with quantities, or of what cannot be ordered", async () => {
    await setStock(shop, { A: 0, B: 2.5 });
    expect((await orderabilityOf(shop, "?codes=A,B,NOPE")).json.items).toEqual({
      A: { variant_id: "v-A", orderable: false, reason: "no_stock", available: 0 },
      B: { variant_id: "v-B", orderable: true, available: 2.5 },
    });
    expect((await orderabilityOf(shop, "?only=unorderable")).json.items).toEqual({
      A: { variant_id: "v-A", orderable: false, reason: "no_stock" },
    });
    expect((await orderabilityOf(shop, "?codes=")).status).toBe(422);
    expect((await orderabilityOf(shop, `?codes=${Array.from({ length: 51 }, (_, index) => index)}`)).status).toBe(422);
    expect((await orderabilityOf(shop, "?only=all")).status).toBe(422);
  });

  it("of an unknown store is 404, of one without anything empty", async () => {
    expect((await tenant.call("GET", "/api/v1/stores/nope/orderability", { key: null })).status).toBe(404);
    const empty = await openShop(tenant, [], "Empty");
    expect((await orderabilityOf(empty)).json).toMatchObject({ version: 0, items: {} });
  });
});

describe("a store that does not sell", () => {
  it("has everything unorderable by one row, and sells again", async () => {
    await setStock(shop, { A: 0, B: 1 });
    const paused = await tenant.call("PUT", `/api/v1/stores/${shop.store_id}/pause`, { body: {} });
    expect(paused).toMatchObject({ status: 200, json: { paused: true, paused_until: null } });
    expect(await reasonsOf(shop)).toEqual({ A: "no_stock", B: "store_paused", "9": "store_paused", "10": "store_paused" });
    expect(await reasonsOf(shop, "?codes=A,B")).toEqual({ A: "no_stock", B: "store_paused" });
    const trading = async () => (await tenant.call("GET", `/api/v1/stores/${shop.store_id}/trading`, { key: null })).json;
    await expect.poll(trading, { timeout: 5_000 }).toMatchObject({ state: "paused" });
    expect((await tenant.call("DELETE", `/api/v1/stores/${shop.store_id}/pause`)).json).toMatchObject({ paused: false });
    expect(await reasonsOf(shop)).toMatchObject({ A: "no_stock", B: "ok" });
  });

  it("sells again by itself when a pause ends, in the isolate that remembers it", async () => {
    const until = new Date(Date.now() + 1_200).toISOString();
    await tenant.call("PUT", `/api/v1/stores/${shop.store_id}/pause`, { body: { until } });
    expect(await reasonsOf(shop)).toMatchObject({ B: "store_paused" });
    while (Date.now() < Date.parse(until)) await Promise.all([get(), scheduler.wait(50)]);
    const answer = await tenant.call("GET", path, { key: null });
    expect(answer.json.items.B).toEqual({ variant_id: "v-B", orderable: true });
  });

  it("is closed outside of its hours", async () => {
    const closed = { hours: { weekly: {}, exceptions: {} } };
    expect((await tenant.call("PUT", `/api/v1/stores/${shop.store_id}/hours`, { body: closed })).json).toMatchObject(closed);
    expect(await reasonsOf(shop)).toMatchObject({ A: "no_stock", B: "store_closed" });
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toMatchObject({ A: "no_stock", B: "store_closed" });
    const body = { hours: { weekly: { mon: [["09:00", "25:00"]] } } };
    expect((await tenant.call("PUT", `/api/v1/stores/${shop.store_id}/hours`, { body })).status).toBe(422);
    expect((await tenant.call("PUT", `/api/v1/stores/${crypto.randomUUID()}/hours`, { body: closed })).status).toBe(404);
    await tenant.call("PUT", `/api/v1/stores/${shop.store_id}/hours`, { body: { hours: null } });
    expect(await reasonsOf(shop)).toMatchObject({ B: "ok" });
  });
});

it("of 500 variants is under 10 KB packed, and a miss is one round trip and one row a table", async () => {
  const own = await newTenant();
  const codes = Array.from({ length: 500 }, (_, index) => `DISH-${String(index + 1).padStart(4, "0")}`);
  const big = await openShop(own, codes);
  // Ids as ingestion makes them: most of their letters are random.
  await writeSql(own, ["PRAGMA defer_foreign_keys = 1"]);
  const items = Object.fromEntries(
    codes.map((code, index) => [
      crypto.randomUUID().replace(/^.{14}./, "019aa1f0-7c1e-7"),
      [code, index % 25 === 0 ? "no_stock" : null, null, null],
    ]),
  );
  await writeSql(own, [
    "UPDATE orderability_documents SET items = ?, version = version + 1 WHERE location_id = ?",
    JSON.stringify(items),
    big.location_id,
  ]);
  const token =
    (await own.call("PATCH", `/api/v1/stores/${big.store_id}`, { body: { name: "Big" } })).headers.get("consistency-token") ?? "";
  const response = await own.fetch(`/api/v1/stores/${big.store_id}/orderability`, {
    headers: { "x-tenant-id": own.slug, "accept-encoding": "gzip", "consistency-token": token },
  });
  expect(response.status).toBe(200);
  const { scope, meter } = await own.scope();
  const found = await findOrderability(scope, big.store_id);
  const packed = await found?.state.packed();
  expect(packed?.length).toBeLessThan(10_000);
  expect(meter.round_trips).toBeLessThanOrEqual(1);
  expect(meter.rows_read).toBeLessThanOrEqual(3);
});

it("is packed for the next miss by whoever consumes the events, as a read would pack it", async () => {
  const own = await openShop(await newTenant(), ["A", "B"]);
  await setStock(own, { A: 0 });
  await eventsApplied(own.tenant);
  const db = await own.tenant.db();
  const select = "SELECT d.version = d.packed_version AS is_packed, d.packed_hash, d.packed FROM orderability_documents AS d";
  await expect.poll(async () => (await db.read([statement(select)], { fresh: true }))[0]?.[0]?.["is_packed"], { timeout: 5_000 }).toBe(1);
  const row = (await db.read([statement(select)], { fresh: true }))[0]?.[0];
  const answer = await orderabilityOf(own);
  expect(await unpack(row?.["packed"] as Uint8Array)).toBe(answer.text);
  expect(answer.headers.get("etag")).toContain(String(row?.["packed_hash"]));
  expect(await reasonsOf(own, "?only=unorderable")).toEqual({ A: "no_stock" });
});

it("is packed after a publish too, though nothing turned by it", async () => {
  const own = await openShop(await newTenant(), ["A", "B"]);
  const db = await own.tenant.db();
  const [rows] = await db.read([statement("SELECT version, packed_version, packed IS NOT NULL AS is_packed FROM orderability_documents")], {
    fresh: true,
  });
  expect(rows).toEqual([{ version: 1, packed_version: 1, is_packed: 1 }]);
  expect(await reasonsOf(own)).toEqual({ A: "ok", B: "ok" });
});
