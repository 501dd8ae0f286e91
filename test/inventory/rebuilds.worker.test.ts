import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { checkStock } from "../../src/domains/inventory/check-stock.ts";
import { CHECK_FROM_START, findDrift, PLACES_A_PAGE } from "../../src/domains/inventory/find-drift.ts";
import { inventoryEvents } from "../../src/domains/inventory/index.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import { runtimeOf } from "../../src/platform/http/runtime.ts";
import type { WantedMessage } from "../../src/platform/queues/messages.ts";
import { sweepTenants } from "../../src/platform/tenancy/sweep-tenants.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { addLocation, movementOf, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";

const rebuild = (shelf: Shelf, query = "", body: unknown = {}) => shelf.post(`/api/v1/inventory/rebuilds${query}`, body);

/** What somebody with the database open might do. */
async function damaged(): Promise<Shelf> {
  const shelf = await newShelf(["tea", "milk", "cake", "sound"]);
  await shelf.move(["tea", "count", 14], ["milk", "purchase", 3], ["cake", "count", 6], ["sound", "count", 1]);
  await shelf.reserve("o", { milk: 1, cake: 2 });
  await writeSql(
    shelf.tenant,
    ["UPDATE stock_positions SET on_hand_e4 = 90000 WHERE variant_id = ?", shelf.variants["tea"] ?? ""],
    ["UPDATE stock_positions SET reserved_e4 = 0 WHERE variant_id = ?", shelf.variants["milk"] ?? ""],
    ["DELETE FROM stock_positions WHERE variant_id = ?", shelf.variants["cake"] ?? ""],
  );
  return shelf;
}

const MANY = PLACES_A_PAGE + 20;

async function manyPositions(): Promise<Shelf> {
  const codes = Array.from({ length: MANY }, (_, index) => `i${index}`);
  const shelf = await newShelf(codes);
  await shelf.move(...codes.map((code) => [code, "count", 2] as const));
  return shelf;
}

/** Units of work of which the writer does not ask what they want done. */
const asleep = (db: DatabaseHandle): DatabaseHandle => ({ ...db, write: (unit) => db.write({ ...unit, wakes: false }) });

/** What the scheduled handler does in the minute that is the tenant's. */
async function sweepAt(shelf: Shelf): Promise<void> {
  const [last, before] = [-1, -2].map((place) => shelf.tenant.tenant_id.at(place)?.charCodeAt(0) ?? 0);
  const minute = ((last ?? 0) * 16 + (before ?? 0)) % 60;
  await sweepTenants(
    runtimeOf(env, () => {}),
    minute * 60_000,
  );
}

const found = [
  { item_code: "cake", stored: null, ledger: { quantity_on_hand: 6, quantity_reserved: 2 } },
  { item_code: "milk", stored: { quantity_on_hand: 3, quantity_reserved: 0 }, ledger: { quantity_on_hand: 3, quantity_reserved: 1 } },
  { item_code: "tea", stored: { quantity_on_hand: 9, quantity_reserved: 0 }, ledger: { quantity_on_hand: 14, quantity_reserved: 0 } },
];

