import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const locations = sqliteTable("locations", {
  location_id: text().primaryKey(),
  kind: text({ enum: ["store", "dark_store", "warehouse"] }).notNull(),
  name: text().notNull(),
  created_at_ms: integer().notNull(),
});

export const stores = sqliteTable("stores", {
  store_id: text().primaryKey(),
  location_id: text().notNull().unique(),
  name: text().notNull(),
  code: text().unique(),
  timezone: text().notNull(),
  currency: text().notNull(),
  locale: text().notNull(),
  address: text(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const storeTrading = sqliteTable("store_trading", {
  store_id: text().primaryKey(),
  hours: text(),
  is_paused: integer().notNull().default(0),
  paused_until_ms: integer(),
  version: integer().notNull(),
  changed_at_ms: integer().notNull(),
});
