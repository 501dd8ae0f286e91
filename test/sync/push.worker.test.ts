import { describe, expect, test } from "vitest";
import { pushOperations } from "../../src/domains/sync/push-operations.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { addBundle, addOption, NOON_MS } from "../support/worker/stock-fixture.ts";
import { line, newId, newTill, newTillShop, op, sale } from "../support/worker/till-fixture.ts";

const statuses = (answer: { results: { status: string; code?: string }[] }) =>
  answer.results.map(({ status, code }) => (code ? `${status} ${code}` : status));

describe("a push", () => {
  test("takes a sale: order, payment, stock, and what is left below zero is told", async () => {
    const { shelf, till } = await newTillShop();
    await shelf.move(["A", "count", 1, NOON_MS]);
    const sold = sale("A", 3, 650);
    const answer = await till.push([sold], { sent_at: new Date().toISOString() });
    expect(answer.results).toEqual([{ id: sold.id, status: "applied", version: 1 }]);
    expect(answer.below_zero).toMatchObject([{ item_code: "A", quantity_on_hand: -2 }]);
    expect(await shelf.figures("A")).toEqual([-2, 0, -2]);
    const [order] = await shelf.rows("SELECT * FROM orders");
    expect(order).toMatchObject({ status: "closed", total_minor: 1950, paid_minor: 1950, version: 1, terminal_id: till.terminal_id });
    const movements = await shelf.rows("SELECT movement_type, quantity_e4, reference_id FROM stock_movements WHERE movement_type = 'sale'");
    expect(movements).toEqual([{ movement_type: "sale", quantity_e4: -30_000, reference_id: order?.["order_id"] }]);
    await expectSoundStock(shelf);
  });

  test("whose answer was lost is answered the same, as duplicate, and changes nothing", async () => {
    const { shelf, till } = await newTillShop();
    await shelf.move(["A", "count", 10, NOON_MS]);
    const operations = [sale("A"), sale("nothing"), op("inventory_adjustment", { item_code: "A", quantity_delta: 4 })];
    const first = await till.push(operations);
    expect(statuses(first)).toEqual(["applied", "rejected VARIANT_UNKNOWN", "applied"]);
    const again = await till.push(operations);
    expect(statuses(again)).toEqual(["duplicate", "rejected VARIANT_UNKNOWN", "duplicate"]);
    expect(again.results[0].version).toBe(first.results[0].version);
    expect(await shelf.figures("A")).toEqual([13, 0, 13]);
    expect(await shelf.rows("SELECT count(*) AS n FROM sync_rejections")).toEqual([{ n: 1 }]);
    const twice = await till.push([operations[0], operations[0]] as never);
    expect(statuses(twice)).toEqual(["duplicate", "duplicate"]);
  });

  test("is held up by no operation in it but where one builds on another", async () => {
    const { shelf, till } = await newTillShop();
    const [bad, good] = [newId(), newId()];
    const { cursor } = await till.pull();
    const answer = await till.push([
      op("order.create", { order_id: bad, currency: "EUR", lines: [line("A")] }),
      op("order.add_lines", { order_id: bad, lines: [line("A")] }),
      op("payment.record", { order_id: bad, payment_id: newId(), method: "cash", amount: 650 }),
      { id: newId() } as never,
      op("order.create", { order_id: good, currency: "USD", lines: [] }),
      op("magic", {}),
      op("order.add_lines", { order_id: good, lines: [line("B", 2, 300)] }),
      op("order.add_lines", { order_id: good, lines: [{ nonsense: true }] }),
      { ...op("order.close", { order_id: good }), occurred_at: "yesterday" },
      op("order.cancel", { order_id: newId() }),
      { ...sale("A"), id: "not-an-id" },
      op("shift.close", { shift_id: "none", counted_amount: 5 }),
      op("order.close", { order_id: good, payments: [{ payment_id: newId(), method: "card", amount: 600 }] }),
    ]);
    expect(statuses(answer)).toEqual([
      "rejected CURRENCY_DIFFERS",
      "rejected DEPENDS_ON_REJECTED",
      "rejected DEPENDS_ON_REJECTED",
      "rejected OPERATION_UNKNOWN",
      "applied",
      "rejected OPERATION_UNKNOWN",
      "applied",
      "rejected VALIDATION_FAILED",
      "rejected VALIDATION_FAILED",
      "rejected ORDER_UNKNOWN",
      "rejected OPERATION_ID_INVALID",
      "rejected SHIFT_UNKNOWN",
      "applied",
    ]);
    // It depends on it in a later push too.
    const later = await till.push([op("order.close", { order_id: bad })]);
    expect(statuses(later)).toEqual(["rejected DEPENDS_ON_REJECTED"]);
    const order = (await till.pull(cursor)).changes.find(({ entity, id }) => entity === "order" && id === good);
    expect(order).toMatchObject({ deleted: true, data: { status: "closed", total: 600, paid: 600, balance: 0 } });
    expect(await shelf.rows("SELECT count(*) AS n FROM orders")).toEqual([{ n: 1 }]);
  });

  test("that we cannot write is kept as a rejection, and the rest is written", async () => {
    const { shelf, till } = await newTillShop();
    // What the schemas let through and the database does not: a variant's row is gone under the till's feet.
    const { scope } = await shelf.tenant.scope();
    const terminal = { terminal_id: till.terminal_id, store_id: shelf.store_id, location_id: shelf.location_id };
    const operations = Array.from({ length: 5 }, () => sale("A"));
    const poison = { ...sale("B"), payload: { ...sale("B").payload, note: "poison" } };
    let faults = 0;
    const db = {
      ...scope.db,
      write: (unit: Parameters<typeof scope.db.write>[0]) => {
        const isPoisoned = unit.steps.some(
          (step) => "sql" in step && /INTO orders/.test(step.sql) && JSON.stringify(step.args).includes("poison"),
        );
        if (isPoisoned) faults += 1;
        return isPoisoned ? Promise.resolve({ kind: "fault" as const, message: "planted" }) : scope.db.write(unit);
      },
    };
    const answer = await pushOperations({ ...scope, db }, terminal, {
      operations: [...operations.slice(0, 3), poison, ...operations.slice(3)] as never,
    });
    expect(statuses(answer)).toEqual(["applied", "applied", "applied", "rejected INTERNAL", "applied", "applied"]);
    expect(faults).toBeGreaterThan(1);
    expect(await shelf.rows("SELECT code, amount_minor FROM sync_rejections")).toEqual([{ code: "INTERNAL", amount_minor: 650 }]);
  });

  test("of five hundred operations costs at most three round trips", async () => {
    const { shelf, till } = await newTillShop();
    await shelf.move(["A", "count", 1000, NOON_MS], ["B", "count", 1000, NOON_MS]);
    const { scope, meter } = await shelf.tenant.scope();
    const terminal = { terminal_id: till.terminal_id, store_id: shelf.store_id, location_id: shelf.location_id };
    const operations = Array.from({ length: 500 }, (_, n) => sale(n % 2 ? "A" : "B", 2, 500));
    const before = meter.round_trips;
    const started = Date.now();
    const answer = await pushOperations(scope, terminal, { operations: operations as never });
    console.log(`500 operations in ${Date.now() - started} ms, ${meter.round_trips - before} round trips`);
    expect(new Set(statuses(answer))).toEqual(new Set(["applied"]));
    expect(meter.round_trips - before).toBeLessThanOrEqual(3);
    expect(await shelf.figures("A")).toEqual([500, 0, 500]);
    expect(await shelf.rows("SELECT count(*) AS n, sum(total_minor) AS total FROM orders WHERE status = 'closed'")).toEqual([
      { n: 500, total: 500_000 },
    ]);
    await expectSoundStock(shelf);
  });
});

