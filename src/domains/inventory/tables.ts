import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const stockMovements = sqliteTable(
  "stock_movements",
  {
    location_id: text().notNull(),
    variant_id: text().notNull(),
    occurred_at_ms: integer().notNull(),
    movement_id: text().notNull(),
    movement_type: text().notNull(),
    quantity_e4: integer().notNull(),
    reference_type: text(),
    reference_id: text(),
    source_system_id: text(),
    created_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.location_id, table.variant_id, table.occurred_at_ms, table.movement_id] })],
);

export const stockPositions = sqliteTable(
  "stock_positions",
  {
    location_id: text().notNull(),
    variant_id: text().notNull(),
    on_hand_e4: integer().notNull().default(0),
    reserved_e4: integer().notNull().default(0),
    /** Generated: on hand less reserved. */
    available_e4: integer().notNull(),
    allow_negative: integer().notNull().default(0),
    reorder_point_e4: integer().notNull().default(0),
    max_stock_e4: integer(),
    counted_at_ms: integer(),
    counted_movement_id: text(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.location_id, table.variant_id] }), index("stock_positions_by_variant").on(table.variant_id)],
);

export const stockReservations = sqliteTable(
  "stock_reservations",
  {
    location_id: text().notNull(),
    variant_id: text().notNull(),
    order_id: text().notNull(),
    reserved_e4: integer().notNull(),
    committed_e4: integer().notNull().default(0),
    status: text({ enum: ["active", "committed", "released", "expired"] }).notNull(),
    expires_at_ms: integer(),
    change_id: text().notNull(),
    created_at_ms: integer().notNull(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.location_id, table.variant_id, table.order_id] }),
    index("stock_reservations_by_order").on(table.order_id),
  ],
);

export const stockDrifts = sqliteTable(
  "stock_drifts",
  {
    run_id: text().notNull(),
    location_id: text().notNull(),
    variant_id: text().notNull(),
    stored_on_hand_e4: integer(),
    stored_reserved_e4: integer(),
    ledger_on_hand_e4: integer().notNull(),
    ledger_reserved_e4: integer().notNull(),
    found_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run_id, table.location_id, table.variant_id] })],
);
