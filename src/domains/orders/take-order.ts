import { quantityToE4 } from "../../kernel/quantity.ts";
import { type LineTotals, lineTotals, orderTotals } from "./line-totals.ts";
import type { CreateOrder, Happening, OrderLine, OrderPayment } from "./operation-schemas.ts";
import { type Book, type BookOrder, type BookVariant, type Decision, type StockTaken, variantNamed } from "./till-book.ts";

const e4 = (value: number): number => quantityToE4(value) ?? 0;

const refuse = (entity_id: string, status: "conflict" | "rejected", code: string, detail: string): Decision => ({
  status,
  entity_id,
  code,
  detail,
  ...(status === "conflict" ? { current: "order" as const } : {}),
});

/** Takes what a till says of an order into the book. A sale that happened is taken whatever stock, price or clock say; see docs/sync.md. */
export function takeOrder(book: Book, happening: Happening): Decision | null {
  switch (happening.type) {
    case "order.create":
      return createOrder(book, happening, happening.payload);
    case "order.add_lines":
      return withOrder(book, happening.payload.order_id, (order) => addLines(book, order, happening.payload.lines));
    case "order.close":
      return withOrder(book, happening.payload.order_id, (order) => closeOrder(book, order, happening, happening.payload.payments));
    case "order.cancel":
      return withOrder(book, happening.payload.order_id, (order) => {
        if (order.status !== "open") return notOpen(order);
        order.status = "cancelled";
        changed(book, order, {
          status: "cancelled",
          cancelled_at_ms: happening.occurred_at_ms,
          cancel_reason: happening.payload.reason ?? null,
        });
        return applied(order);
      });
    case "payment.record": {
      const { order_id, ...payment } = happening.payload;
      return withOrder(book, order_id, (order) => recordPayment(book, order, happening, payment));
    }
    default:
      return null;
  }
}

function createOrder(book: Book, happening: Happening, given: CreateOrder): Decision {
  const { order_id } = given;
  const known = book.orders.get(order_id);
  if (known) {
    if (known.store_id !== book.place.store_id) return refuse(order_id, "rejected", "ORDER_ID_TAKEN", "Another order has this id.");
    if (known.fingerprint === happening.fingerprint) return { status: "duplicate", entity_id: order_id, version: known.version };
    return refuse(order_id, "conflict", "ORDER_ID_TAKEN", "There is an order of this id with other content.");
  }
  if (given.currency !== book.place.currency) {
    return refuse(order_id, "rejected", "CURRENCY_DIFFERS", `The store sells in ${book.place.currency}.`);
  }
  const problem = lineProblem(book, new Set(), given.lines) ?? paymentProblem(new Map(), given.payments);
  if (problem) return refuse(order_id, "rejected", ...problem);
  const order: BookOrder = {
    order_id,
    store_id: book.place.store_id,
    status: "open",
    currency: given.currency,
    tax_included: given.tax_included,
    fingerprint: happening.fingerprint,
    version: 1,
    read_version: 0,
    lines: new Map(),
    payments: new Map(),
  };
  book.orders.set(order_id, order);
  const { place, changes } = book;
  changes.new_orders.set(order_id, {
    order_id,
    store_id: place.store_id,
    location_id: place.location_id,
    terminal_id: place.terminal_id,
    status: "open",
    number: given.number ?? null,
    currency: given.currency,
    tax_included: given.tax_included ? 1 : 0,
    customer_id: given.customer_id ?? null,
    shift_id: given.shift_id ?? null,
    note: given.note ?? null,
    ...NO_SUMS,
    till_total_minor: null,
    fingerprint: happening.fingerprint,
    version: 1,
    occurred_at_ms: happening.occurred_at_ms,
    created_at_ms: book.now_ms,
    closed_at_ms: null,
    cancelled_at_ms: null,
    cancel_reason: null,
    updated_at_ms: book.now_ms,
  });
  const { total_minor } = putLines(book, order, given.lines);
  for (const payment of given.payments) putPayment(book, order, happening, payment);
  const row = changes.new_orders.get(order_id);
  if (row && given.total !== undefined && given.total !== total_minor) row["till_total_minor"] = given.total;
  if (given.close) close(book, order, happening);
  order.version = 1;
  if (row) row["version"] = 1;
  return applied(order);
}

