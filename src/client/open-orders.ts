import type { QueueEntry } from "./queue-entry.ts";
import type { Line, OrderCreate, Payment } from "./wire-types.ts";

/** An order as this device knows it: the feed's, with what is queued here laid over it. */
export interface KnownOrder {
  id: string;
  number: string | null;
  currency: string;
  tax_included: boolean;
  status: "open" | "closed" | "cancelled";
  note: string | null;
  lines: Line[];
  payments: Payment[];
}

type QueuedOperation = Pick<QueueEntry, "type" | "payload">;

/**
 * The open orders of the store: those of the copy, with the operations that are ahead of it laid over in their order. Every step knows its
 * thing by its id, so one that is in the copy already changes nothing.
 */
export function openOrders(copied: readonly KnownOrder[], ahead: readonly QueuedOperation[]): KnownOrder[] {
  const orders = new Map(copied.map((order) => [order.id, order]));
  for (const { type, payload } of ahead) {
    const { order_id } = payload as { order_id?: string };
    if (order_id === undefined) continue;
    const known = orders.get(order_id);
    if (type === "order.create") orders.set(order_id, known ?? created(payload as OrderCreate));
    else if (known) orders.set(order_id, changed(known, type, payload));
  }
  return [...orders.values()].filter(({ status }) => status === "open");
}

function created(payload: OrderCreate): KnownOrder {
  const { order_id, number, currency, tax_included, note, lines, payments, close } = payload;
  return {
    id: order_id,
    number: number ?? null,
    currency,
    tax_included: tax_included ?? true,
    status: close ? "closed" : "open",
    note: note ?? null,
    lines,
    payments: payments ?? [],
  };
}

function changed(order: KnownOrder, type: QueuedOperation["type"], payload: unknown): KnownOrder {
  const { lines = [], payments = [], ...rest } = payload as { lines?: Line[]; payments?: Payment[] };
  if (type === "order.add_lines") return { ...order, lines: added(order.lines, lines, "line_id") };
  if (type === "payment.record") return { ...order, payments: added(order.payments, [rest as unknown as Payment], "payment_id") };
  if (type === "order.close") return { ...order, status: "closed", payments: added(order.payments, payments, "payment_id") };
  return type === "order.cancel" ? { ...order, status: "cancelled" } : order;
}

function added<T, K extends keyof T>(there: readonly T[], fresh: readonly T[], id: K): T[] {
  const ids = new Set(there.map((each) => each[id]));
  return [...there, ...fresh.filter((each) => !ids.has(each[id]))];
}

export interface KnownShift {
  id: string;
  terminal_id: string;
  currency: string;
  opening_amount: number;
  opened_at: string;
  /** Cash put in (positive) and taken out. */
  moved: { entry_id: string; amount: number }[];
}

/** What of the feed's shift is used. */
export interface FeedShift {
  id: string;
  terminal_id: string;
  currency: string;
  opening_amount: number;
  opened_at: string;
  entries?: { entry_id: string; kind: "in" | "out" | "recount"; amount: number }[];
}

/** The shift that is open at this device, whose terminals these are, the newest last; null where there is none. */
export function openShift(
  copied: readonly FeedShift[],
  ahead: readonly (QueuedOperation & { occurred_at: string })[],
  terminalIds: readonly string[],
): KnownShift | null {
  const shifts = new Map(copied.filter(({ terminal_id }) => terminalIds.includes(terminal_id)).map((shift) => [shift.id, ofFeed(shift)]));
  for (const { type, payload, occurred_at } of ahead) {
    const said = payload as { shift_id: string; currency: string; opening_amount: number } & Moved;
    const known = shifts.get(said.shift_id);
    if (type === "shift.open" && !known) {
      const { shift_id: id, currency, opening_amount } = said;
      shifts.set(id, { id, terminal_id: terminalIds.at(-1) ?? "", currency, opening_amount, opened_at: occurred_at, moved: [] });
    }
    if (type === "shift.close") shifts.delete(said.shift_id);
    if (type === "cash.movement" && known) known.moved = added(known.moved, [movement(said)], "entry_id");
  }
  return [...shifts.values()].at(-1) ?? null;
}

type Moved = { movement_id: string; direction: "in" | "out"; amount: number };

const movement = ({ movement_id, direction, amount }: Moved) => ({ entry_id: movement_id, amount: direction === "in" ? amount : -amount });

function ofFeed({ id, terminal_id, currency, opening_amount, opened_at, entries = [] }: FeedShift): KnownShift {
  const moved = entries
    .filter(({ kind }) => kind !== "recount")
    .map(({ entry_id, kind, amount }) => ({ entry_id, amount: kind === "in" ? amount : -amount }));
  return { id, terminal_id, currency, opening_amount, opened_at, moved };
}
