import { describe, expect, test } from "vitest";
import { commitReservation } from "../../src/domains/inventory/commit-reservation.ts";
import { expireReservations } from "../../src/domains/inventory/expire-reservations.ts";
import { reserve } from "../../src/domains/inventory/reserve.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { addBundle, addLocation, addOption, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";

const path = "/api/v1/inventory/reservations";
const commit = (shelf: Shelf, order: string, body?: unknown) => shelf.post(`${path}/${order}/commit`, body);
const release = (shelf: Shelf, order: string, body?: unknown) => shelf.post(`${path}/${order}/release`, body);
const SOON = { timeout: 5_000 };

const statuses = (json: { lines: { item_code: string; status: string }[] }) =>
  Object.fromEntries(json.lines.map(({ item_code, status }) => [item_code, status]));

describe("reserving", () => {
  test("holds stock for an order, all lines or none, and names every line that is short", async () => {
    const shelf = await newShelf(["tea", "milk", "cake", "air"]);
    await shelf.move(["tea", "count", 5], ["milk", "count", 1], ["cake", "count", 0]);
    const held = await shelf.reserve("o1", { tea: 2, milk: 1 }, { expires_in_s: 900 });
    expect(held.status).toBe(201);
    expect(held.json).toMatchObject({
      order_id: "o1",
      lines: [
        { item_code: "milk", quantity: 1, committed_quantity: 0, status: "active" },
        { item_code: "tea", quantity: 2, status: "active" },
      ],
    });
    const short = await shelf.reserve("o2", { tea: 4, milk: 1, cake: 0.5, air: 9 });
    expect([short.status, short.json.code]).toEqual([409, "STOCK_INSUFFICIENT"]);
    const byCode = (a: { item_code: string }, b: { item_code: string }) => (a.item_code < b.item_code ? -1 : 1);
    expect(short.json.lines.sort(byCode)).toEqual(
      [
        { item_code: "cake", requested: 0.5, available: 0, line_numbers: [2] },
        { item_code: "milk", requested: 1, available: 0, line_numbers: [1] },
        { item_code: "tea", requested: 4, available: 3, line_numbers: [0] },
      ].map((line) => ({ variant_id: shelf.variants[line.item_code], ...line })),
    );
    expect(await shelf.figures("tea")).toEqual([5, 2, 3]);
    expect(await shelf.events("inventory.stock.reserved")).toHaveLength(2);
    await expectSoundStock(shelf);
  });

  test("lines of one request that share a variant are summed, however they name it", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 1]);
    const twice = (lines: unknown[]) => shelf.post(path, { order_id: crypto.randomUUID(), location_id: shelf.location_id, lines });
    const byCode = { item_code: "tea", quantity: 1 };
    const byId = { variant_id: shelf.variants["tea"], quantity: 1 };
    for (const lines of [
      [byCode, byCode],
      [byCode, byId],
    ]) {
      const answer = await twice(lines);
      expect(answer.json).toMatchObject({ code: "STOCK_INSUFFICIENT", lines: [{ requested: 2, available: 1 }] });
      expect(answer.json.lines[0].line_numbers.sort()).toEqual([0, 1]);
    }
    expect(
      (
        await twice([
          { ...byCode, quantity: 0.5 },
          { ...byId, quantity: 0.5 },
        ])
      ).status,
    ).toBe(201);
    expect(await shelf.figures("tea")).toEqual([1, 1, 0]);
  });

  test("the same again changes nothing; otherwise it is refused", async () => {
    const shelf = await newShelf(["tea", "milk"]);
    await shelf.move(["tea", "count", 3]);
    const first = await shelf.reserve("o", { tea: 3 });
    const again = await shelf.reserve("o", { tea: 3 });
    expect([again.status, again.json.lines]).toEqual([201, first.json.lines]);
    expect(await shelf.events("inventory.stock.reserved")).toHaveLength(1);
    const other = await shelf.reserve("o", { tea: 2 });
    expect([other.status, other.json.code]).toEqual([409, "RESERVATION_DIFFERS"]);
    expect(other.json.lines).toMatchObject([{ item_code: "tea", status: "active", quantity: 3, requested: 2 }]);
    expect((await shelf.reserve("o", { milk: 1 })).status).toBe(201);
    await release(shelf, "o");
    expect((await shelf.reserve("o", { tea: 2 })).status).toBe(201);
    expect(await shelf.figures("tea")).toEqual([3, 2, 1]);
    await expectSoundStock(shelf);
  });

  test("what is not tracked is reserved without stock, and counts once it is tracked", async () => {
    const shelf = await newShelf(["tea"]);
    expect((await shelf.reserve("o", { tea: 40 })).status).toBe(201);
    expect(await shelf.figures("tea")).toBeNull();
    await shelf.move(["tea", "count", 50]);
    expect(await shelf.figures("tea")).toEqual([50, 40, 10]);
    await release(shelf, "o");
    expect(await shelf.figures("tea")).toEqual([50, 0, 50]);
    await shelf.reserve("untracked", { tea: 1 }, { location_id: await addLocation(shelf.tenant) });
    expect((await commit(shelf, "untracked")).status).toBe(200);
    expect(await shelf.rows("SELECT count(*) AS n FROM stock_movements WHERE movement_type = 'sale_committed'")).toEqual([{ n: 0 }]);
    await expectSoundStock(shelf);
  });

  test("a bundle reserves its components, a chosen option its variant", async () => {
    const shelf = await newShelf(["meal", "burger", "cola", "cheese"]);
    await addBundle(shelf.tenant, shelf.variants["meal"] ?? "", { burger: 1, cola: 2 });
    const [cheese, words] = [await addOption(shelf.tenant, "cheese"), await addOption(shelf.tenant, null)];
    await shelf.move(["burger", "count", 3], ["cola", "count", 5], ["cheese", "count", 4]);
    const order = (order_id: string, quantity: number, more: unknown[] = []) =>
      shelf.post(path, {
        order_id,
        location_id: shelf.location_id,
        lines: [{ item_code: "meal", quantity, modifiers: [{ option_id: cheese, quantity: 2 }, { option_id: words }] }, ...more],
      });
    const held = await order("o1", 2);
    expect(held.json.lines.map((line: { item_code: string; quantity: number }) => [line.item_code, line.quantity])).toEqual([
      ["burger", 2],
      ["cheese", 4],
      ["cola", 4],
    ]);
    const short = await order("o2", 1, [{ item_code: "burger", quantity: 1 }]);
    expect(short.json.code).toBe("STOCK_INSUFFICIENT");
    expect(
      Object.fromEntries(
        short.json.lines.map((line: { item_code: string; requested: number; available: number; line_numbers: number[] }) => [
          line.item_code,
          [line.requested, line.available, line.line_numbers.sort()],
        ]),
      ),
    ).toEqual({
      burger: [2, 1, [0, 1]],
      cola: [2, 1, [0]],
      cheese: [2, 0, [0]],
    });
    const strange = await shelf.post(path, {
      order_id: "o3",
      location_id: shelf.location_id,
      lines: [{ item_code: "cola", quantity: 1, modifiers: [{ option_id: crypto.randomUUID() }] }],
    });
    expect([strange.status, strange.json.code]).toEqual([422, "MODIFIER_UNKNOWN"]);
  });
});

