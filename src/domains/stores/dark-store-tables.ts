import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const darkStores = sqliteTable("dark_stores", {
  dark_store_id: text().primaryKey(),
  store_id: text().notNull().unique(),
  name: text().notNull(),
  status: text({ enum: ["active", "busy", "paused", "maintenance", "closed"] }).notNull(),
  is_active: integer().notNull(),
  capacity: integer().notNull(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const darkStoreAssortment = sqliteTable(
  "dark_store_assortment",
  {
    dark_store_id: text().notNull(),
    variant_id: text().notNull(),
    is_active: integer().notNull(),
    is_essential: integer().notNull(),
    demand_score_e4: integer().notNull(),
    velocity_rank: integer(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.dark_store_id, table.variant_id] })],
);