describe("a drift made by hand", () => {
  test("is found, reported and repaired; the report is the same bytes again", async () => {
    const shelf = await damaged();
    const other = await addLocation(shelf.tenant);
    expect((await rebuild(shelf, "", { location_id: other })).json).toMatchObject({ drift: [], positions_checked: 0 });
    const dry = await rebuild(shelf, "?dry_run=true");
    expect(dry.json).toMatchObject({ repaired: false, drift: found });
    expect(await shelf.figures("tea")).toEqual([9, 0, 9]);
    expect(await shelf.events("incident.created")).toEqual([]);

    const done = await shelf.post("/api/v1/inventory/rebuilds", { location_id: shelf.location_id }, "k");
    expect(done.json).toMatchObject({ repaired: true, positions_checked: 3, drift: found });
    expect(await shelf.figures("tea")).toEqual([14, 0, 14]);
    expect(await shelf.figures("milk")).toEqual([3, 1, 2]);
    expect(await shelf.figures("cake")).toEqual([6, 2, 4]);
    const again = await shelf.post("/api/v1/inventory/rebuilds", { location_id: shelf.location_id }, "k");
    expect([again.text, again.headers.get("idempotent-replayed")]).toEqual([done.text, "true"]);
    expect((await rebuild(shelf)).json).toMatchObject({ drift: [], positions_checked: 4 });
    expect(await shelf.events("incident.created")).toMatchObject([{ kind: "stock_drift", places: [{}, {}, {}] }]);
    expect((await rebuild(shelf, "", { location_id: crypto.randomUUID() })).json.code).toBe("LOCATION_UNKNOWN");
  });

  test("is found and repaired by the nightly check, in bounded steps, and is an incident", async () => {
    const shelf = await damaged();
    const [planned] = await shelf.rows("SELECT due_at_ms FROM wanted WHERE kind = 'check_stock'");
    expect(new Date(Number(planned?.["due_at_ms"])).toISOString()).toMatch(/T03:00:00.000Z$/);
    // Night falls on a tenant whose alarm was lost: the scheduled handler's sweep finds what is due.
    await writeSql(shelf.tenant, ["UPDATE wanted SET due_at_ms = 1 WHERE kind = 'check_stock'"]);
    await sweepAt(shelf);
    for (let attempt = 0; attempt < 200; attempt++) {
      const [next] = await shelf.rows("SELECT payload, due_at_ms, sent FROM wanted WHERE kind = 'check_stock'");
      if (Number(next?.["due_at_ms"]) > Date.now() && next?.["sent"] === 0) break;
      await scheduler.wait(50);
    }
    const [next] = await shelf.rows("SELECT payload, state FROM wanted WHERE kind = 'check_stock'");
    expect(next).toEqual({ payload: "{}", state: "wanted" });
    expect(await shelf.figures("tea")).toEqual([14, 0, 14]);
    expect(await shelf.figures("cake")).toEqual([6, 2, 4]);
    expect((await shelf.events("incident.created")).flatMap(({ places }) => places as unknown[])).toHaveLength(3);
  });

  test("among many positions is found whatever page it is on", async () => {
    const shelf = await manyPositions();
    const lastOf = "SELECT variant_id FROM stock_positions ORDER BY variant_id DESC LIMIT 1";
    await writeSql(
      shelf.tenant,
      [`UPDATE stock_positions SET on_hand_e4 = 0 WHERE variant_id = (${lastOf})`],
      ["DELETE FROM stock_positions WHERE variant_id = (SELECT max(variant_id) FROM stock_positions WHERE on_hand_e4 > 0)"],
    );
    const answer = await rebuild(shelf);
    expect(answer.json.drift.map((drift: { stored: unknown }) => drift.stored === null).sort()).toEqual([false, true]);
    expect(answer.json.positions_checked).toBe(MANY - 1);
  });

  test("by night one bounded page follows the other, and a location's rebuild reads no other location", async () => {
    const shelf = await manyPositions();
    const other = await addLocation(shelf.tenant);
    await shelf.post("/api/v1/inventory/movements", { movements: [movementOf(other, ["i0", "count", 3])] });
    // Long histories before the counts, which nobody reads.
    await writeSql(shelf.tenant, [
      `INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, created_at_ms)
       SELECT p.location_id, p.variant_id, n.value, 'old', 'purchase', 10000, 0 FROM stock_positions AS p, json_each('[1,2,3,4,5,6,7,8,9]') AS n`,
    ]);
    await writeSql(shelf.tenant, [
      "UPDATE stock_positions SET on_hand_e4 = 1 WHERE variant_id = (SELECT max(variant_id) FROM stock_positions)",
    ]);
    // Every page delivered twice: the second does nothing, and nobody else takes part, for the writer is not woken.
    const pages: number[] = [];
    for (let night = false; !night; ) {
      const [row] = await shelf.rows("SELECT payload, requests FROM wanted WHERE kind = 'check_stock'");
      const payload = JSON.parse(String(row?.["payload"]));
      const message: WantedMessage = {
        type: "wanted",
        tenant_id: shelf.tenant.tenant_id,
        kind: "check_stock",
        key: "all",
        requests: Number(row?.["requests"]),
        payload,
      };
      const held = await shelf.tenant.scope();
      const scope = { ...held.scope, db: asleep(held.scope.db) };
      await checkStock(scope, message);
      pages.push(held.meter.rows_read);
      const after = await shelf.rows("SELECT payload, requests, due_at_ms FROM wanted WHERE kind = 'check_stock'");
      await checkStock(scope, message);
      expect(await shelf.rows("SELECT payload, requests, due_at_ms FROM wanted WHERE kind = 'check_stock'")).toEqual(after);
      night = Number(after[0]?.["due_at_ms"]) > Date.now();
    }
    // Positions in two pages, then the places of the ledger in two.
    expect(pages).toHaveLength(4);
    expect(Math.max(...pages), String(pages)).toBeLessThan(PLACES_A_PAGE * 12);
    expect(await shelf.events("incident.created")).toMatchObject([{ places: [{ stored_on_hand: 0.0001 }] }]);

    const { scope, meter } = await shelf.tenant.scope();
    for (const phase of ["positions", "ledger"] as const) {
      const page = await findDrift(scope.db, { ...CHECK_FROM_START, phase }, other);
      expect(page.drifted).toEqual([]);
    }
    expect(meter.rows_read).toBeLessThan(40);
  }, 60_000);
});

describe("the ledger's events", () => {
  test("fit their schemas, every type of them", async () => {
    const shelf = await damaged();
    await rebuild(shelf);
    await shelf.reserve("gone", { tea: 1 }, { expires_in_s: 1 });
    await shelf.post("/api/v1/inventory/reservations/o/commit", {});
    await shelf.reserve("back", { tea: 1, sound: 1 });
    await shelf.post("/api/v1/inventory/reservations/back/release", {});
    await shelf.reserve("untracked", { tea: 1 }, { location_id: await addLocation(shelf.tenant) });
    await shelf.post("/api/v1/inventory/reservations/untracked/commit", {});
    const rows = await shelf.rows(
      "SELECT event_type, data FROM outbox WHERE event_type LIKE 'inventory.%' OR event_type LIKE 'incident.%'",
    );
    const types = new Set(rows.map(({ event_type }) => String(event_type)));
    expect([...types].sort()).toEqual(
      expect.arrayContaining([
        "incident.created",
        "inventory.stock.adjusted",
        "inventory.stock.committed",
        "inventory.stock.released",
        "inventory.stock.reserved",
      ]),
    );
    for (const { event_type, data } of rows) {
      const schema = inventoryEvents[event_type as keyof typeof inventoryEvents];
      const parsed = schema.safeParse(JSON.parse(String(data)));
      expect(parsed.error?.issues, `${event_type} ${data}`).toBeUndefined();
    }
  });
});
