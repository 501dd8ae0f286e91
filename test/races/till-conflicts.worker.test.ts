import { describe, expect, test } from "vitest";
import { POLICIES } from "../../src/domains/sync/policies.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { NOON_MS } from "../support/worker/stock-fixture.ts";
import { line, newId, newTill, newTillShop, op, sale, type Till } from "../support/worker/till-fixture.ts";
import { MOST_MS, RUNS } from "./run-times.ts";

/** The conflict policy of each entity, with tills that all push at once. */
const TILLS = 6;

async function newTills(codes: readonly string[] = ["A", "B"]) {
  const { shelf, till } = await newTillShop(codes);
  const others = await Promise.all(Array.from({ length: TILLS - 1 }, (_, n) => newTill(shelf, `Counter ${n + 2}`)));
  return { shelf, tills: [till, ...others] };
}

const all = <T>(tills: readonly Till[], run: (till: Till, n: number) => Promise<T>): Promise<T[]> => Promise.all(tills.map(run));
// biome-ignore lint/suspicious/noExplicitAny: a parsed answer.
const first = ({ results }: any) => results[0];

test("every entity that a till writes or keeps has a policy, told at /api/v1/sync/policies", async () => {
  const { till } = await newTillShop();
  const { json } = await till.call("GET", "/api/v1/sync/policies");
  expect(json.data).toEqual(JSON.parse(JSON.stringify(POLICIES)));
  const told = json.data.flatMap(({ entity }: { entity: string[] }) => entity);
  for (const entity of ["product", "menu", "price", "customer", "inventory_adjustment", "order", "payment", "shift"])
    expect(told).toContain(entity);
});

