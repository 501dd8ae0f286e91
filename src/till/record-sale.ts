import type { Happened, KnownOrder, Line, Payment } from "../client/index.ts";
import { linesOf, totalsOf } from "./basket.ts";
import type { Receipt } from "./model.ts";
import type { Till } from "./till.ts";

/** Prices are told with their tax in them. */
const TAX_INCLUDED = true;

export interface Taken {
  method: "cash" | "card";
  /** Of cash: what was handed over. */
  tendered?: number;
  reference?: string;
}

/** All lines of what is being sold, the total, and what is still to be paid of it. */
export function saleTotals(till: Till) {
  const { order, basket } = till.sale();
  const tax_included = order?.tax_included ?? TAX_INCLUDED;
  const fresh = linesOf(basket);
  const lines = [...(order?.lines ?? []), ...fresh];
  const totals = totalsOf(lines, tax_included);
  const paid = (order?.payments ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return { lines, fresh, totals, tax_included, paid, due_minor: totals.total_minor - paid };
}

/** A payment of all that is due; records the sale, or the end of an order that was kept open. Resolves when it is on disk. */
export async function recordSale(till: Till, taken: Taken): Promise<Receipt> {
  const { client } = till;
  const { order } = till.sale();
  const { lines, fresh, totals, tax_included, due_minor } = saleTotals(till);
  const shift_id = till.state().shift?.id ?? null;
  const inShift = shift_id === null ? {} : { shift_id };
  const payment: Payment = { payment_id: client.newId(), amount: due_minor, ...taken, ...inShift };
  const payments = due_minor === 0 ? [] : [payment];
  const order_id = order?.id ?? client.newId();
  const number = order?.number ?? (await newNumber(till));
  const receipt: Receipt = {
    order_id,
    number,
    store_name: till.storeName(),
    currency: till.currency(),
    tax_included,
    lines,
    payments: [...(order?.payments ?? []), ...payments],
    shift_id,
  };
  const happened: Happened[] = order
    ? [
        ...(fresh.length > 0 ? [{ type: "order.add_lines" as const, payload: { order_id, lines: fresh } }] : []),
        { type: "order.close", payload: { order_id, payments } },
      ]
    : [
        {
          type: "order.create",
          payload: {
            order_id,
            number,
            currency: till.currency(),
            ...inShift,
            tax_included,
            total: totals.total_minor,
            lines: fresh,
            payments,
            close: true,
          },
        },
      ];
  await client.record(happened, [{ key: order_id, value: receipt }]);
  return receipt;
}

/** Keeps what is in the basket as an open order, or adds it to the one that is continued. */
export async function keepOpen(till: Till): Promise<void> {
  const { order } = till.sale();
  const { fresh, tax_included } = saleTotals(till);
  if (fresh.length === 0) return;
  const shift_id = till.state().shift?.id;
  await till.client.record([order ? addLines(order, fresh) : await created()]);

  async function created() {
    const number = await newNumber(till);
    const order_id = till.client.newId();
    const payload = { order_id, number, currency: till.currency(), ...(shift_id ? { shift_id } : {}), tax_included, lines: fresh };
    return { type: "order.create" as const, payload };
  }
}

export const cancelOrder = (till: Till, order_id: string): Promise<unknown> =>
  till.client.record([{ type: "order.cancel", payload: { order_id } }]);

const addLines = (order: KnownOrder, lines: Line[]) => ({ type: "order.add_lines" as const, payload: { order_id: order.id, lines } });

/** Told apart from other tills' by the end of the terminal's id. */
async function newNumber({ client }: Till): Promise<string> {
  const own = (client.credentials()?.terminal_id ?? "").slice(-4).toUpperCase();
  return `${own}-${String(await client.nextOrderNumber()).padStart(4, "0")}`;
}
