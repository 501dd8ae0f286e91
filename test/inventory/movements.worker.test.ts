import { describe, expect, test } from "vitest";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { addLocation, at, movementOf, NOON_MS, newShelf } from "../support/worker/stock-fixture.ts";

const path = "/api/v1/inventory/movements";

describe("movements", () => {
  test("add up to a position, and tell of it in events with the committed figures", async () => {
    const shelf = await newShelf(["tea", "milk"]);
    const answer = await shelf.move(["tea", "purchase", 16], ["milk", "purchase", 2.25], ["tea", "sale", -2, NOON_MS + 1]);
    expect(
      answer.json.movements.map((movement: { item_code: string; quantity_delta: number }) => [movement.item_code, movement.quantity_delta]),
    ).toEqual([
      ["tea", 16],
      ["milk", 2.25],
      ["tea", -2],
    ]);
    expect(answer.json.positions).toMatchObject([
      { item_code: "milk", quantity_on_hand: 2.25, quantity_reserved: 0, quantity_available: 2.25 },
      { item_code: "tea", quantity_on_hand: 14, quantity_reserved: 0, quantity_available: 14 },
    ]);
    expect(answer.json.below_zero).toEqual([]);
    expect(await shelf.figures("tea")).toEqual([14, 0, 14]);
    expect((await shelf.events("inventory.stock.adjusted"))[2]).toEqual({
      movement_id: answer.json.movements[2].movement_id,
      variant_id: shelf.variants["tea"],
      location_id: shelf.location_id,
      movement_type: "sale",
      quantity_delta: -2,
      quantity: null,
      quantity_on_hand: 14,
      quantity_reserved: 0,
      quantity_available: 14,
      reference_type: null,
      reference_id: null,
    });
  });

  test("a count is the truth at its time: what came before it no longer counts, however late it arrives", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "purchase", 10, NOON_MS], ["tea", "sale", -3, NOON_MS + 10]);
    await shelf.move(["tea", "count", 5, NOON_MS + 5]);
    expect(await shelf.figures("tea")).toEqual([2, 0, 2]);
    // Older than the count.
    await shelf.move(["tea", "sale", -4, NOON_MS + 4]);
    expect(await shelf.figures("tea")).toEqual([2, 0, 2]);
    // A count before the newest, and one after everything.
    await shelf.move(["tea", "count", 100, NOON_MS + 1]);
    expect(await shelf.figures("tea")).toEqual([2, 0, 2]);
    await shelf.move(["tea", "count", 7, NOON_MS + 20], ["tea", "sale", -1, NOON_MS + 21]);
    expect(await shelf.figures("tea")).toEqual([6, 0, 6]);
  });

  test("entries of one request keep their order where their times are the same", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "purchase", 3], ["tea", "count", 10], ["tea", "sale", -1]);
    expect(await shelf.figures("tea")).toEqual([9, 0, 9]);
  });

  test("a sale that happened is recorded below zero, and reported", async () => {
    const shelf = await newShelf(["tea"]);
    const answer = await shelf.move(["tea", "purchase", 1], ["tea", "sale", -3]);
    expect(answer.json.below_zero).toMatchObject([{ item_code: "tea", quantity_on_hand: -2, quantity_available: -2 }]);
  });

  test("are all taken or none; what is unknown is named", async () => {
    const shelf = await newShelf(["tea"]);
    const refused = await shelf.post(path, {
      movements: [["tea", "purchase", 5] as const, ["nothing", "purchase", 1] as const].map((move) => movementOf(shelf.location_id, move)),
    });
    expect([refused.status, refused.json.code]).toEqual([422, "VARIANT_UNKNOWN"]);
    expect(refused.json.errors).toEqual([{ path: "body.movements.1.item_code", message: "no such variant" }]);
    const nowhere = await shelf.post(path, { movements: [movementOf("00000000-0000-7000-8000-000000000000", ["tea", "purchase", 5])] });
    expect([nowhere.status, nowhere.json.code]).toEqual([422, "LOCATION_UNKNOWN"]);
    const future = await shelf.post(path, { movements: [movementOf(shelf.location_id, ["tea", "purchase", 5, Date.now() + 90_000_000])] });
    expect([future.status, future.json.errors[0].path]).toEqual([422, "body.movements.0.occurred_at"]);
    expect(await shelf.rows("SELECT count(*) AS n FROM stock_movements")).toEqual([{ n: 0 }]);
    expect(await shelf.figures("tea")).toBeNull();
  });

  test.each([
    [{ quantity: 5 }, "body.movements.0.quantity_delta"],
    [{ quantity_delta: 1.00001 }, "body.movements.0.quantity_delta"],
    [{ movement_type: "count", quantity_delta: 5 }, "body.movements.0.quantity"],
    [{ movement_type: "count", quantity: -1 }, "body.movements.0.quantity"],
    [{ quantity_delta: 1, expected_quantity: 1 }, "body.movements.0.expected_quantity"],
    [{ quantity_delta: 1, variant_id: crypto.randomUUID() }, "body.movements.0"],
    [{ quantity_delta: 1, item_code: undefined }, "body.movements.0"],
  ])("%j is refused at %s", async (given, where) => {
    const shelf = await newShelf(["tea"]);
    const base = { item_code: "tea", location_id: shelf.location_id, movement_type: "adjustment", occurred_at: at(NOON_MS) };
    const answer = await shelf.post(path, { movements: [{ ...base, ...given }] });
    expect(answer.status).toBe(422);
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(where);
  });

  test("the ledger only grows: nobody changes or removes a row of it", async () => {
    const shelf = await newShelf(["tea"]);
    await shelf.move(["tea", "purchase", 5]);
    await expect(writeSql(shelf.tenant, ["UPDATE stock_movements SET quantity_e4 = 0"])).rejects.toThrow();
    await expect(writeSql(shelf.tenant, ["DELETE FROM stock_movements"])).rejects.toThrow();
    expect(await shelf.rows("SELECT quantity_e4 FROM stock_movements")).toEqual([{ quantity_e4: 50_000 }]);
  });
});

