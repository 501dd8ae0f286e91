import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const terminals = sqliteTable("terminals", {
  terminal_id: text().primaryKey(),
  store_id: text().notNull(),
  location_id: text().notNull(),
  name: text().notNull(),
  device_id: text().notNull(),
  generation: integer().notNull(),
  token_hash: text().notNull(),
  old_token_hash: text(),
  old_token_until_ms: integer(),
  revoked_at_ms: integer(),
  last_seen_at_ms: integer(),
  cursor_sequence: integer(),
  queue_length: integer(),
  app_version: text(),
  clock_offset_ms: integer(),
  created_at_ms: integer().notNull(),
});

export const pairingCodes = sqliteTable("pairing_codes", {
  code_hash: text().primaryKey(),
  code_id: text().notNull(),
  store_id: text().notNull(),
  expires_at_ms: integer().notNull(),
  used_by: text(),
  created_at_ms: integer().notNull(),
});

export const syncOperations = sqliteTable("sync_operations", {
  operation_id: text().primaryKey(),
  terminal_id: text().notNull(),
  type: text().notNull(),
  entity_id: text(),
  fingerprint: text().notNull(),
  status: text({ enum: ["applied", "conflict", "rejected"] }).notNull(),
  outcome: text().notNull(),
  occurred_at_ms: integer(),
  created_at_ms: integer().notNull(),
});

export const syncRejections = sqliteTable(
  "sync_rejections",
  {
    terminal_id: text().notNull(),
    operation_id: text().notNull(),
    store_id: text().notNull(),
    status: text({ enum: ["conflict", "rejected"] }).notNull(),
    code: text().notNull(),
    detail: text(),
    amount_minor: integer(),
    currency: text(),
    shift_id: text(),
    operation: text().notNull(),
    fingerprint: text().notNull(),
    rejected_at_ms: integer().notNull(),
    acknowledged_at_ms: integer(),
  },
  (table) => [primaryKey({ columns: [table.terminal_id, table.operation_id] })],
);

export const changeFeed = sqliteTable(
  "change_feed",
  {
    entity: text().notNull(),
    id: text().notNull(),
    scope: text().notNull(),
    sequence: integer().notNull(),
    deleted: integer().notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.entity, table.id] })],
);

export const feedState = sqliteTable("feed_state", {
  id: integer().primaryKey(),
  sequence: integer().notNull(),
  pruned_sequence: integer().notNull(),
});

export const feedMarks = sqliteTable("feed_marks", {
  marked_at_ms: integer().primaryKey(),
  sequence: integer().notNull(),
});