describe("ids", () => {
  test("an operation's id stands for one content, whoever pushes it", async () => {
    const { shelf, till } = await newTillShop();
    const other = await newTill(shelf, "Other");
    const sold = sale("A", 1, 650);
    await till.push([sold]);
    expect(statuses(await other.push([sold]))).toEqual(["duplicate"]);
    const different = { ...sale("B", 1, 900), id: sold.id };
    expect(statuses(await other.push([different]))).toEqual(["rejected OPERATION_ID_TAKEN"]);
    expect(statuses(await other.push([different]))).toEqual(["rejected OPERATION_ID_TAKEN"]);
    const own = (await other.pull()).changes.filter(({ entity }) => entity === "rejection");
    expect(own).toMatchObject([{ data: { operation_id: sold.id, code: "OPERATION_ID_TAKEN", amount: 900 } }]);
    expect((await till.pull()).changes.filter(({ entity }) => entity === "rejection")).toEqual([]);
    expect(await shelf.rows("SELECT count(*) AS n FROM orders")).toEqual([{ n: 1 }]);
  });

  test("an order's id stands for one order: the same again is a duplicate, another a conflict with what holds", async () => {
    const { till } = await newTillShop();
    const first = sale("A");
    await till.push([first]);
    const same = op("order.create", first.payload);
    const other = op("order.create", { ...first.payload, note: "another" });
    const answer = await till.push([same, other]);
    expect(statuses(answer)).toEqual(["duplicate", "conflict ORDER_ID_TAKEN"]);
    expect(answer.results[1].current).toMatchObject({ id: first.payload["order_id"], status: "closed", total: 650 });
    const again = await till.push([other]);
    expect(again.results[0]).toEqual(answer.results[1]);
  });
});