describe("a count that says what it expects", () => {
  const count = (locationId: string, quantity: number, expected_quantity: number | null) => ({
    movements: [{ ...movementOf(locationId, ["tea", "count", quantity, NOON_MS + 50]), expected_quantity }],
  });

  test("is taken where that is on hand, refused with the current figure where it is not", async () => {
    const shelf = await newShelf(["tea"]);
    expect((await shelf.post(path, count(shelf.location_id, 8, null))).status).toBe(201);
    const untracked = await shelf.post(path, count(shelf.location_id, 9, null), "k");
    expect([untracked.status, untracked.json.code]).toEqual([409, "STOCK_CHANGED"]);
    expect(untracked.json.counts).toEqual([
      {
        index: 0,
        location_id: shelf.location_id,
        variant_id: shelf.variants["tea"],
        item_code: "tea",
        expected_quantity: null,
        current_quantity: 8,
      },
    ]);
    const again = await shelf.post(path, count(shelf.location_id, 9, null), "k");
    expect([again.text, again.headers.get("idempotent-replayed")]).toEqual([untracked.text, "true"]);
    expect((await shelf.post(path, count(shelf.location_id, 9, 8))).status).toBe(201);
    expect(await shelf.figures("tea")).toEqual([9, 0, 9]);
  });
});

