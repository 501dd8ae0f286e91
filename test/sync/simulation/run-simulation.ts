import { expect } from "vitest";
import { lineTotals } from "../../../src/domains/orders/index.ts";
import { quantityToE4 } from "../../../src/kernel/quantity.ts";
import { chanceOf } from "../../support/pure/chance.ts";
import { COUNTED, isTracked, Lost, ModelServer, VARIANTS } from "./model-server.ts";
import { ModelTill, type SentOperation } from "./model-till.ts";

export interface Size {
  tills: number;
  /** Of each till. */
  operations: number;
}

/** Tills that sell while the network and the server fail; at the end everything is sent and the books are compared. Throws what differs. */
export async function simulate(seed: number, size: Size): Promise<void> {
  const chance = chanceOf(seed);
  const below = (most: number) => Math.floor(chance() * most);
  const names = Array.from({ length: size.tills }, (_, n) => `till-${String(n).padStart(2, "0")}`);
  const server = new ModelServer(chance, names);
  const tills = names.map((name) => new ModelTill(server, name, chance));
  const cut = new Set<ModelTill>();
  let depth = 0;
  const send = async (till: ModelTill, most: number): Promise<void> => {
    const isAnswerLost = chance() < 0.15;
    try {
      await (chance() < 0.05 ? till.pushAgain() : till.push(most, isAnswerLost));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  };
  server.between = async () => {
    // Between what was read and what is written: another till, or the end of this process.
    if (depth > 0) return;
    depth += 1;
    try {
      if (chance() < 0.05) throw new Lost();
      if (chance() < 0.3) {
        const other = tills[below(tills.length)] as ModelTill;
        for (let n = below(5); n > 0; n--) other.act();
        await send(other, 1 + below(20));
      }
    } finally {
      depth -= 1;
    }
  };
  let left = size.tills * size.operations;
  while (left > 0) {
    if (chance() < 0.5) server.now_ms += below(2_000);
    const till = tills[below(tills.length)] as ModelTill;
    if (chance() < 0.03) cut.has(till) ? cut.delete(till) : cut.add(till);
    const burst = Math.min(left, 1 + below(chance() < 0.1 ? 40 : 3));
    for (let n = 0; n < burst; n++) till.act();
    left -= burst;
    if (cut.has(till)) continue;
    if (chance() < 0.7) await send(till, 1 + below(500));
    if (chance() < 0.3) await till.pull(1 + below(200), chance() < 0.2);
    if (chance() < 0.005) {
      server.now_ms += 10 * 86_400_000;
      server.sweep();
    }
  }
  server.between = null;
  for (const till of tills) while (till.queue.length > 0) await till.push(500, false);
  for (const till of tills) while (await till.pull(1_000, false));
  await compare(server, tills);
  server.primary.close();
}

const text = (copy: ReadonlyMap<string, unknown>): string[] => [...copy].map(([key, data]) => `${key} ${JSON.stringify(data)}`).sort();

interface Line {
  item_code: string;
  quantity: number;
  unit_price: number;
  discount: number;
  tax_rate: number;
  modifiers: { price: number }[];
}

// biome-ignore lint/suspicious/noExplicitAny: payloads that this very simulation made.
const payloadOf = ({ payload }: SentOperation): any => payload;
const e4 = (value: number): number => quantityToE4(value) ?? 0;

async function compare(server: ModelServer, tills: readonly ModelTill[]): Promise<void> {
  const receipts = new Map(
    server.rows("SELECT operation_id, status, outcome FROM sync_operations").map((row) => [row["operation_id"], row]),
  );
  const done = tills.flatMap((till) => till.done);
  expect(receipts.size, "one receipt an operation").toBe(done.length);
  for (const till of tills) {
    for (const { id } of till.done) {
      const told = till.told.get(id);
      const kept = receipts.get(id)?.["status"];
      expect([told?.status === "duplicate" ? "applied" : told?.status, id], "what the till was told is what is kept").toEqual([kept, id]);
      expect(told?.code, "nothing failed that should not").not.toBe("INTERNAL");
    }
  }

  // The books by what was applied, counted here by other means than there.
  const stock = new Map(VARIANTS.map((variant) => [variant, COUNTED * 10_000]));
  const orders = new Map<string, { total: number; paid: number; lines: Line[]; isClosed: boolean }>();
  let paidAnywhere = 0;
  for (const operation of done) {
    const payload = payloadOf(operation);
    const payments: { amount: number }[] = payload.payments ?? (operation.type === "payment.record" ? [payload] : []);
    const paid = payments.reduce((sum, { amount }) => sum + amount, 0);
    paidAnywhere += paid;
    if (receipts.get(operation.id)?.["status"] !== "applied") continue;
    if (operation.type === "inventory_adjustment")
      stock.set(payload.item_code, (stock.get(payload.item_code) ?? 0) + e4(payload.quantity_delta));
    if (!payload.order_id) continue;
    const order = orders.get(payload.order_id) ?? { total: 0, paid: 0, lines: [], isClosed: false };
    orders.set(payload.order_id, order);
    order.paid += paid;
    for (const line of (payload.lines ?? []) as Line[]) {
      order.lines.push(line);
      const modifiers = line.modifiers.map(({ price }) => ({ price_minor: price, quantity_e4: 10_000 }));
      const priced = { quantity_e4: e4(line.quantity), unit_price_minor: line.unit_price, modifiers, discount_minor: line.discount };
      order.total += lineTotals({ ...priced, tax_rate_e4: e4(line.tax_rate) }, true).total_minor;
    }
    if (payload.close || operation.type === "order.close") order.isClosed = true;
  }
  for (const { isClosed, lines } of orders.values())
    if (isClosed) for (const { item_code, quantity } of lines) stock.set(item_code, (stock.get(item_code) ?? 0) - e4(quantity));

  const kept = server.rows("SELECT order_id, total_minor, paid_minor, status FROM orders ORDER BY order_id");
  expect(
    kept.map((row) => [row["order_id"], row["total_minor"], row["paid_minor"], row["status"] === "closed"]),
    "every sale once, to the cent",
  ).toEqual(
    [...orders].map(([id, { total, paid, isClosed }]) => [id, total, paid, isClosed]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
  const sums = "(SELECT coalesce(sum(amount_minor), 0) FROM order_payments)";
  const [money] = server.rows(
    `SELECT ${sums} AS paid, (SELECT coalesce(sum(amount_minor), 0) FROM sync_rejections
       WHERE operation ->> 'type' = 'payment.record' OR json_array_length(operation, '$.payload.payments') > 0) AS rejected`,
  );
  expect(Number(money?.["paid"]) + Number(money?.["rejected"]), "all money is seen, taken or not").toBe(paidAnywhere);

  const positions = server.rows("SELECT variant_id, on_hand_e4 FROM stock_positions ORDER BY variant_id");
  const ledger = server.rows(
    "SELECT variant_id, sum(quantity_e4) AS on_hand_e4 FROM stock_movements GROUP BY variant_id ORDER BY variant_id",
  );
  expect(positions, "positions are the ledger").toEqual(ledger);
  expect(
    positions.map((row) => [row["variant_id"], row["on_hand_e4"]]),
    "the ledger is the sales",
  ).toEqual([...stock].filter(([variant]) => isTracked(variant)));

  const customers = server.rows("SELECT customer_id, fields FROM customers ORDER BY customer_id");
  expect(
    customers.map((row) => [row["customer_id"], JSON.parse(String(row["fields"]))]),
    "of each field the last writer's",
  ).toEqual(expectedCustomers(tills));

  // Every copy is what a new till would get, and that is what the tables say.
  const shared = (till: ModelTill) => text(new Map([...till.copy].filter(([key]) => !key.startsWith("rejection "))));
  const fresh = new ModelTill(server, tills[0]?.terminal_id ?? "", () => 1);
  while (await fresh.pull(1_000, false));
  expect(text(tills[0]?.copy ?? new Map()), "the copy of the first till").toEqual(text(fresh.copy));
  const whole = shared(fresh);
  for (const till of tills) {
    expect(shared(till), `the copy of ${till.terminal_id}`).toEqual(whole);
    const rejected = server.rows(
      "SELECT operation_id FROM sync_rejections WHERE terminal_id = ? AND acknowledged_at_ms IS NULL ORDER BY operation_id",
      till.terminal_id,
    );
    expect([...till.copy.keys()].flatMap((key) => (key.startsWith("rejection ") ? [key.slice(10)] : [])).sort()).toEqual(
      rejected.map((row) => row["operation_id"]),
    );
  }
  const copy = tills[0]?.copy ?? new Map();
  const open = [...copy].flatMap(([key, data]) => (key.startsWith("order ") ? [[data.id, data.version, data.total]] : [])).sort();
  const rows = server.rows("SELECT order_id, version, total_minor FROM orders WHERE status = 'open' ORDER BY order_id");
  expect(open, "open orders").toEqual(rows.map((row) => [row["order_id"], row["version"], row["total_minor"]]));
}

function expectedCustomers(tills: readonly ModelTill[]): [string, Record<string, string>][] {
  const written = tills.flatMap((till) =>
    till.done
      .filter(({ type }) => type === "customer.upsert")
      .map((operation) => ({ operation, till, at: till.done_at_ms.get(operation.id) ?? 0 })),
  );
  written.sort((a, b) => a.at - b.at || (a.till.terminal_id < b.till.terminal_id ? -1 : a.till.terminal_id > b.till.terminal_id ? 1 : 0));
  const customers = new Map<string, Record<string, string>>();
  for (const { operation } of written) {
    const { customer_id, fields } = payloadOf(operation);
    customers.set(customer_id, { ...customers.get(customer_id), ...fields });
  }
  return [...customers].sort(([a], [b]) => (a < b ? -1 : 1));
}