describe("committing and releasing", () => {
  test("a commit sells what was held; again it changes nothing; what is committed is not released", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 5]);
    await shelf.reserve("o", { tea: 2 });
    for (let round = 0; round < 2; round++) {
      const done = await commit(shelf, "o");
      expect(done.json.lines).toMatchObject([{ status: "committed", quantity: 2, committed_quantity: 2 }]);
      expect(await shelf.figures("tea")).toEqual([3, 0, 3]);
    }
    expect((await shelf.events("inventory.stock.adjusted")).at(-1)).toMatchObject({
      movement_type: "sale_committed",
      quantity_delta: -2,
      quantity_on_hand: 3,
      reference_type: "order",
      reference_id: "o",
    });
    expect(await shelf.events("inventory.stock.committed")).toMatchObject([{ order_id: "o", quantity: 2, quantity_freed: 0 }]);
    const released = await release(shelf, "o");
    expect([released.status, released.json.code]).toEqual([409, "RESERVATION_NOT_ACTIVE"]);
    await expectSoundStock(shelf);
  });

  test("a short pick frees the rest; more than was reserved is refused", async () => {
    const shelf = await newShelf(["tea", "milk", "cake"]);
    await shelf.move(["tea", "count", 5], ["milk", "count", 5], ["cake", "count", 5]);
    await shelf.reserve("o", { tea: 3, milk: 2 });
    const pick = (lines: unknown[]) => commit(shelf, "o", { location_id: shelf.location_id, lines });
    for (const line of [
      { item_code: "tea", quantity: 4 },
      { item_code: "cake", quantity: 1 },
    ]) {
      const refused = await pick([line]);
      expect([refused.status, refused.json.code]).toEqual([409, "RESERVATION_DIFFERS"]);
    }
    for (let round = 0; round < 2; round++) {
      const done = await pick([{ item_code: "tea", quantity: 1 }]);
      expect(done.json.lines).toMatchObject([
        { item_code: "milk", status: "committed", committed_quantity: 0 },
        { item_code: "tea", status: "committed", committed_quantity: 1 },
      ]);
    }
    expect(await shelf.figures("tea")).toEqual([4, 0, 4]);
    expect(await shelf.figures("milk")).toEqual([5, 0, 5]);
    const freed = await shelf.events("inventory.stock.committed");
    expect(freed.map(({ quantity, quantity_freed }) => [quantity, quantity_freed]).sort()).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect((await commit(shelf, "o", { lines: [{ item_code: "tea", quantity: 1 }] })).status).toBe(422);
  });

  test("a release gives back, again it changes nothing; nobody's order is 404", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 5]);
    await shelf.reserve("o", { tea: 2 });
    for (let round = 0; round < 2; round++) expect(statuses((await release(shelf, "o")).json)).toEqual({ tea: "released" });
    expect(await shelf.events("inventory.stock.released")).toMatchObject([{ reason: "released", quantity: 2, quantity_available: 5 }]);
    const committed = await commit(shelf, "o");
    expect([committed.status, committed.json.code]).toEqual([409, "RESERVATION_NOT_ACTIVE"]);
    for (const verb of [commit, release]) expect((await verb(shelf, "nobody")).status).toBe(404);
    const read = await shelf.tenant.call("GET", `${path}/nobody`);
    expect(read.status).toBe(404);
    await expectSoundStock(shelf);
  });

  test("an order with stock at two locations is committed at one and released at the other", async () => {
    const shelf = await newShelf(["tea"]);
    const other = await addLocation(shelf.tenant);
    await shelf.reserve("o", { tea: 1 });
    await shelf.reserve("o", { tea: 2 }, { location_id: other });
    await commit(shelf, "o", { location_id: shelf.location_id });
    const done = await release(shelf, "o", { location_id: other });
    expect(done.json.lines.map((line: { location_id: string; status: string }) => [line.location_id, line.status]).sort()).toEqual(
      [
        [shelf.location_id, "committed"],
        [other, "released"],
      ].sort(),
    );
  });

  test("the body may be left out", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.reserve("o", { tea: 1 });
    expect((await shelf.tenant.call("POST", `${path}/o/commit`)).status).toBe(200);
  });
});