describe.each(RUNS)("tills that push at once (run %i)", () => {
  test(
    "server wins: an edit of a product is rejected with the row as it is",
    async () => {
      const { shelf, tills } = await newTills();
      const variant_id = String(shelf.variants["A"]);
      const answers = await all(tills, (till, n) => till.push([op("variant.update", { variant_id, name: `Mine ${n}` }), sale("A")]));
      for (const { results } of answers) {
        expect(results[0]).toMatchObject({ status: "rejected", code: "SERVER_WINS", current: { name: "Item A" } });
        expect(results[1].status).toBe("applied");
      }
    },
    MOST_MS,
  );

  test(
    "last writer by field: each field is the latest one's, whoever came first",
    async () => {
      const { shelf, tills } = await newTills();
      const now = Date.now();
      const at = (ms: number) => ({ occurred_at: new Date(now - ms).toISOString() });
      await all(tills, (till, n) =>
        till.push([
          op("customer.upsert", { customer_id: "c", fields: { name: `name ${n}`, phone: "same" } }, at(1_000 * (n + 1))),
          op("customer.upsert", { customer_id: "c", fields: { email: `email ${n}` } }, at(1_000 * (TILLS - n))),
          op("customer.upsert", { customer_id: "c", fields: { note: till.terminal_id } }, at(500)),
        ]),
      );
      const [row] = await shelf.rows("SELECT fields FROM customers");
      const greatest = tills
        .map(({ terminal_id }) => terminal_id)
        .sort()
        .at(-1);
      expect(JSON.parse(String(row?.["fields"]))).toEqual({ name: "name 0", phone: "same", email: `email ${TILLS - 1}`, note: greatest });
    },
    MOST_MS,
  );

  test(
    "additive: every adjustment counts",
    async () => {
      const { shelf, tills } = await newTills();
      await shelf.move(["A", "count", 100, NOON_MS]);
      await all(tills, (till, n) =>
        till.push([
          op("inventory_adjustment", { item_code: "A", quantity_delta: n + 1 }),
          op("inventory_adjustment", { item_code: "A", quantity_delta: -0.5 }),
        ]),
      );
      const sum = 100 + (TILLS * (TILLS + 1)) / 2 - TILLS / 2;
      expect(await shelf.figures("A")).toEqual([sum, 0, sum]);
      await expectSoundStock(shelf);
    },
    MOST_MS,
  );

  test(
    "append-only: an order is closed once; who comes later is told, and the money of both is seen",
    async () => {
      const { shelf, tills } = await newTills();
      await shelf.move(["A", "count", 10, NOON_MS]);
      const order_id = newId();
      await (tills[0] as Till).push([op("order.create", { order_id, currency: "USD", lines: [line("A", 2, 500)] })]);
      const pay = (n: number) => ({ payment_id: `p${n}`, method: "cash", amount: 1000 });
      const answers = await all(tills, (till, n) => till.push([op("order.close", { order_id, payments: [pay(n)] })]));
      const statuses = answers.map((answer) => first(answer).status).sort();
      expect(statuses).toEqual(["applied", ...Array(TILLS - 1).fill("conflict")]);
      for (const answer of answers.filter((each) => first(each).status === "conflict"))
        expect(first(answer)).toMatchObject({ code: "ORDER_NOT_OPEN", current: { id: order_id, status: "closed", paid: 1000 } });
      expect(await shelf.figures("A")).toEqual([8, 0, 8]);
      const [money] = await shelf.rows(
        "SELECT (SELECT sum(amount_minor) FROM order_payments) AS paid, (SELECT sum(amount_minor) FROM sync_rejections) AS rejected",
      );
      expect(money).toEqual({ paid: 1000, rejected: 1000 * (TILLS - 1) });
      await expectSoundStock(shelf);
    },
    MOST_MS,
  );

  test(
    "append-only: the same sale from everywhere is one sale, lines and payments from everywhere are all there",
    async () => {
      const { shelf, tills } = await newTills();
      await shelf.move(["A", "count", 100, NOON_MS]);
      const once = sale("A", 1, 700);
      const shared = op("order.create", { order_id: newId(), currency: "USD", lines: [] });
      const { order_id } = shared.payload;
      const answers = await all(tills, (till, n) =>
        till.push([
          once,
          shared,
          op("order.add_lines", { order_id, lines: [line("A", 1, 100 + n)] }),
          op("payment.record", { order_id, payment_id: `p${n}`, method: "card", amount: 100 + n }),
        ]),
      );
      for (const { results } of answers) for (const { status } of results) expect(["applied", "duplicate"]).toContain(status);
      expect(answers.filter((answer) => first(answer).status === "applied")).toHaveLength(1);
      const sum = Array.from({ length: TILLS }, (_, n) => 100 + n).reduce((a, b) => a + b, 0);
      const [order] = await shelf.rows("SELECT total_minor, paid_minor, version FROM orders WHERE order_id = ?", String(order_id));
      expect(order).toMatchObject({ total_minor: sum, paid_minor: sum });
      expect(await shelf.rows("SELECT count(*) AS n FROM orders")).toEqual([{ n: 2 }]);
      expect(await shelf.figures("A")).toEqual([99, 0, 99]);
    },
    MOST_MS,
  );

  test(
    "dated correction: what comes after a shift was closed is kept beside its count",
    async () => {
      const { shelf, tills } = await newTills();
      const shift_id = newId();
      await (tills[0] as Till).push([op("shift.open", { shift_id, currency: "USD", opening_amount: 1_000 })]);
      const answers = await all(tills, (till, n) =>
        till.push([
          op("cash.movement", { shift_id, movement_id: `m${n}`, direction: "in", amount: 10 }),
          op("shift.close", { shift_id, counted_amount: 2_000 + n }),
          sale("A", 1, 100, { payments: [{ payment_id: newId(), method: "cash", amount: 100, shift_id }] }),
        ]),
      );
      for (const { results } of answers) for (const { status } of results) expect(status).toBe("applied");
      expect(answers.filter(({ results }) => results[1].code !== "LATE_CORRECTION")).toHaveLength(1);
      const list = await shelf.rows(
        "SELECT kind, count(*) AS n, sum(is_correction) AS late FROM shift_entries GROUP BY kind ORDER BY kind",
      );
      expect(list).toEqual([
        { kind: "in", n: TILLS, late: TILLS - 1 },
        { kind: "recount", n: TILLS - 1, late: TILLS - 1 },
      ]);
      expect(await shelf.rows("SELECT sum(amount_minor) AS paid FROM order_payments")).toEqual([{ paid: TILLS * 100 }]);
    },
    MOST_MS,
  );
});
