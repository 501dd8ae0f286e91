import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { addDraft, writeSql } from "../support/worker/menu-fixture.ts";
import { eventsApplied, openStore, orderabilityOf, reasonsOf, type Shop, turnsOf } from "../support/worker/orderability-fixture.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

const CODES = ["A", "B", "C", "D"];
const AT_ONCE = 20;

interface Shelf {
  tenant: TestTenant;
  shops: Shop[];
  drafts: string[];
  ids: string[];
}

/** Two stores that sell the same four items; D is a bundle of A and B, C needs a choice of A or B. */
async function openShelf(): Promise<Shelf> {
  const tenant = await newTenant();
  const source = await tenant.call("POST", "/api/v1/source-systems", { body: { source_type: "pos", name: "Till", provider: "cata" } });
  const option = (item_code: string) => ({ id: item_code, name: item_code, price: 0, item_code });
  await tenant.call("POST", `/api/v1/source-systems/${source.json.id}/ingestions`, {
    body: {
      format: "cata/1",
      currency: "USD",
      modifier_groups: [{ id: "pick", name: "Pick one", min: 1, max: 1, options: [option("A"), option("B")] }],
      products: CODES.map((code) => ({
        id: code,
        item_code: code,
        name: `Item ${code}`,
        price: 100,
        ...(code === "C" ? { modifier_groups: ["pick"] } : {}),
        ...(code === "D" ? { bundle: [{ item_code: "A" }, { item_code: "B", quantity: 2 }] } : {}),
      })),
    },
  });
  const shops: Shop[] = [];
  for (const name of ["One", "Two"]) shops.push({ tenant, ...(await openStore(tenant, CODES, name)) });
  const some = CODES.slice(1).map((item_code) => ({ item_code, price: 300 }));
  const all = CODES.map((item_code) => ({ item_code, price: 700 }));
  const drafts = [await addDraft(tenant, [{ name: "Some", items: some }]), await addDraft(tenant, [{ name: "All", items: all }])];
  const ids: string[] = [];
  for (const code of CODES) {
    const listed = async () => (await tenant.call("GET", `/api/v1/variants?item_code=${code}`)).json.data;
    // From a replica, which may be behind.
    await expect.poll(listed, { timeout: 5_000 }).toHaveLength(1);
    ids.push((await listed())[0].id);
  }
  return { tenant, shops, drafts, ids };
}

const anAct = fc.record({
  what: fc.constantFrom("move", "count", "reserve", "release", "snooze", "unsnooze", "hide", "show", "publish"),
  item: fc.nat({ max: CODES.length - 1 }),
  shop: fc.nat({ max: 1 }),
  quantity: fc.integer({ min: -3, max: 3 }),
});
type Act = typeof anAct extends fc.Arbitrary<infer T> ? T : never;

async function act({ tenant, shops, drafts, ids }: Shelf, { what, item, shop, quantity }: Act): Promise<number> {
  const at = shops[shop] as Shop;
  const code = CODES[item] as string;
  const { location_id } = at;
  const post = async (path: string, body: unknown) => (await tenant.call("POST", `/api/v1/${path}`, { body })).status;
  const movement = { item_code: code, location_id, occurred_at: new Date().toISOString() };
  switch (what) {
    case "move":
      return post("inventory/movements", { movements: [{ ...movement, movement_type: "adjustment", quantity_delta: quantity || 1 }] });
    case "count":
      return post("inventory/movements", { movements: [{ ...movement, movement_type: "count", quantity: Math.abs(quantity) }] });
    case "reserve":
      return post("inventory/reservations", { order_id: `o-${code}`, location_id, lines: [{ item_code: code, quantity: 1 }] });
    case "release":
      return post(`inventory/reservations/o-${code}/release`, {});
    case "snooze":
      return post("inventory/snoozes", { item_code: code, ...(quantity > 0 ? {} : { location_id }) });
    case "unsnooze": {
      const { json } = await tenant.call("GET", "/api/v1/inventory/snoozes");
      const mine = json.data.find((row: { item_code: string }) => row.item_code === code);
      return mine ? (await tenant.call("DELETE", `/api/v1/inventory/snoozes/${mine.id}`)).status : 204;
    }
    case "hide":
    case "show":
      return (await tenant.call("PATCH", `/api/v1/variants/${ids[item]}`, { body: { visible: what === "show" } })).status;
    case "publish":
      return post("menus/publishes", { draft_ids: [drafts[quantity > 0 ? 0 : 1]], store_ids: [at.store_id] });
  }
}