describe("an order", () => {
  test("is kept as it was sold, with our price beside it, and takes bundles and options out of stock when it is closed", async () => {
    const { shelf, till } = await newTillShop(["A", "B", "SET"]);
    await addBundle(shelf.tenant, String(shelf.variants["SET"]), { A: 2, B: 1 });
    const option_id = await addOption(shelf.tenant, "B");
    await shelf.move(["A", "count", 10, NOON_MS], ["B", "count", 10, NOON_MS]);
    const { cursor } = await till.pull();
    const order_id = newId();
    const set = line("SET", 2, 1000, { modifiers: [{ option_id, name: "Extra B", price: 50 }], discount: 100, tax_rate: 0.1 });
    await till.push([op("order.create", { order_id, currency: "USD", lines: [set], total: 2001, number: "7" })]);
    expect(await shelf.figures("A")).toEqual([10, 0, 10]);
    await till.push([op("order.close", { order_id })]);
    // Two sets of two A and a B, with an extra B each.
    expect([await shelf.figures("A"), await shelf.figures("B")]).toEqual([
      [6, 0, 6],
      [6, 0, 6],
    ]);
    const { data } = (await till.pull(cursor)).changes.find(({ entity }) => entity === "order") as { data: Record<string, unknown> };
    expect(data).toMatchObject({ subtotal: 2100, discount: 100, total: 2000, tax: 182, till_total: 2001, balance: 2000, number: "7" });
    expect(data["lines"]).toMatchObject([
      { item_code: "SET", unit_price: 1000, server_price: null, modifiers: [{ option_id, price: 50, quantity: 1 }] },
    ]);
    await expectSoundStock(shelf);
  });

  test("that is closed or cancelled takes nothing more but payments", async () => {
    const { till } = await newTillShop();
    const [closed, cancelled] = [newId(), newId()];
    const create = (order_id: string) => op("order.create", { order_id, currency: "USD", lines: [line("A")] });
    await till.push([
      create(closed),
      create(cancelled),
      op("order.close", { order_id: closed }),
      op("order.cancel", { order_id: cancelled }),
    ]);
    const payment = { payment_id: "p", method: "cash", amount: 650 };
    const answer = await till.push([
      op("order.add_lines", { order_id: closed, lines: [line("A")] }),
      op("order.close", { order_id: closed, payments: [payment] }),
      op("payment.record", { order_id: closed, ...payment }),
      op("payment.record", { order_id: closed, ...payment }),
      op("payment.record", { order_id: closed, ...payment, amount: 1 }),
      op("order.cancel", { order_id: cancelled }),
      op("payment.record", { order_id: cancelled, ...payment }),
    ]);
    expect(statuses(answer)).toEqual([
      "conflict ORDER_NOT_OPEN",
      "conflict ORDER_NOT_OPEN",
      "applied",
      "duplicate",
      "rejected PAYMENT_ID_TAKEN",
      "conflict ORDER_NOT_OPEN",
      "conflict ORDER_NOT_OPEN",
    ]);
    expect(answer.results[0].current).toMatchObject({ id: closed, status: "closed", paid: 650, version: 3 });
    expect((await till.pull()).changes.filter(({ entity }) => entity === "rejection")).toHaveLength(5);
  });

  test("of another store is not there", async () => {
    const { shelf, till } = await newTillShop();
    const second = await shelf.post("/api/v1/stores", { name: "Second", timezone: "UTC", currency: "USD" });
    const other = await newTill({ ...shelf, store_id: second.json.id, location_id: second.json.location_id }, "Other");
    const open = op("order.create", { order_id: newId(), currency: "USD", lines: [line("A")] });
    await till.push([open]);
    const answer = await other.push([
      op("order.close", { order_id: open.payload["order_id"] }),
      op("order.create", { ...open.payload, note: "x" }),
    ]);
    expect(statuses(answer)).toEqual(["rejected ORDER_UNKNOWN", "rejected ORDER_ID_TAKEN"]);
    expect(answer.results[1].current).toBeUndefined();
    const seen = (await other.pull()).changes;
    expect(seen.filter(({ entity }) => entity === "order")).toEqual([]);
    expect(seen.filter(({ entity }) => entity === "store")).toMatchObject([{ id: second.json.id }]);
  });
});

