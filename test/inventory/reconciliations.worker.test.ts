import { describe, expect, test } from "vitest";
import { endpoints } from "../../src/app.ts";
import { reconcile } from "../../src/domains/inventory/reconcile.ts";
import type { DatabaseHandle } from "../../src/platform/db/database.ts";
import type { UnitOfWork } from "../../src/platform/db/unit-of-work.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { at, NOON_MS, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";

const DAY_MS = 86_400_000;
const path = "/api/v1/inventory/reconciliations";
const period = (shelf: Shelf, more: Record<string, unknown> = {}) => ({
  location_id: shelf.location_id,
  from: at(NOON_MS),
  to: at(NOON_MS + DAY_MS),
  ...more,
});

/** A day with something of everything. */
async function aDay(): Promise<Shelf> {
  const shelf = await newShelf(["tea", "milk"]);
  const within = (hours: number) => NOON_MS + hours * 3_600_000;
  await shelf.move(
    ["tea", "purchase", 99, NOON_MS - 20],
    ["tea", "count", 10, NOON_MS - 10],
    ["tea", "sale", -2, NOON_MS - 5],
    ["tea", "purchase", 24, within(1)],
    ["tea", "sale", -6, within(2)],
    ["tea", "sale_committed", -5, within(3)],
    ["tea", "return", 1, within(4)],
    ["tea", "waste", -1.5, within(5)],
    ["tea", "adjustment", 0.5, within(6)],
    ["tea", "transfer_out", -4, within(7)],
    ["tea", "count", 15, within(8)],
    ["tea", "sale", -1, within(9)],
    // Not in the period: its end is not.
    ["tea", "purchase", 1000, NOON_MS + DAY_MS],
    ["milk", "purchase", 3, within(1)],
  );
  return shelf;
}

const tea = { opening: 8, purchases: 24, sales: -12, returns: 1, waste: -1.5, adjustments: 0.5, transfers: -4, expected: 16 };

describe("a reconciliation", () => {
  test("adds the period up and holds it against the ledger's counts, carried on to its end", async () => {
    const shelf = await aDay();
    const answer = await shelf.post(path, period(shelf));
    expect(answer.status).toBe(201);
    const byCode = Object.fromEntries(answer.json.data.map((row: { item_code: string }) => [row.item_code, row]));
    // 17 were expected at the count and 15 were there.
    expect(byCode["tea"]).toMatchObject({ ...tea, counted: 14, variance: -2 });
    expect(byCode["milk"]).toMatchObject({ opening: 0, purchases: 3, expected: 3, counted: null, variance: null });
    expect(answer.json.next_cursor).toBeNull();
  });

  test("or against what somebody counted, of these variants only", async () => {
    const shelf = await aDay();
    const answer = await shelf.post(path, period(shelf, { counts: [{ item_code: "tea", quantity: 15.5 }] }));
    expect(answer.json.data).toMatchObject([{ item_code: "tea", ...tea, counted: 15.5, variance: -0.5 }]);
    const unknown = await shelf.post(path, period(shelf, { counts: [{ item_code: "no", quantity: 1 }] }));
    expect([unknown.status, unknown.json.code]).toEqual([422, "VARIANT_UNKNOWN"]);
    const nowhere = await shelf.post(path, period(shelf, { location_id: crypto.randomUUID() }));
    expect([nowhere.status, nowhere.json.code]).toEqual([422, "LOCATION_UNKNOWN"]);
  });

  test("comes in parts that hold every variant once", async () => {
    const codes = Array.from({ length: 7 }, (_, index) => `i${index}`);
    const shelf = await newShelf(codes);
    await shelf.move(...codes.map((code) => [code, "purchase", 1, NOON_MS + 1] as const));
    for (const limit of [3, 7, 10]) {
      const found: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { json } = await shelf.post(path, period(shelf, { limit, ...(cursor ? { cursor } : {}) }));
        found.push(...json.data.map((row: { item_code: string }) => row.item_code));
        cursor = json.next_cursor;
      }
      expect(found.sort(), `limit ${limit}`).toEqual(codes);
    }
  });

  test("is at most 3 statements in one round trip for 50 items and for 5,000, and answers what its schema says", async () => {
    const codes = Array.from({ length: 5_000 }, (_, index) => `i${index}`);
    const shelf = await newShelf(codes);
    await writeSql(
      shelf.tenant,
      [
        `INSERT INTO stock_positions (location_id, variant_id, on_hand_e4, updated_at_ms) SELECT ?, variant_id, 30000, 0 FROM variants`,
        shelf.location_id,
      ],
      [
        `INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, created_at_ms)
         SELECT ?, v.variant_id, ? + t.key, 'm' || t.key, t.value, 10000, 0 FROM variants AS v, json_each('["purchase","sale","waste"]') AS t`,
        shelf.location_id,
        NOON_MS,
      ],
    );
    const { scope, meter } = await shelf.tenant.scope();
    const units: UnitOfWork[] = [];
    const db: DatabaseHandle = {
      ...scope.db,
      write: (unit) => {
        units.push(unit);
        return scope.db.write(unit);
      },
    };
    const requestScope = {
      ...scope,
      db,
      principal: null,
      receipt: undefined,
      url: new URL("http://servery.test/"),
      headers: new Headers(),
    };
    const ran: { items: number; statements: number; round_trips: number; rows_read: number }[] = [];
    for (const limit of [50, 5_000]) {
      const before = { round_trips: meter.round_trips, rows_read: meter.rows_read };
      const result = await reconcile(requestScope, { ...period(shelf), limit });
      if (result.kind !== "applied") throw new Error(JSON.stringify(result));
      const answer = JSON.parse(result.answer);
      const schema = endpoints.find((endpoint) => endpoint.path === path)?.answers[201]?.schema;
      if (limit === 50) expect(schema?.safeParse(answer).error).toBeUndefined();
      const unit = units.at(-1) as UnitOfWork;
      ran.push({
        items: answer.data.length,
        // Its own, and the answer's; what frames every unit of work is the same for all of them.
        statements: unit.steps.length + 1,
        round_trips: meter.round_trips - before.round_trips,
        rows_read: meter.rows_read - before.rows_read,
      });
    }
    expect(ran.map(({ items }) => items)).toEqual([50, 5_000]);
    for (const { statements, round_trips } of ran) {
      expect(statements).toBeLessThanOrEqual(3);
      expect(round_trips).toBe(1);
    }
    const [small, large] = ran.map(({ rows_read, items }) => rows_read / items);
    expect(large).toBeLessThanOrEqual((small ?? 0) * 1.2);
  }, 60_000);
});