const NO_SUMS = { subtotal_minor: 0, discount_minor: 0, tax_minor: 0, total_minor: 0, paid_minor: 0 };

/** An order of another store is none. */
function withOrder(book: Book, orderId: string, take: (order: BookOrder) => Decision): Decision {
  const order = book.orders.get(orderId);
  if (order && order.store_id === book.place.store_id) return take(order);
  if (!order && book.refused.has(orderId))
    return refuse(orderId, "rejected", "DEPENDS_ON_REJECTED", "What began this order was not taken.");
  return refuse(orderId, "rejected", "ORDER_UNKNOWN", "There is no such order.");
}

const applied = (order: BookOrder): Decision => ({ status: "applied", entity_id: order.order_id, version: order.version });

const notOpen = (order: BookOrder): Decision => refuse(order.order_id, "conflict", "ORDER_NOT_OPEN", `The order is ${order.status}.`);

function addLines(book: Book, order: BookOrder, lines: readonly OrderLine[]): Decision {
  if (order.status !== "open") return notOpen(order);
  const problem = lineProblem(book, order.lines, lines);
  if (problem) return refuse(order.order_id, "rejected", ...problem);
  putLines(book, order, lines);
  return applied(order);
}

function closeOrder(book: Book, order: BookOrder, happening: Happening, payments: readonly OrderPayment[]): Decision {
  if (order.status !== "open") return notOpen(order);
  const problem = paymentProblem(order.payments, payments);
  if (problem) return refuse(order.order_id, "rejected", ...problem);
  for (const payment of payments) putPayment(book, order, happening, payment);
  close(book, order, happening);
  return applied(order);
}

/** The goods left: what its lines take goes out of the ledger at the moment of the sale. */
function close(book: Book, order: BookOrder, happening: Happening): void {
  order.status = "closed";
  const taken = new Map<string, number>();
  for (const stock of order.lines.values()) for (const [id, quantity] of stock) taken.set(id, (taken.get(id) ?? 0) + quantity);
  for (const [variant_id, quantity_e4] of taken) {
    book.changes.ledger.push({
      variant_id,
      movement_type: "sale",
      quantity_e4: -quantity_e4,
      occurred_at_ms: happening.happened_at_ms,
      reference_type: "order",
      reference_id: order.order_id,
      begins: 0,
    });
  }
  changed(book, order, { status: "closed", closed_at_ms: happening.occurred_at_ms });
}

function recordPayment(book: Book, order: BookOrder, happening: Happening, payment: OrderPayment): Decision {
  const held = order.payments.get(payment.payment_id);
  if (held === contentOf(payment)) return { status: "duplicate", entity_id: order.order_id, version: order.version };
  if (held !== undefined) return refuse(order.order_id, "rejected", "PAYMENT_ID_TAKEN", "The order has another payment of this id.");
  if (order.status === "cancelled") return notOpen(order);
  const isLate = putPayment(book, order, happening, payment);
  return { ...applied(order), ...(isLate ? { code: "LATE_CORRECTION" } : {}) };
}

type Problem = [code: string, detail: string];

function lineProblem(book: Book, held: { has(id: string): boolean }, lines: readonly OrderLine[]): Problem | null {
  const ids = new Set<string>();
  for (const line of lines) {
    if (held.has(line.line_id) || ids.has(line.line_id)) return ["LINE_ID_TAKEN", `The order has a line ${line.line_id} already.`];
    ids.add(line.line_id);
    if (!variantNamed(book, line)) return ["VARIANT_UNKNOWN", `There is no variant ${line.item_code ?? line.variant_id}.`];
  }
  return null;
}

function paymentProblem(held: { has(id: string): boolean }, payments: readonly OrderPayment[]): Problem | null {
  const ids = new Set<string>();
  for (const { payment_id } of payments) {
    if (held.has(payment_id) || ids.has(payment_id)) return ["PAYMENT_ID_TAKEN", `The order has a payment ${payment_id} already.`];
    ids.add(payment_id);
  }
  return null;
}

