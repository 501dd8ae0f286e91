import { quantityToE4 } from "../../kernel/quantity.ts";
import type { AdjustInventory, CloseShift, Happening, MoveCash, OpenShift, UpsertCustomer } from "./operation-schemas.ts";
import { takeOrder } from "./take-order.ts";
import { type Book, type BookShift, type Decision, variantNamed } from "./till-book.ts";

/** Takes one thing that happened at a till into the book: what becomes of it, by the conflict policy of what it is about. Pure but for the book. */
export function takeHappening(book: Book, happening: Happening): Decision {
  const ofOrder = takeOrder(book, happening);
  const decision = ofOrder ?? takeOther(book, happening);
  if (
    decision.status !== "applied" &&
    decision.status !== "duplicate" &&
    (happening.type === "order.create" || happening.type === "shift.open")
  )
    book.refused.add(decision.entity_id);
  return decision;
}

function takeOther(book: Book, happening: Happening): Decision {
  switch (happening.type) {
    case "inventory_adjustment":
      return adjust(book, happening, happening.payload);
    case "customer.upsert":
      return upsertCustomer(book, happening, happening.payload);
    case "shift.open":
      return openShift(book, happening, happening.payload);
    case "shift.close":
      return withShift(book, happening.payload.shift_id, (shift) => closeShift(book, shift, happening, happening.payload));
    case "cash.movement":
      return withShift(book, happening.payload.shift_id, (shift) => moveCash(book, shift, happening, happening.payload));
    default:
      throw new Error(`nobody takes ${happening.type}`);
  }
}

/** Additive: each adds its part, in whatever order they come. */
function adjust(book: Book, happening: Happening, { quantity_delta, movement_type, ...named }: AdjustInventory): Decision {
  const variant = variantNamed(book, named);
  const name = String(named.item_code ?? named.variant_id);
  if (!variant) return { status: "rejected", entity_id: name, code: "VARIANT_UNKNOWN", detail: `There is no variant ${name}.` };
  book.changes.ledger.push({
    variant_id: variant.variant_id,
    movement_type,
    quantity_e4: quantityToE4(quantity_delta) ?? 0,
    occurred_at_ms: happening.happened_at_ms,
    reference_type: "terminal",
    reference_id: book.place.terminal_id ?? "",
    begins: 1,
  });
  return { status: "applied", entity_id: variant.variant_id };
}

/** Field by field the last writer by time, of equal times the greater terminal id: the same whatever the order in which they come. */
function upsertCustomer(book: Book, happening: Happening, { customer_id, fields }: UpsertCustomer): Decision {
  const stamp: [number, string] = [happening.happened_at_ms, book.place.terminal_id ?? ""];
  const customer = book.customers.get(customer_id) ?? { customer_id, fields: {}, stamps: {}, version: 0, read_version: 0 };
  const isNew = customer.version === 0;
  let taken = 0;
  for (const [field, value] of Object.entries(fields)) {
    const held = customer.stamps[field];
    if (held && (held[0] > stamp[0] || (held[0] === stamp[0] && held[1] > stamp[1]))) continue;
    customer.fields[field] = value;
    customer.stamps[field] = stamp;
    taken += 1;
  }
  const isWhole = taken === Object.keys(fields).length;
  if (taken > 0 || isNew) {
    customer.version += 1;
    book.customers.set(customer_id, customer);
    book.changes.customers.set(customer_id, {
      customer_id,
      fields: JSON.stringify(customer.fields),
      stamps: JSON.stringify(customer.stamps),
      version: customer.version,
      created_at_ms: book.now_ms,
      updated_at_ms: book.now_ms,
    });
  }
  const decision: Decision = { status: "applied", entity_id: customer_id, version: customer.version };
  return isWhole ? decision : { ...decision, code: "NEWER_KEPT", current: "customer" };
}

