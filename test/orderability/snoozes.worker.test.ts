import { beforeAll, describe, expect, it } from "vitest";
import {
  eventsApplied,
  openStore,
  orderabilityOf,
  reasonsOf,
  type Shop,
  setStock,
  turnsOf,
} from "../support/worker/orderability-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
let shop: Shop;

/** A catalogue as a till sends it: ids as the API gives them. */
beforeAll(async () => {
  tenant = await newTenant();
  const source = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "Till", provider: "cata" } });
  const products = ["A", "B", "C", "D", "NEW"].map((code) => ({
    id: code.toLowerCase(),
    item_code: code,
    name: `Item ${code}`,
    price: 100,
  }));
  await tenant.call("POST", `/api/v1/source-systems/${source.json.id}/ingestions`, {
    body: { format: "cata/1", currency: "USD", products },
  });
  shop = { tenant, ...(await openStore(tenant, ["A", "B", "C", "D"], "One")) };
});

const snooze = (body: Record<string, unknown>) => tenant.call("POST", "/api/v1/inventory/snoozes", { body });
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("a snooze", () => {
  it("takes an item off sale at one location until it is ended", async () => {
    const other = { tenant, ...(await openStore(tenant, ["A", "B", "C", "D"], "Two")) };
    const made = await snooze({ item_code: "A", location_id: shop.location_id, note: "Oven is broken" });
    expect(made).toMatchObject({
      status: 201,
      json: { item_code: "A", location_id: shop.location_id, until: null, note: "Oven is broken" },
    });
    expect(await reasonsOf(shop)).toMatchObject({ A: "snoozed", B: "ok" });
    expect(await reasonsOf(other)).toMatchObject({ A: "ok" });
    // Again is the same snooze with another end.
    const again = await snooze({ variant_id: made.json.variant_id, location_id: shop.location_id, until: soon(600_000) });
    expect(again).toMatchObject({ status: 201, json: { id: made.json.id, note: null } });
    const listed = async () => (await tenant.call("GET", `/api/v1/inventory/snoozes?location_id=${shop.location_id}`)).json.data;
    await expect.poll(async () => (await listed()).map(({ id }: { id: string }) => id), { timeout: 5_000 }).toEqual([made.json.id]);
    expect((await tenant.call("DELETE", `/api/v1/inventory/snoozes/${made.json.id}`)).status).toBe(204);
    expect((await tenant.call("DELETE", `/api/v1/inventory/snoozes/${made.json.id}`)).status).toBe(404);
    expect(await reasonsOf(shop)).toMatchObject({ A: "ok" });
    const turns = (await turnsOf(tenant)).filter(({ item_code }) => item_code === "A");
    expect(turns.map(({ reason_code }) => reason_code)).toEqual(["snoozed", null]);
  });

  it("everywhere holds at every location, and outlasts stock", async () => {
    const third = { tenant, ...(await openStore(tenant, ["B"], "Three")) };
    const { json } = await snooze({ item_code: "B" });
    await setStock(shop, { B: 0 });
    expect([await reasonsOf(shop), await reasonsOf(third)]).toMatchObject([{ B: "snoozed" }, { B: "snoozed" }]);
    await tenant.call("DELETE", `/api/v1/inventory/snoozes/${json.id}`);
    expect([await reasonsOf(shop), await reasonsOf(third)]).toMatchObject([{ B: "no_stock" }, { B: "ok" }]);
  });

  it("holds for what is published only later", async () => {
    await snooze({ item_code: "NEW" });
    const later = { tenant, ...(await openStore(tenant, ["NEW"], "Four")) };
    expect(await reasonsOf(later)).toEqual({ NEW: "snoozed" });
  });

  it("ends by time at read, before anybody has swept, and what is behind it shows", async () => {
    await setStock(shop, { C: 1, D: 0 });
    const until = soon(1_500);
    await snooze({ item_code: "C", location_id: shop.location_id, until });
    await snooze({ item_code: "D", location_id: shop.location_id, until });
    const path = `/api/v1/stores/${shop.store_id}/orderability`;
    expect(await reasonsOf(shop)).toMatchObject({ C: "snoozed", D: "snoozed" });
    const ask = async () => {
      const { C, D } = (await tenant.call("GET", path, { key: null })).json.items;
      return [C.reason, D.reason];
    };
    let answer = await ask();
    while (Date.now() < Date.parse(until)) {
      if (Date.now() < Date.parse(until) - 50) expect(answer).toEqual(["snoozed", "snoozed"]);
      await scheduler.wait(40);
      answer = await ask();
    }
    expect(await ask()).toEqual([undefined, "no_stock"]);
    // The alarm tells it too.
    await expect
      .poll(async () => (await turnsOf(tenant)).filter(({ item_code }) => item_code === "C").map(({ reason_code }) => reason_code), {
        timeout: 8_000,
      })
      .toEqual(["snoozed", null]);
    await eventsApplied(tenant);
    expect(await reasonsOf(shop)).toMatchObject({ C: "ok", D: "no_stock" });
    const left = async () => (await tenant.call("GET", `/api/v1/inventory/snoozes?location_id=${shop.location_id}`)).json.data;
    await expect.poll(async () => (await left()).map((row: { item_code: string }) => row.item_code), { timeout: 5_000 }).toEqual(["NEW"]);
  });

  it("names what is not there", async () => {
    expect(await snooze({ item_code: "NOPE" })).toMatchObject({ status: 422, json: { code: "VARIANT_UNKNOWN" } });
    expect(await snooze({ item_code: "A", location_id: crypto.randomUUID() })).toMatchObject({
      status: 422,
      json: { code: "LOCATION_UNKNOWN" },
    });
    expect(await snooze({ item_code: "A", until: soon(-1_000) })).toMatchObject({ status: 422, json: { code: "VALIDATION_FAILED" } });
    expect(await snooze({})).toMatchObject({ status: 422 });
    const key = crypto.randomUUID();
    const body = { item_code: "A", until: soon(400) };
    const first = await tenant.call("POST", "/api/v1/inventory/snoozes", { body, idempotency_key: key });
    await scheduler.wait(500);
    // The end has passed: the same request is still the same effect.
    const replay = await tenant.call("POST", "/api/v1/inventory/snoozes", { body, idempotency_key: key });
    expect([first.status, replay.status, replay.text]).toEqual([201, 201, first.text]);
  });
});

it("is for who works with stock, at tills or in the kitchen", async () => {
  const call = async (role: "menu" | "kitchen") =>
    tenant.call("POST", "/api/v1/inventory/snoozes", {
      body: { item_code: "A", location_id: shop.location_id, until: soon(60_000) },
      key: await tenant.key(role),
    });
  expect((await call("menu")).status).toBe(403);
  expect((await call("kitchen")).status).toBe(201);
  expect((await orderabilityOf(shop)).status).toBe(200);
});