const rebuild = async (tenant: TestTenant) => {
  const { json } = await tenant.call("POST", "/api/v1/ops/projections/orderability/rebuild");
  return { added: json.added, changed: json.changed, removed: json.removed };
};
const NO_DRIFT = { added: 0, changed: 0, removed: 0 };

async function rowsOf(tenant: TestTenant, sql: string) {
  const [rows = []] = await (await tenant.db()).read([statement(sql)], { fresh: true });
  return rows;
}

describe("whatever happens at once", () => {
  it("leaves orderability as the tables say, its documents and its events with it", { timeout: 120_000 }, async () => {
    const shelf = await openShelf();
    const { tenant, shops } = shelf;
    const acts = fc.sample(fc.array(anAct, { minLength: 160, maxLength: 160 }), { seed: 5, numRuns: 1 }).flat();
    const statuses: number[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let one = acts[next++]; one; one = acts[next++]) statuses.push(await act(shelf, one));
      }),
    );
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(acts.length / 2);
    await eventsApplied(tenant);

    expect(await rebuild(tenant)).toEqual(NO_DRIFT);
    // Each event turns something, and the last one of a place says how it is.
    const told = new Map<string, string | null>();
    for (const { location_id, item_code, reason_code, is_orderable } of await turnsOf(tenant)) {
      const key = `${location_id} ${item_code}`;
      expect(reason_code, key).not.toBe(told.get(key) ?? null);
      expect(is_orderable).toBe(reason_code === null);
      told.set(key, reason_code);
    }
    expect(told.size).toBeGreaterThan(0);
    for (const row of await rowsOf(tenant, "SELECT location_id, item_code, reason_code FROM orderability_projection")) {
      expect(told.get(`${row["location_id"]} ${row["item_code"]}`) ?? null).toBe(row["reason_code"]);
    }
    expect(await rowsOf(tenant, "SELECT reason FROM dead_letters")).toEqual([]);
    for (const shop of shops) expect(await reasonsOf(shop)).toEqual(await reasonsOf(shop, `?codes=${CODES}`));
  });
});

it("a reservation past its end holds nothing, swept or not", async () => {
  const { tenant, shops } = await openShelf();
  const shop = shops[0] as Shop;
  const { location_id } = shop;
  const occurred_at = new Date().toISOString();
  const counted = { item_code: "B", location_id, movement_type: "count", quantity: 1, occurred_at };
  await tenant.call("POST", "/api/v1/inventory/movements", { body: { movements: [counted] } });
  const body = { order_id: "o-1", location_id, lines: [{ item_code: "B", quantity: 1 }], expires_in_s: 1 };
  expect((await tenant.call("POST", "/api/v1/inventory/reservations", { body })).status).toBe(201);
  expect(await reasonsOf(shop)).toMatchObject({ B: "no_stock" });
  await scheduler.wait(1_050);
  expect(await reasonsOf(shop, "?codes=B")).toEqual({ B: "ok" });
  // The alarm tells everybody else.
  await expect.poll(async () => (await reasonsOf(shop))["B"], { timeout: 8_000 }).toBe("ok");
  expect(await rebuild(tenant)).toEqual(NO_DRIFT);
});

it("a drift made by hand is found, repaired and told", async () => {
  const { tenant, shops } = await openShelf();
  const shop = shops[0] as Shop;
  expect(await rebuild(tenant)).toEqual(NO_DRIFT);
  const { location_id } = shop;
  const write = (sql: string, ...args: string[]) => writeSql(tenant, [sql, ...args]);
  await write("UPDATE orderability_projection SET reason_code = 'no_stock' WHERE location_id = ? AND item_code = 'A'", location_id);
  await write("DELETE FROM orderability_projection WHERE location_id = ? AND item_code = 'B'", location_id);
  // B's entry of the document was right all along: only A's place and B's row are wrong.
  expect(await rebuild(tenant)).toEqual({ added: 1, changed: 1, removed: 0 });
  expect((await turnsOf(tenant)).map(({ item_code, reason_code }) => [item_code, reason_code])).toEqual([["A", null]]);
  await write("UPDATE orderability_documents SET items = json_remove(items, '$.' || (SELECT key FROM json_each(items) LIMIT 1))");
  expect(await rebuild(tenant)).toMatchObject({ changed: 2 });
  expect(await rebuild(tenant)).toEqual(NO_DRIFT);
  expect(Object.keys((await orderabilityOf(shop)).json.items)).toEqual(CODES);
});