describe("a till's clock", () => {
  test("that is a day behind is measured, and its sales come after the count that they came after", async () => {
    const { shelf, till } = await newTillShop();
    const dayMs = 86_400_000;
    await shelf.move(["A", "count", 10, Date.now() - 60_000]);
    const behind = (ms: number) => new Date(ms - dayMs).toISOString();
    const sold = { ...sale("A", 2), occurred_at: behind(Date.now() - 1_000) };
    const answer = await till.push([sold], { sent_at: behind(Date.now()), app_version: "1.2.3", queue_length: 1 });
    expect(Math.abs(answer.clock_offset_ms - dayMs)).toBeLessThan(5_000);
    expect(await shelf.figures("A")).toEqual([8, 0, 8]);
    const [order] = await shelf.rows("SELECT occurred_at_ms, created_at_ms FROM orders");
    expect(order?.["occurred_at_ms"]).toBe(Date.parse(sold.occurred_at));
    const ahead = { ...sale("A", 1), occurred_at: new Date(Date.now() + 10 * dayMs).toISOString() };
    expect(statuses(await till.push([ahead]))).toEqual(["applied"]);
    const [row] = (await shelf.tenant.call("GET", "/api/v1/terminals", { headers: { "consistency-token": "x" } })).json.data;
    await expect.poll(async () => (await shelf.rows("SELECT app_version FROM terminals"))[0]).toEqual({ app_version: "1.2.3" });
    expect(row.terminal_id).toBe(till.terminal_id);
    await expectSoundStock(shelf);
  });
});

describe("what is not taken", () => {
  test("comes back in the feed until it is acknowledged, and its money stays in the list", async () => {
    const { shelf, till } = await newTillShop();
    const shift_id = newId();
    await till.push([op("shift.open", { shift_id, currency: "USD", opening_amount: 10_000 })]);
    const lost = sale("nothing", 2, 450, { shift_id });
    await till.push([lost]);
    const { changes, cursor } = await till.pull();
    const found = changes.filter(({ entity }) => entity === "rejection");
    expect(found).toMatchObject([
      { id: lost.id, deleted: false, data: { code: "VARIANT_UNKNOWN", amount: 900, operation: { id: lost.id } } },
    ]);
    await till.push([op("shift.close", { shift_id, counted_amount: 10_000 })], { acknowledge: [lost.id] });
    const after = (await till.pull(cursor)).changes;
    expect(after.find(({ entity }) => entity === "rejection")).toMatchObject({ id: lost.id, deleted: true, data: null });
    expect(after.find(({ entity }) => entity === "shift")).toMatchObject({
      deleted: true,
      data: { status: "closed", expected_amount: 10_000, difference: 0, rejected_amount: 900 },
    });
    const list = await shelf.tenant.call("GET", "/api/v1/sync/rejections?acknowledged=true");
    await expect.poll(async () => (await shelf.tenant.call("GET", "/api/v1/sync/rejections?acknowledged=true")).json.data.length).toBe(1);
    expect(list.status).toBe(200);
  });

  test("of what only the server changes comes back with what holds", async () => {
    const { shelf, till } = await newTillShop();
    const variant_id = String(shelf.variants["A"]);
    const answer = await till.push([op("variant.update", { variant_id, name: "Mine" }), op("price.update", { price_id: "x", price: 1 })]);
    expect(statuses(answer)).toEqual(["rejected SERVER_WINS", "rejected SERVER_WINS"]);
    expect(answer.results[0].current).toMatchObject({ id: variant_id, name: "Item A" });
  });
});
