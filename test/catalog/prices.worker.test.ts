import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  catalogEvents,
  catalogWantedHandlers,
  effectivePrice,
  PRICE_ORDER_SQL,
  priceInEffectSql,
} from "../../src/domains/catalog/index.ts";
import { menuEvents } from "../../src/domains/menu/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { addDraft, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { eventsApplied, reasonsOf, type Shop, setStock } from "../support/worker/orderability-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { ingest, newSource, shelf, variantOf } from "./cata-payload.ts";

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

/** A store without a menu, and variants `CODE-0`, … of a feed. */
async function shopOf(count: number, currency = "USD"): Promise<Shop & { source: string }> {
  const tenant = await newTenant();
  const store = await tenant.call("POST", "/api/v1/stores", { body: { name: "Corner", timezone: "UTC", currency } });
  const source = await newSource(tenant);
  await ingest(tenant, source, shelf(count));
  return { tenant, store_id: store.json.id, location_id: store.json.location_id, source };
}

const setPrice = (tenant: TestTenant, body: object) =>
  tenant.call("POST", "/api/v1/prices", { body: { item_code: "CODE-0", currency: "USD", price: 500, ...body } });

async function preview({ tenant, store_id }: Shop, since: Headers, more = "") {
  const headers = { "consistency-token": since.get("consistency-token") ?? "" };
  return (await tenant.call("GET", `/api/v1/prices/preview?store_id=${store_id}&item_code=CODE-0${more}`, { headers })).json;
}

const rows = async (tenant: TestTenant, sql: string, ...args: (string | number)[]) =>
  (await (await tenant.db()).read([statement(sql, ...args)], { fresh: true }))[0] ?? [];

const told = async (tenant: TestTenant) =>
  (await rows(tenant, "SELECT data FROM outbox WHERE event_type = 'catalog.price.updated' ORDER BY sequence")).map((row) => {
    const data = menuEvents["catalog.price.updated"].parse(JSON.parse(String(row["data"])));
    return [data.location_id, data.channel, ...data.prices.map((one) => [one.sku, one.previous_price_minor, one.price_minor])];
  });

/** What the queue does when the next price's time has come. */
async function turn(tenant: TestTenant): Promise<void> {
  const { scope } = await tenant.scope();
  const [wanted] = await rows(tenant, "SELECT requests FROM wanted WHERE kind = 'turn_prices'");
  await catalogWantedHandlers().turn_prices?.(scope, {
    type: "wanted",
    tenant_id: tenant.tenant_id,
    kind: "turn_prices",
    key: "next",
    requests: Number(wanted?.["requests"]),
    payload: {},
  });
}

