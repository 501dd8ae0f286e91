import {
  type FeedShift,
  isAhead,
  type KnownOrder,
  type KnownShift,
  type Line,
  openOrders,
  openShift,
  type Payment,
  type QueueEntry,
  type TillClient,
} from "../client/index.ts";
import type { Menu } from "./menu.ts";

export interface Store {
  id: string;
  name: string;
  currency: string;
  locale: string;
  timezone: string;
}

/** What was sold, as it was told to the guest; kept on the device beside the operation. */
export interface Receipt {
  order_id: string;
  number: string;
  store_name: string;
  currency: string;
  tax_included: boolean;
  lines: Line[];
  payments: Payment[];
  shift_id: string | null;
}

export interface KeptReceipt extends Receipt {
  sold_at_ms: number;
}

/** Everything that the screen shows, read from the device: none of it needs the network. */
export interface TillState {
  store: Store | null;
  menu: Menu | null;
  /** By item code: why it cannot be ordered now, as far as is known. */
  unorderable: ReadonlyMap<string, string>;
  /** Variant ids by barcode. */
  barcodes: ReadonlyMap<string, string>;
  orders: KnownOrder[];
  shift: KnownShift | null;
  entries: QueueEntry[];
  /** Newest first. */
  receipts: KeptReceipt[];
}

export const emptyState: TillState = {
  store: null,
  menu: null,
  unorderable: new Map(),
  barcodes: new Map(),
  orders: [],
  shift: null,
  entries: [],
  receipts: [],
};

interface OrderabilityDocument {
  items: Record<string, { orderable: boolean; reason?: string }>;
}

/** The menu and what can be ordered of it: changes rarely, may be large. */
export async function readMenu({ copy, documents }: TillClient): Promise<Pick<TillState, "menu" | "unorderable">> {
  const [[menuAt], [orderabilityAt]] = await Promise.all([copy.list<{ url: string }>("menu"), copy.list<{ url: string }>("orderability")]);
  const menu = menuAt ? await documents.read<Menu>(menuAt.url) : null;
  const orderability = orderabilityAt ? await documents.read<OrderabilityDocument>(orderabilityAt.url) : null;
  const unorderable = Object.entries(orderability?.items ?? {}).filter(([, { orderable }]) => !orderable);
  return { menu, unorderable: new Map(unorderable.map(([code, { reason = "hidden" }]) => [code, reason])) };
}

/** What comes with the feed besides the menu. */
export async function readCopy({ copy, credentials }: TillClient): Promise<Pick<TillState, "store" | "barcodes">> {
  const [stores, variants] = await Promise.all([copy.list<Store>("store"), copy.list<{ id: string; barcode: string | null }>("variant")]);
  const own = stores.find(({ id }) => id === credentials()?.store_id) ?? stores[0] ?? null;
  const barcodes = new Map(variants.flatMap(({ id, barcode }) => (barcode ? [[barcode, id] as const] : [])));
  return { store: own, barcodes };
}

/** What this device did, laid over the copy. */
export async function readWork(client: TillClient): Promise<Pick<TillState, "orders" | "shift" | "entries" | "receipts">> {
  const [orders, shifts, terminalIds, entries, journal] = await Promise.all([
    client.copy.list<KnownOrder>("order"),
    client.copy.list<FeedShift>("shift"),
    client.terminalIds(),
    client.queue.all(),
    client.journal<Receipt>(),
  ]);
  const ahead = entries.filter(isAhead);
  return {
    orders: openOrders(orders, ahead),
    shift: openShift(shifts, ahead, terminalIds),
    entries,
    receipts: journal.map(({ at_ms, value }) => ({ ...value, sold_at_ms: at_ms })).sort((a, b) => b.sold_at_ms - a.sold_at_ms),
  };
}

/** What was taken in a shift, by method, as this device knows it. */
export function takings(receipts: readonly Receipt[], shiftId: string): { cash: number; card: number; sales: number } {
  const sums = { cash: 0, card: 0, sales: 0 };
  for (const { payments } of receipts) {
    const own = payments.filter(({ shift_id }) => shift_id === shiftId);
    if (own.length > 0) sums.sales++;
    for (const { method, amount } of own) if (method !== "other") sums[method] += amount;
  }
  return sums;
}
