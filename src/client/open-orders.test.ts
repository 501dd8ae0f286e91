import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FeedShift, type KnownOrder, openOrders, openShift } from "./open-orders.ts";
import type { Happened } from "./wire-types.ts";

const line = (line_id: string) => ({ line_id, variant_id: "v", quantity: 1, unit_price: 100 });
const payment = (payment_id: string) => ({ payment_id, method: "cash" as const, amount: 100 });
const create = (order_id: string, close = false): Happened => ({
  type: "order.create",
  payload: { order_id, currency: "SGD", number: "1", lines: [line("a")], close },
});
const addLines: Happened = { type: "order.add_lines", payload: { order_id: "o", lines: [line("b")] } };
const pay: Happened = { type: "payment.record", payload: { order_id: "o", ...payment("p") } };
const close: Happened = { type: "order.close", payload: { order_id: "o", payments: [payment("q")] } };
const cancel: Happened = { type: "order.cancel", payload: { order_id: "o" } };

const lineIds = (orders: KnownOrder[]) => orders.map(({ lines }) => lines.map(({ line_id }) => line_id));

describe("openOrders", () => {
  it("lays what happened here over what the feed has", () => {
    const [order] = openOrders([], [create("o"), addLines, pay]);
    expect(order).toMatchObject({ id: "o", number: "1", tax_included: true, status: "open", payments: [payment("p")] });
    expect(order?.lines).toEqual([line("a"), line("b")]);
    expect(openOrders([order as KnownOrder], [close])).toEqual([]);
    expect(openOrders([order as KnownOrder], [cancel])).toEqual([]);
    expect(openOrders([], [create("o", true)])).toEqual([]);
  });

  it("leaves out what builds on an order that is not there", () => {
    expect(openOrders([], [addLines, pay])).toEqual([]);
  });

  it("comes to the same however much of it the feed has already", () => {
    const all = [create("o"), addLines, pay, create("x")];
    fc.assert(
      fc.property(fc.nat({ max: all.length }), (seen) => {
        const copied = openOrders([], all.slice(0, seen));
        expect(openOrders(copied, all)).toEqual(openOrders([], all));
        expect(lineIds(openOrders(copied, all))).toEqual([["a", "b"], ["a"]]);
      }),
    );
  });
});

describe("openShift", () => {
  const at = "2026-11-20T09:30:00.000Z";
  const happened = (...operations: Happened[]) => operations.map((operation) => ({ ...operation, occurred_at: at }));
  const open: Happened = { type: "shift.open", payload: { shift_id: "s", currency: "SGD", opening_amount: 5_000 } };
  const out: Happened = { type: "cash.movement", payload: { shift_id: "s", movement_id: "m", direction: "out", amount: 700 } };
  const end: Happened = { type: "shift.close", payload: { shift_id: "s", counted_amount: 1 } };
  const copied: FeedShift = {
    id: "s",
    terminal_id: "t1",
    currency: "SGD",
    opening_amount: 5_000,
    opened_at: at,
    entries: [
      { entry_id: "m", kind: "out", amount: 700 },
      { entry_id: "r", kind: "recount", amount: 9 },
    ],
  };

  it("goes from its opening to its end, with the cash that was moved", () => {
    expect(openShift([], happened(open, out), ["t1"])).toMatchObject({ id: "s", opening_amount: 5_000, moved: [{ amount: -700 }] });
    expect(openShift([], happened(open, out, end), ["t1"])).toBeNull();
    expect(openShift([copied], happened(open, out), ["t1"])?.moved).toEqual([{ entry_id: "m", amount: -700 }]);
    expect(openShift([copied], happened(end), ["t1"])).toBeNull();
  });

  it("is the device's, also under a terminal that it was before", () => {
    expect(openShift([copied], [], ["t2"])).toBeNull();
    expect(openShift([copied], [], ["t1", "t2"])?.id).toBe("s");
  });
});