function openShift(book: Book, happening: Happening, given: OpenShift): Decision {
  const { shift_id } = given;
  const known = book.shifts.get(shift_id);
  if (known && known.store_id === book.place.store_id && known.fingerprint === happening.fingerprint)
    return { status: "duplicate", entity_id: shift_id, version: known.version };
  if (known) return { status: "rejected", entity_id: shift_id, code: "SHIFT_ID_TAKEN", detail: "Another shift has this id." };
  if (given.currency !== book.place.currency)
    return { status: "rejected", entity_id: shift_id, code: "CURRENCY_DIFFERS", detail: `The store sells in ${book.place.currency}.` };
  const { place, now_ms } = book;
  book.shifts.set(shift_id, {
    shift_id,
    store_id: place.store_id,
    status: "open",
    fingerprint: happening.fingerprint,
    version: 1,
    read_version: 0,
    entries: new Map(),
  });
  book.changes.new_shifts.set(shift_id, {
    shift_id,
    store_id: place.store_id,
    location_id: place.location_id,
    terminal_id: place.terminal_id,
    status: "open",
    currency: given.currency,
    opening_minor: given.opening_amount,
    counted_minor: null,
    opened_by: given.opened_by ?? null,
    closed_by: null,
    note: null,
    fingerprint: happening.fingerprint,
    version: 1,
    opened_at_ms: happening.occurred_at_ms,
    closed_at_ms: null,
    created_at_ms: now_ms,
    updated_at_ms: now_ms,
  });
  return { status: "applied", entity_id: shift_id, version: 1 };
}

/** A shift of another store is none. */
function withShift(book: Book, shiftId: string, take: (shift: BookShift) => Decision): Decision {
  const shift = book.shifts.get(shiftId);
  if (shift && shift.store_id === book.place.store_id) return take(shift);
  const isRefused = !shift && book.refused.has(shiftId);
  return isRefused
    ? { status: "rejected", entity_id: shiftId, code: "DEPENDS_ON_REJECTED", detail: "The opening of this shift was not taken." }
    : { status: "rejected", entity_id: shiftId, code: "SHIFT_UNKNOWN", detail: "There is no such shift." };
}

/** A count of a shift that is closed does not change the closing: it is kept beside it, with its date. */
function closeShift(book: Book, shift: BookShift, happening: Happening, given: CloseShift): Decision {
  if (shift.status === "closed") {
    const entryId = `recount-${happening.fingerprint}`;
    if (shift.entries.has(entryId)) return { status: "duplicate", entity_id: shift.shift_id, version: shift.version };
    putEntry(book, shift, happening, { entry_id: entryId, kind: "recount", amount: given.counted_amount, reason: given.note });
    return { status: "applied", entity_id: shift.shift_id, version: shift.version, code: "LATE_CORRECTION", current: "shift" };
  }
  shift.status = "closed";
  changedShift(book, shift, {
    status: "closed",
    counted_minor: given.counted_amount,
    closed_by: given.closed_by ?? null,
    note: given.note ?? null,
    closed_at_ms: happening.occurred_at_ms,
  });
  return { status: "applied", entity_id: shift.shift_id, version: shift.version };
}

function moveCash(book: Book, shift: BookShift, happening: Happening, given: MoveCash): Decision {
  const { movement_id, direction, amount, reason } = given;
  const held = shift.entries.get(movement_id);
  if (held === JSON.stringify([direction, amount, reason ?? null]))
    return { status: "duplicate", entity_id: shift.shift_id, version: shift.version };
  if (held !== undefined)
    return {
      status: "rejected",
      entity_id: shift.shift_id,
      code: "MOVEMENT_ID_TAKEN",
      detail: "The shift has another movement of this id.",
    };
  const isLate = shift.status === "closed";
  putEntry(book, shift, happening, { entry_id: movement_id, kind: direction, amount, reason });
  const decision: Decision = { status: "applied", entity_id: shift.shift_id, version: shift.version };
  return isLate ? { ...decision, code: "LATE_CORRECTION" } : decision;
}

interface Entry {
  entry_id: string;
  kind: "in" | "out" | "recount";
  amount: number;
  reason: string | undefined;
}

function putEntry(book: Book, shift: BookShift, happening: Happening, { entry_id, kind, amount, reason }: Entry): void {
  shift.entries.set(entry_id, JSON.stringify([kind, amount, reason ?? null]));
  book.changes.shift_entries.push({
    shift_id: shift.shift_id,
    entry_id,
    kind,
    amount_minor: amount,
    reason: reason ?? null,
    is_correction: shift.status === "closed" ? 1 : 0,
    occurred_at_ms: happening.occurred_at_ms,
    created_at_ms: book.now_ms,
  });
  changedShift(book, shift, {});
}

function changedShift(book: Book, shift: BookShift, set: Record<string, string | number | null>): void {
  const { new_shifts, changed_shifts } = book.changes;
  shift.version += 1;
  const row = new_shifts.get(shift.shift_id) ?? changed_shifts.get(shift.shift_id) ?? { shift_id: shift.shift_id };
  if (!new_shifts.has(shift.shift_id)) changed_shifts.set(shift.shift_id, row);
  Object.assign(row, set, { version: shift.version, updated_at_ms: book.now_ms });
}