describe("transfers", () => {
  const transfers = "/api/v1/inventory/transfers";

  test("move both sides or nothing, and never what is promised", async () => {
    const shelf = await newShelf(["tea", "milk"]);
    const other = await addLocation(shelf.tenant);
    await shelf.move(["tea", "purchase", 10], ["milk", "purchase", 1]);
    await shelf.reserve("o1", { tea: 4 });
    const lines = (tea: number, milk: number) => ({
      from_location_id: shelf.location_id,
      to_location_id: other,
      lines: [
        { item_code: "tea", quantity: tea },
        { item_code: "milk", quantity: milk },
      ],
    });
    const refused = await shelf.post(transfers, lines(7, 2));
    expect([refused.status, refused.json.code]).toEqual([409, "STOCK_INSUFFICIENT"]);
    expect(refused.json.lines).toMatchObject(
      [
        { item_code: "milk", requested: 2, available: 1 },
        { item_code: "tea", requested: 7, available: 6 },
      ].sort((a, b) => ((shelf.variants[a.item_code] ?? "") < (shelf.variants[b.item_code] ?? "") ? -1 : 1)),
    );
    expect(await shelf.figures("milk", other)).toBeNull();
    const done = await shelf.post(transfers, lines(6, 1));
    expect(done.status).toBe(201);
    expect(done.json.movements.map((movement: { movement_type: string }) => movement.movement_type)).toEqual([
      "transfer_out",
      "transfer_in",
      "transfer_out",
      "transfer_in",
    ]);
    expect(await shelf.figures("tea")).toEqual([4, 4, 0]);
    expect(await shelf.figures("tea", other)).toEqual([6, 0, 6]);
    expect(await shelf.figures("milk", other)).toEqual([1, 0, 1]);
    expect((await shelf.post(transfers, { ...lines(1, 1), to_location_id: shelf.location_id })).status).toBe(422);
  });

  test("the same variant twice, by id and by code, counts together", async () => {
    const shelf = await newShelf(["tea"]);
    const other = await addLocation(shelf.tenant);
    await shelf.move(["tea", "purchase", 10]);
    const answer = await shelf.post(transfers, {
      from_location_id: shelf.location_id,
      to_location_id: other,
      lines: [
        { item_code: "tea", quantity: 6 },
        { variant_id: shelf.variants["tea"], quantity: 6 },
      ],
    });
    expect(answer.json).toMatchObject({ code: "STOCK_INSUFFICIENT", lines: [{ requested: 12, available: 10 }] });
  });
});

describe("how stock is kept", () => {
  test("allow_negative, reorder point and most are set where there is a position", async () => {
    const shelf = await newShelf(["tea"]);
    const path = `/api/v1/inventory/positions/${shelf.location_id}/${shelf.variants["tea"]}`;
    const missing = await shelf.tenant.call("PATCH", path, { body: { allow_negative: true } });
    expect([missing.status, missing.json.code]).toEqual([404, "NOT_FOUND"]);
    await shelf.move(["tea", "count", 1]);
    const set = await shelf.tenant.call("PATCH", path, { body: { allow_negative: true, reorder_point: 2.5, max_stock: 20 } });
    expect(set.json).toMatchObject({
      allow_negative: true,
      reorder_point: 2.5,
      max_stock: 20,
      quantity_on_hand: 1,
      counted_at: at(NOON_MS),
    });
    expect((await shelf.reserve("o", { tea: 5 })).status).toBe(201);
    expect(await shelf.figures("tea")).toEqual([1, 5, -4]);
  });

  test("positions come in pages", async () => {
    const codes = Array.from({ length: 7 }, (_, index) => `i${index}`);
    const shelf = await newShelf(codes);
    const answer = await shelf.move(...codes.map((code, index) => [code, "count", index] as const));
    const headers = { "consistency-token": answer.headers.get("consistency-token") ?? "" };
    const found: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const query: string = `location_id=${shelf.location_id}&limit=3${cursor ? `&cursor=${cursor}` : ""}`;
      const { json } = await shelf.tenant.call("GET", `/api/v1/inventory/positions?${query}`, { headers });
      found.push(...json.data.map((position: { item_code: string }) => position.item_code));
      cursor = json.next_cursor;
    }
    expect(found.sort()).toEqual(codes);
  });
});