describe("prices", () => {
  test("the location's own, then everywhere, then the menu over both; what begins later stands over what stands", async () => {
    const shop = await shopOf(1);
    const { tenant, location_id } = shop;
    const everywhere = await setPrice(tenant, { mrp: 700, tax_rate: 8.25 });
    expect(everywhere.status).toBe(201);
    expect(everywhere.json).toMatchObject({
      item_code: "CODE-0",
      location_id: null,
      channel: "default",
      price: 500,
      mrp: 700,
      tax_rate: 8.25,
    });
    expect(await preview(shop, everywhere.headers)).toMatchObject({
      price: 500,
      source: "price",
      price_id: everywhere.json.id,
      effective_to: null,
    });
    const [from, to] = [inHours(24), inHours(72)];
    const weekend = await setPrice(tenant, { location_id, price: 400, effective_from: from, effective_to: to });
    expect(await preview(shop, weekend.headers)).toMatchObject({ price: 500, effective_to: from });
    const at = (time: string) => preview(shop, weekend.headers, `&at=${time}`);
    expect(await at(from)).toMatchObject({ price: 400, source: "location_price", effective_from: from, effective_to: to });
    expect(await at(to)).toMatchObject({ price: 500, source: "price" });
    const delivery = await preview(shop, weekend.headers, "&channel=delivery");
    expect(delivery).toMatchObject({ price: null, source: null, price_id: null, reason: "no_price" });
    const draft = await addDraft(tenant, [{ name: "All", items: [{ item_code: "CODE-0", price: 650 }] }]);
    await publish(tenant, { draft_ids: [draft], store_ids: [shop.store_id] });
    const last = await setPrice(tenant, { channel: "delivery", price: 1 });
    expect(await preview(shop, last.headers)).toMatchObject({ price: 650, source: "menu", price_id: null, effective_to: null });
    const list = async (query: string) =>
      (
        await tenant.call("GET", `/api/v1/prices?${query}`, {
          headers: { "consistency-token": last.headers.get("consistency-token") ?? "" },
        })
      ).json;
    expect((await list("item_code=CODE-0&limit=2")).data.map(({ price }: { price: number }) => price)).toEqual([500, 400]);
    expect((await list(`at=${from}&channel=default&location_id=${location_id}`)).data).toHaveLength(2);
    expect((await list(`at=${inHours(1)}&location_id=${location_id}`)).data).toHaveLength(2);
    const first = await list("limit=1");
    expect((await list(`limit=1&cursor=${first.next_cursor}`)).data[0].price).toBe(400);
  });

  test("refusals name what is wrong", async () => {
    const { tenant, location_id } = await shopOf(1);
    const effective_from = inHours(1);
    const first = await setPrice(tenant, { effective_from });
    const same = await setPrice(tenant, { effective_from, price: 9 });
    expect(same.json).toMatchObject({ status: 409, code: "PRICE_START_TAKEN", price_id: first.json.id, price: 500 });
    expect((await setPrice(tenant, { effective_from, channel: "delivery" })).status).toBe(201);
    const refused = async (body: object) => {
      const { json } = await setPrice(tenant, body);
      return [json.code, json.errors?.map(({ path }: { path: string }) => path)];
    };
    expect(await refused({ item_code: "NOBODY" })).toEqual(["VARIANT_UNKNOWN", ["body.item_code"]]);
    expect(await refused({ location_id: crypto.randomUUID() })).toEqual(["LOCATION_UNKNOWN", ["body.location_id"]]);
    expect(await refused({ location_id, currency: "SGD" })).toEqual(["VALIDATION_FAILED", ["body.currency"]]);
    expect(await refused({ effective_from, effective_to: effective_from })).toEqual(["VALIDATION_FAILED", ["body.effective_to"]]);
    expect(await refused({ effective_from: inHours(-2), effective_to: inHours(-1) })).toEqual(["VALIDATION_FAILED", ["body.effective_to"]]);
    expect(await refused({ variant_id: crypto.randomUUID() })).toEqual(["VALIDATION_FAILED", ["body.item_code"]]);
    expect((await tenant.call("PATCH", `/api/v1/prices/${crypto.randomUUID()}`, { body: { effective_to: null } })).status).toBe(404);
  });

  test("an end is set, moved and brought on; what has not begun is taken back", async () => {
    const shop = await shopOf(1);
    const { tenant } = shop;
    const price = await setPrice(tenant, {});
    const path = `/api/v1/prices/${price.json.id}`;
    const until = inHours(5);
    const ending = await tenant.call("PATCH", path, { body: { effective_to: until } });
    expect(ending.json).toMatchObject({ effective_to: until });
    expect(await preview(shop, ending.headers, `&at=${until}`)).toMatchObject({ reason: "no_price" });
    expect((await tenant.call("PATCH", path, { body: { effective_to: inHours(-1) } })).json.code).toBe("VALIDATION_FAILED");
    const later = await setPrice(tenant, { effective_from: inHours(2), price: 3 });
    const got = await tenant.call("GET", `/api/v1/prices/${later.json.id}`, {
      headers: { "consistency-token": later.headers.get("consistency-token") ?? "" },
    });
    expect(got.json).toEqual(later.json);
    expect((await tenant.call("DELETE", `/api/v1/prices/${later.json.id}`)).status).toBe(204);
    expect((await tenant.call("DELETE", `/api/v1/prices/${later.json.id}`)).status).toBe(404);
    const ended = await tenant.call("DELETE", path);
    expect(ended.status).toBe(204);
    expect(await preview(shop, ended.headers)).toMatchObject({ price: null });
    expect((await tenant.call("PATCH", path, { body: { effective_to: null } })).json.code).toBe("CONFLICT");
    expect(await rows(tenant, "SELECT count(*) AS kept FROM variant_prices")).toEqual([{ kept: 1 }]);
    expect(await told(tenant)).toEqual([
      [null, "default", ["CODE-0", null, 500]],
      [null, "default", ["CODE-0", 500, null]],
    ]);
  });

  test("turn by themselves at their times, are told then, and orderability follows; a price of another currency does not count", async () => {
    const shop = await shopOf(2);
    const { tenant, location_id } = shop;
    await setStock(shop, { "CODE-0": 1, "CODE-1": 1 });
    await setPrice(tenant, { item_code: "CODE-1", currency: "SGD" });
    await setPrice(tenant, { location_id, effective_from: inHours(1), effective_to: inHours(2) });
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ "CODE-0": "no_price", "CODE-1": "no_price" });
    // An hour passes.
    const pass = () =>
      writeSql(
        tenant,
        [
          `UPDATE variant_prices SET effective_from_ms = effective_from_ms - ${HOUR_MS + 1}, effective_to_ms = effective_to_ms - ${HOUR_MS + 1}`,
        ],
        [`UPDATE effective_prices SET next_change_at_ms = next_change_at_ms - ${HOUR_MS + 1}`],
      );
    const due = async () =>
      Number((await rows(tenant, "SELECT due_at_ms FROM wanted WHERE kind = 'turn_prices' AND state = 'wanted'"))[0]?.["due_at_ms"]);
    expect(await due()).toBeGreaterThan(Date.now() + HOUR_MS - 60_000);
    await pass();
    await turn(tenant);
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ "CODE-0": "ok", "CODE-1": "no_price" });
    expect(await due()).toBeLessThan(Date.now() + HOUR_MS + 1);
    await pass();
    await turn(tenant);
    await turn(tenant);
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toEqual({ "CODE-0": "no_price", "CODE-1": "no_price" });
    expect(await due()).toBeNaN();
    expect(await told(tenant)).toEqual([
      [null, "default", ["CODE-1", null, 500]],
      [location_id, "default", ["CODE-0", null, 500]],
      [location_id, "default", ["CODE-0", 500, null]],
    ]);
  });

  test("a dark store shows them, and a sync never writes one", async () => {
    const shop = await shopOf(1);
    const { tenant } = shop;
    const dark = (await tenant.call("POST", "/api/v1/dark-stores", { body: { store_id: shop.store_id } })).json;
    await setStock(shop, { "CODE-0": 1 });
    await setPrice(tenant, { price: 450 });
    await eventsApplied(tenant);
    const price = async () =>
      (await rows(tenant, "SELECT effective_price_minor AS price FROM dark_store_catalog_projection WHERE dark_store_id = ?", dark.id))[0];
    await expect.poll(price).toEqual({ price: 450 });
    await ingest(tenant, shop.source, shelf(1, "New text"));
    expect(await rows(tenant, "SELECT count(*) AS prices FROM variant_prices")).toEqual([{ prices: 1 }]);
    expect(Object.keys(catalogEvents)).not.toContain("catalog.price.updated");
  });

  test("the decision and its twin in SQL are alike", async () => {
    const shop = await shopOf(1);
    const { tenant, location_id } = shop;
    const other = (await tenant.call("POST", "/api/v1/stores", { body: { name: "Other", timezone: "UTC", currency: "USD" } })).json
      .location_id;
    const variant = await variantOf(tenant, "CODE-0");
    const random = fc.sample(
      fc.record({
        location_id: fc.constantFrom(null, location_id, other as string),
        channel: fc.constantFrom("default", "delivery"),
        currency: fc.constantFrom("USD", "SGD"),
        effective_from_ms: fc.integer({ min: 1, max: 40 }),
        effective_to_ms: fc.option(fc.integer({ min: 1, max: 60 }), { nil: null }),
      }),
      { numRuns: 60, seed: 7 },
    );
    const unique = new Map(random.map((one) => [[one.location_id, one.channel, one.currency, one.effective_from_ms].join(), one]));
    const prices = [...unique.values()].map((one, index) => ({ variant_price_id: `id-${index}`, price_minor: index, ...one }));
    await writeSql(tenant, [
      `INSERT INTO variant_prices (variant_price_id, variant_id, location_id, channel, currency, price_minor, effective_from_ms, effective_to_ms, created_at_ms)
       SELECT value ->> 'variant_price_id', ?1, value ->> 'location_id', value ->> 'channel', value ->> 'currency', value ->> 'price_minor',
         value ->> 'effective_from_ms', value ->> 'effective_to_ms', 0 FROM json_each(?2)`,
      variant.id,
      JSON.stringify(prices),
    ]);
    const db = await tenant.db();
    const times = Array.from({ length: 62 }, (_, index) => index);
    const found = await db.read(
      times.map((ms) =>
        statement(
          `SELECT vp.price_minor FROM variant_prices AS vp, (SELECT ? AS location_id) AS l
           WHERE vp.variant_id = ? AND ${priceInEffectSql("l.location_id", "'USD'")} ORDER BY ${PRICE_ORDER_SQL} LIMIT 1`,
          location_id,
          variant.id,
          ms,
          ms,
        ),
      ),
      { fresh: true },
    );
    const decided = times.map(
      (at_ms) => effectivePrice(null, prices, { location_id, channel: "default", currency: "USD", at_ms })?.price_minor,
    );
    expect(found.map(([row]) => row?.["price_minor"])).toEqual(decided);
    expect(new Set(decided).size).toBeGreaterThan(4);
  });
});