describe("expiry", () => {
  /** Moves the time at which everything active ends into the past, as waiting would. */
  const pass = (shelf: Shelf) => writeSql(shelf.tenant, ["UPDATE stock_reservations SET expires_at_ms = 1000 WHERE status = 'active'"]);

  test("holds at read and at reserve though no sweeper has been by", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 5]);
    await shelf.reserve("o1", { tea: 5 }, { expires_in_s: 900 });
    expect(await shelf.figures("tea")).toEqual([5, 5, 0]);
    await pass(shelf);
    expect(await shelf.figures("tea")).toEqual([5, 0, 5]);
    // From a replica, which may be behind.
    await expect.poll(async () => statuses((await shelf.tenant.call("GET", `${path}/o1`)).json), SOON).toEqual({ tea: "expired" });
    const refused = await shelf.reserve("o2", { tea: 6 });
    expect(refused.json.lines).toMatchObject([{ requested: 6, available: 5 }]);
    const late = await commit(shelf, "o1");
    expect([late.status, late.json.code, late.json.reservation.lines[0].status]).toEqual([409, "RESERVATION_NOT_ACTIVE", "expired"]);
    expect((await shelf.reserve("o2", { tea: 5 })).status).toBe(201);
    expect(await shelf.rows("SELECT order_id, status FROM stock_reservations ORDER BY order_id")).toEqual([
      { order_id: "o1", status: "expired" },
      { order_id: "o2", status: "active" },
    ]);
    expect(await shelf.events("inventory.stock.released")).toMatchObject([{ order_id: "o1", reason: "expired", quantity: 5 }]);
    await release(shelf, "o2");
    expect((await shelf.reserve("o1", { tea: 1 })).status).toBe(201);
    expect(statuses((await commit(shelf, "o1")).json)).toEqual({ tea: "committed" });
    await expectSoundStock(shelf);
  });

  test("makes an item orderable again though the reserve that found it added nothing", async () => {
    const shelf = await newShelf(["tea"]);
    await writeSql(shelf.tenant, [
      `INSERT INTO variant_prices (variant_price_id, variant_id, currency, price_minor, effective_from_ms, created_at_ms)
       SELECT 'price', variant_id, 'USD', 500, 0, 0 FROM variants`,
    ]);
    await shelf.move(["tea", "count", 3]);
    await shelf.reserve("stays", { tea: 1 });
    await shelf.reserve("gone", { tea: 2 }, { expires_in_s: 900 });
    await writeSql(shelf.tenant, ["UPDATE stock_reservations SET expires_at_ms = 1000 WHERE order_id = 'gone'"]);
    expect((await shelf.reserve("stays", { tea: 1 })).status).toBe(201);
    const turns = (await shelf.events("inventory.orderability.changed")).map(({ reason_code }) => reason_code);
    expect(turns).toEqual(["no_stock", null]);
    await expectSoundStock(shelf);
  });

  test("happens on time by itself, with its events", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 5]);
    await shelf.reserve("late", { tea: 1 }, { expires_in_s: 3600 });
    await shelf.reserve("soon", { tea: 2 }, { expires_in_s: 1 });
    const [before] = await shelf.rows("SELECT due_at_ms FROM wanted WHERE kind = 'expire_reservations'");
    expect(Number(before?.["due_at_ms"])).toBeLessThan(Date.now() + 2_000);
    for (let attempt = 0; attempt < 200; attempt++) {
      if ((await shelf.events("inventory.stock.released")).length > 0) break;
      await scheduler.wait(50);
    }
    expect(await shelf.events("inventory.stock.released")).toMatchObject([{ order_id: "soon", reason: "expired", quantity_available: 4 }]);
    const [next] = await shelf.rows("SELECT state, due_at_ms FROM wanted WHERE kind = 'expire_reservations'");
    expect(next?.["state"]).toBe("wanted");
    expect(Number(next?.["due_at_ms"])).toBeGreaterThan(Date.now() + 3_000_000);
    await expectSoundStock(shelf);
  });

  test("goes in bounded pieces", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "count", 1000]);
    await writeSql(shelf.tenant, [
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
       INSERT INTO stock_reservations (location_id, variant_id, order_id, reserved_e4, status, expires_at_ms, change_id, created_at_ms, updated_at_ms)
       SELECT ?, ?, 'o' || i, 10000, 'active', i, 'x', 0, 0 FROM n`,
      shelf.location_id,
      shelf.variants["tea"] ?? "",
    ]);
    const { scope } = await shelf.tenant.scope();
    const message = { type: "wanted", tenant_id: "t", kind: "expire_reservations", key: "all", requests: 1, payload: {} } as const;
    const left: unknown[] = [];
    for (let piece = 0; piece < 3; piece++) {
      await expireReservations(scope, message);
      left.push((await shelf.rows("SELECT reserved_e4 / 10000 AS reserved FROM stock_positions"))[0]?.["reserved"]);
    }
    expect(left.map(Number)[0]).toBeLessThanOrEqual(250);
    expect(left.at(-1)).toBe(0);
    await expectSoundStock(shelf);
  });
});

describe("what a write costs", () => {
  test("one round trip, no read before, and the same rows however long the ledger and however many orders there were", async () => {
    const shelf = await newShelf(["tea", "milk", "cake"]);
    await shelf.move(["tea", "count", 100_000], ["milk", "count", 100_000], ["cake", "count", 100_000]);
    const cost = async (order_id: string) => {
      const held = await shelf.tenant.scope();
      const lines = ["tea", "milk", "cake"].map((item_code) => ({ item_code, quantity: 1, modifiers: [] }));
      const scope = { ...held.scope, receipt: undefined };
      const result = await reserve(scope, { order_id, location_id: shelf.location_id, lines });
      expect(result.kind).toBe("applied");
      expect(held.meter.round_trips).toBe(1);
      const committed = await shelf.tenant.scope();
      await commitReservation({ ...committed.scope, receipt: undefined }, order_id, {});
      expect(committed.meter.round_trips).toBe(1);
      return [held.meter.rows_read, held.meter.rows_written, committed.meter.rows_read, committed.meter.rows_written] as number[];
    };
    await cost("first");
    const short = await cost("second");
    await writeSql(
      shelf.tenant,
      [
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
         INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, created_at_ms)
         SELECT l.value, v.variant_id, i, 'm' || i, 'adjustment', 0, 0 FROM n, json_each(?) AS l, variants AS v`,
        JSON.stringify([shelf.location_id]),
      ],
      [
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO stock_reservations (location_id, variant_id, order_id, reserved_e4, committed_e4, status, change_id, created_at_ms, updated_at_ms)
         SELECT ?, v.variant_id, 'old' || i, 1, 1, 'committed', 'x', 0, 0 FROM n, variants AS v`,
        shelf.location_id,
      ],
    );
    const long = await cost("third");
    expect(long[0], "rows read by a reserve of 3 lines").toBeLessThanOrEqual(200);
    expect(long[2], "rows read by its commit").toBeLessThanOrEqual(200);
    for (const [index, rows] of long.entries())
      expect(rows, `figure ${index}: ${short} then ${long}`).toBeLessThanOrEqual((short[index] ?? 0) + 3);
  });
});
