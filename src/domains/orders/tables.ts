import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const orders = sqliteTable("orders", {
  order_id: text().primaryKey(),
  store_id: text().notNull(),
  location_id: text().notNull(),
  terminal_id: text(),
  status: text({ enum: ["open", "closed", "cancelled"] }).notNull(),
  number: text(),
  currency: text().notNull(),
  tax_included: integer().notNull(),
  customer_id: text(),
  shift_id: text(),
  note: text(),
  subtotal_minor: integer().notNull(),
  discount_minor: integer().notNull(),
  tax_minor: integer().notNull(),
  total_minor: integer().notNull(),
  till_total_minor: integer(),
  paid_minor: integer().notNull(),
  fingerprint: text().notNull(),
  version: integer().notNull(),
  occurred_at_ms: integer().notNull(),
  created_at_ms: integer().notNull(),
  closed_at_ms: integer(),
  cancelled_at_ms: integer(),
  cancel_reason: text(),
  updated_at_ms: integer().notNull(),
});

export const orderLines = sqliteTable(
  "order_lines",
  {
    order_id: text().notNull(),
    line_id: text().notNull(),
    position: integer().notNull(),
    variant_id: text().notNull(),
    item_code: text().notNull(),
    name: text(),
    quantity_e4: integer().notNull(),
    unit_price_minor: integer().notNull(),
    server_price_minor: integer(),
    modifiers: text().notNull(),
    stock: text().notNull(),
    gross_minor: integer().notNull(),
    discount_minor: integer().notNull(),
    tax_rate_e4: integer().notNull(),
    tax_minor: integer().notNull(),
    total_minor: integer().notNull(),
    note: text(),
  },
  (table) => [primaryKey({ columns: [table.order_id, table.line_id] })],
);

export const orderPayments = sqliteTable(
  "order_payments",
  {
    order_id: text().notNull(),
    payment_id: text().notNull(),
    method: text({ enum: ["cash", "card", "other"] }).notNull(),
    amount_minor: integer().notNull(),
    tendered_minor: integer(),
    reference: text(),
    shift_id: text(),
    is_correction: integer().notNull().default(0),
    occurred_at_ms: integer().notNull(),
    created_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.order_id, table.payment_id] })],
);

export const customers = sqliteTable("customers", {
  customer_id: text().primaryKey(),
  fields: text().notNull(),
  stamps: text().notNull(),
  version: integer().notNull(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const shifts = sqliteTable("shifts", {
  shift_id: text().primaryKey(),
  store_id: text().notNull(),
  location_id: text().notNull(),
  terminal_id: text(),
  status: text({ enum: ["open", "closed"] }).notNull(),
  currency: text().notNull(),
  opening_minor: integer().notNull(),
  counted_minor: integer(),
  opened_by: text(),
  closed_by: text(),
  note: text(),
  fingerprint: text().notNull(),
  version: integer().notNull(),
  opened_at_ms: integer().notNull(),
  closed_at_ms: integer(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const shiftEntries = sqliteTable(
  "shift_entries",
  {
    shift_id: text().notNull(),
    entry_id: text().notNull(),
    kind: text({ enum: ["in", "out", "recount"] }).notNull(),
    amount_minor: integer().notNull(),
    reason: text(),
    is_correction: integer().notNull(),
    occurred_at_ms: integer().notNull(),
    created_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.shift_id, table.entry_id] })],
);