function putLines(book: Book, order: BookOrder, lines: readonly OrderLine[]): LineTotals {
  const totals = lines.map((line) => {
    const variant = variantNamed(book, line) as BookVariant;
    const modifiers = line.modifiers.map(({ price, quantity, option_id, name }) => ({
      option_id: option_id ?? null,
      name: name ?? null,
      price_minor: price,
      quantity_e4: e4(quantity),
    }));
    const quantity_e4 = e4(line.quantity);
    const priced = {
      quantity_e4,
      unit_price_minor: line.unit_price,
      modifiers,
      discount_minor: line.discount,
      tax_rate_e4: e4(line.tax_rate),
    };
    const total = lineTotals(priced, order.tax_included);
    const stock = stockOf(book, variant, quantity_e4, modifiers);
    book.changes.lines.push({
      order_id: order.order_id,
      line_id: line.line_id,
      position: order.lines.size,
      variant_id: variant.variant_id,
      item_code: variant.item_code,
      name: line.name ?? null,
      quantity_e4,
      unit_price_minor: line.unit_price,
      server_price_minor: variant.server_price_minor,
      modifiers: JSON.stringify(modifiers),
      stock: JSON.stringify(stock),
      ...total,
      tax_rate_e4: priced.tax_rate_e4,
      note: line.note ?? null,
    });
    order.lines.set(line.line_id, stock);
    return total;
  });
  const sum = orderTotals(totals);
  const { gross_minor: subtotal_minor, ...rest } = sum;
  changed(book, order, {}, { subtotal_minor, ...rest });
  return sum;
}

/** Rounded up, as reservations are: never less is taken than is used. */
function stockOf(
  book: Book,
  variant: BookVariant,
  quantityE4: number,
  modifiers: readonly { option_id: string | null; quantity_e4: number }[],
): StockTaken[] {
  const times = (each: number): number => Math.ceil((each * quantityE4) / 10_000);
  const taken = variant.stock.map(([id, each]): StockTaken => [id, times(each)]);
  for (const { option_id, quantity_e4 } of modifiers) {
    const id = option_id === null ? null : book.options.get(option_id);
    if (id) taken.push([id, times(quantity_e4)]);
  }
  return taken;
}

const contentOf = ({ method, amount, tendered, reference, shift_id }: OrderPayment): string =>
  JSON.stringify([method, amount, tendered ?? null, reference ?? null, shift_id ?? null]);

/** Whether it came after its shift was closed: then it is a dated correction of it. */
function putPayment(book: Book, order: BookOrder, happening: Happening, payment: OrderPayment): boolean {
  const isLate = payment.shift_id !== undefined && book.shifts.get(payment.shift_id)?.status === "closed";
  order.payments.set(payment.payment_id, contentOf(payment));
  book.changes.payments.push({
    order_id: order.order_id,
    payment_id: payment.payment_id,
    method: payment.method,
    amount_minor: payment.amount,
    tendered_minor: payment.tendered ?? null,
    reference: payment.reference ?? null,
    shift_id: payment.shift_id ?? null,
    is_correction: isLate ? 1 : 0,
    occurred_at_ms: happening.occurred_at_ms,
    created_at_ms: book.now_ms,
  });
  changed(book, order, {}, { paid_minor: payment.amount });
  touchShift(book, payment.shift_id);
  return isLate;
}

/** Sets columns of an order and adds to its sums; its version rises. */
function changed(
  book: Book,
  order: BookOrder,
  set: Record<string, string | number | null>,
  add: Partial<Record<keyof typeof NO_SUMS, number>> = {},
): void {
  const { new_orders, changed_orders } = book.changes;
  order.version += 1;
  const row = new_orders.get(order.order_id) ?? changed_orders.get(order.order_id) ?? { order_id: order.order_id, ...NO_SUMS };
  if (!new_orders.has(order.order_id)) changed_orders.set(order.order_id, row);
  Object.assign(row, set, { version: order.version, updated_at_ms: book.now_ms });
  for (const [column, amount] of Object.entries(add)) row[column] = Number(row[column]) + amount;
}

/** What was paid into a drawer changes what is told of it: its version rises, once for all that comes together. */
function touchShift(book: Book, shiftId: string | undefined): void {
  const shift = shiftId === undefined ? undefined : book.shifts.get(shiftId);
  const { new_shifts, changed_shifts } = book.changes;
  if (!shift || shift.store_id !== book.place.store_id || new_shifts.has(shift.shift_id) || changed_shifts.has(shift.shift_id)) return;
  shift.version += 1;
  changed_shifts.set(shift.shift_id, { shift_id: shift.shift_id, version: shift.version, updated_at_ms: book.now_ms });
}
