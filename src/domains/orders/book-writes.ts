import { type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitStep } from "../../platform/db/unit-of-work.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { countingIds, movementSteps, orderabilitySteps } from "../inventory/index.ts";
import type { Book, LedgerSale } from "./till-book.ts";

type Columns = Record<string, SqlValue>;

/** One INSERT of any number of rows, each an object of the same columns. */
function insertRows(table: string, rows: readonly Columns[], more = ""): Statement[] {
  const [first] = rows;
  if (!first) return [];
  const columns = Object.keys(first);
  const values = columns.map((column) => `e.value ->> '${column}'`).join(", ");
  return [
    statement(
      `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values} FROM json_each(?) AS e WHERE true ${more}`,
      JSON.stringify(rows),
    ),
  ];
}

/** Refuses with CONFLICT where what was read for the book has changed since: it is read and decided again. */
export function bookHolds(book: Book): Guard[] {
  const { changes } = book;
  const read = <T extends { read_version: number }>(known: Map<string, T>, touched: Iterable<string>) =>
    Object.fromEntries([...touched].map((id) => [id, known.get(id)?.read_version ?? 0]));
  // A payment's part in a shift depends on whether it is closed, so the shifts that were looked at count too.
  const orders = read(book.orders, [...changes.new_orders.keys(), ...changes.changed_orders.keys()]);
  const shifts = read(book.shifts, book.shifts.keys());
  const customers = read(book.customers, changes.customers.keys());
  const differs = (table: string, id: string) =>
    `EXISTS (SELECT 1 FROM json_each(?) AS e LEFT JOIN ${table} AS t ON t.${id} = e.key WHERE coalesce(t.version, 0) <> e.value)`;
  return [
    {
      guard: "CONFLICT",
      holds: `NOT (${differs("orders", "order_id")} OR ${differs("shifts", "shift_id")} OR ${differs("customers", "customer_id")})`,
      args: [JSON.stringify(orders), JSON.stringify(shifts), JSON.stringify(customers)],
    },
  ];
}

/** The statements that write what was decided, set by set, however many operations it came from. `below_zero`: of the places that sales touched. */
export function bookWrites(scope: Pick<Scope, "clock" | "trace_id">, book: Book): { steps: UnitStep[]; written: Statement | null } {
  const { changes } = book;
  const stock = stockSteps(scope, book);
  return {
    steps: [
      ...insertRows("orders", [...changes.new_orders.values()]),
      ...changedOrders([...changes.changed_orders.values()]),
      ...insertRows("order_lines", changes.lines),
      ...insertRows("order_payments", changes.payments),
      ...insertRows("shifts", [...changes.new_shifts.values()]),
      ...changedShifts([...changes.changed_shifts.values()]),
      ...insertRows("shift_entries", changes.shift_entries),
      ...insertRows(
        "customers",
        [...changes.customers.values()],
        `ON CONFLICT (customer_id) DO UPDATE SET fields = excluded.fields, stamps = excluded.stamps, version = excluded.version,
           updated_at_ms = excluded.updated_at_ms`,
      ),
      ...stock.steps,
    ],
    written: stock.written,
  };
}

function changedOrders(rows: readonly Columns[]): Statement[] {
  if (rows.length === 0) return [];
  const sums = ["subtotal_minor", "discount_minor", "tax_minor", "total_minor", "paid_minor"].map(
    (column) => `${column} = orders.${column} + (e.value ->> '${column}')`,
  );
  const set = ["status", "closed_at_ms", "cancelled_at_ms", "cancel_reason", "version", "updated_at_ms"].map(
    (column) => `${column} = coalesce(e.value ->> '${column}', orders.${column})`,
  );
  return [
    statement(
      `UPDATE orders SET ${[...sums, ...set].join(", ")} FROM json_each(?) AS e WHERE orders.order_id = e.value ->> 'order_id'`,
      JSON.stringify(rows),
    ),
  ];
}

function changedShifts(rows: readonly Columns[]): Statement[] {
  if (rows.length === 0) return [];
  const set = ["status", "counted_minor", "closed_by", "note", "closed_at_ms", "version", "updated_at_ms"].map(
    (column) => `${column} = coalesce(e.value ->> '${column}', shifts.${column})`,
  );
  return [
    statement(
      `UPDATE shifts SET ${set.join(", ")} FROM json_each(?) AS e WHERE shifts.shift_id = e.value ->> 'shift_id'`,
      JSON.stringify(rows),
    ),
  ];
}

/** What is sold of a variant that is not counted here has no ledger, and a sale begins none. */
function stockSteps(
  scope: Pick<Scope, "clock" | "trace_id">,
  { place, now_ms, changes }: Book,
): { steps: Statement[]; written: Statement | null } {
  const { ledger } = changes;
  if (ledger.length === 0) return { steps: [], written: null };
  const ids = countingIds(scope.clock.newId(), ledger.length);
  const entries = ledger.map((entry, index) => ({ movement_id: ids[index], ...entry }));
  const keys = ledger.map(({ variant_id, occurred_at_ms }: LedgerSale, index) => [variant_id, occurred_at_ms, ids[index]]);
  const written = statement(
    `SELECT m.* FROM json_each(?) AS e CROSS JOIN stock_movements AS m ON m.location_id = ? AND m.variant_id = e.value ->> 0
       AND m.occurred_at_ms = e.value ->> 1 AND m.movement_id = e.value ->> 2`,
    JSON.stringify(keys),
    place.location_id,
  );
  return {
    steps: [
      statement(
        `INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, reference_type, reference_id,
           created_at_ms)
         SELECT ?, e.value ->> 'variant_id', e.value ->> 'occurred_at_ms', e.value ->> 'movement_id', e.value ->> 'movement_type',
           e.value ->> 'quantity_e4', e.value ->> 'reference_type', e.value ->> 'reference_id', ?
         FROM json_each(?) AS e WHERE e.value ->> 'begins'
           OR EXISTS (SELECT 1 FROM stock_positions AS p WHERE p.location_id = ? AND p.variant_id = e.value ->> 'variant_id')`,
        place.location_id,
        now_ms,
        JSON.stringify(entries),
        place.location_id,
      ),
      ...movementSteps(scope, written, { has_counts: false, now_ms }),
      ...orderabilitySteps(scope, now_ms, statement(`SELECT w.location_id, w.variant_id FROM (${written.sql}) AS w`, ...written.args)),
    ],
    written,
  };
}
