import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ITEM_REASONS } from "./orderability-judgement.ts";

export const snoozes = sqliteTable("snoozes", {
  snooze_id: text().primaryKey(),
  variant_id: text().notNull(),
  location_id: text(),
  until_ms: integer(),
  note: text(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const orderabilityProjection = sqliteTable(
  "orderability_projection",
  {
    location_id: text().notNull(),
    variant_id: text().notNull(),
    item_code: text().notNull(),
    reason_code: text({ enum: ITEM_REASONS }),
    is_orderable: integer().notNull(),
    available_e4: integer(),
    snoozed_until_ms: integer(),
    reason_after: text(),
    flip_id: text(),
    change_id: text().notNull(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.location_id, table.variant_id] })],
);

export const orderabilityDocuments = sqliteTable("orderability_documents", {
  location_id: text().primaryKey(),
  version: integer().notNull(),
  changed_at_ms: integer().notNull(),
  packed: blob({ mode: "buffer" }),
  packed_version: integer(),
  packed_hash: text(),
  packed_until_ms: integer(),
  items: text().notNull(),
});
