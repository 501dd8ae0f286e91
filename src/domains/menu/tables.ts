import { blob, integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";

export const menuDrafts = sqliteTable("menu_drafts", {
  draft_id: text().primaryKey(),
  name: text().notNull(),
  currency: text().notNull(),
  provider: text().notNull().default("servery"),
  sections: text().notNull(),
  content_hash: text().notNull(),
  revision: integer().notNull(),
  created_at_ms: integer().notNull(),
  updated_at_ms: integer().notNull(),
});

export const publishes = sqliteTable("publishes", {
  publish_id: text().primaryKey(),
  sequence: integer().notNull().unique(),
  rollback_of: text(),
  snapshot_hash: text().notNull(),
  created_at_ms: integer().notNull(),
});

export const publishDrafts = sqliteTable(
  "publish_drafts",
  {
    publish_id: text().notNull(),
    position: integer().notNull(),
    draft_id: text().notNull(),
    name: text().notNull(),
    currency: text().notNull(),
    provider: text().notNull(),
    sections: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.publish_id, table.position] })],
);

export const publishStores = sqliteTable(
  "publish_stores",
  {
    publish_id: text().notNull(),
    store_id: text().notNull(),
    status: text({ enum: ["queued", "regenerating", "failed", "unchanged", "superseded"] }).notNull(),
    live_revision: integer(),
    reasons: text().notNull().default("[]"),
    left_out: text().notNull().default("[]"),
    updated_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.publish_id, table.store_id] })],
);

export const storeMenus = sqliteTable("store_menus", {
  store_id: text().primaryKey(),
  live_revision: integer().notNull(),
  publish_id: text().notNull(),
  sequence: integer().notNull(),
  snapshot_hash: text().notNull(),
  catalog_revision: integer().notNull(),
});

export const menus = sqliteTable("menus", {
  menu_id: text().primaryKey(),
  store_id: text().notNull(),
  publish_id: text().notNull(),
  draft_id: text().notNull(),
  name: text().notNull(),
  currency: text().notNull(),
  provider: text().notNull(),
  position: integer().notNull(),
  live_revision: integer().notNull(),
  created_at_ms: integer().notNull(),
  deleted_at_ms: integer(),
});

export const menuSections = sqliteTable("menu_sections", {
  menu_section_id: text().primaryKey(),
  menu_id: text().notNull(),
  name: text().notNull(),
  display_type: text({ enum: ["list", "grid"] }).notNull(),
  item_category_id: text().notNull(),
  position: integer().notNull(),
});

export const menuItems = sqliteTable(
  "menu_items",
  {
    menu_id: text().notNull(),
    menu_section_id: text().notNull(),
    position: integer().notNull(),
    variant_id: text().notNull(),
    price_minor: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.menu_id, table.menu_section_id, table.position] })],
);

export const itemCategories = sqliteTable(
  "item_categories",
  {
    item_category_id: text().primaryKey(),
    name: text().notNull(),
    provider: text().notNull(),
    category_view_type: text({ enum: ["LIST", "GRID"] }).notNull(),
    deleted_at_ms: integer(),
  },
  (table) => [unique().on(table.name, table.provider)],
);

export const itemItemCategory = sqliteTable(
  "item_item_category",
  { variant_id: text().notNull(), item_category_id: text().notNull() },
  (table) => [primaryKey({ columns: [table.variant_id, table.item_category_id] })],
);

export const menuItemCategory = sqliteTable(
  "menu_item_category",
  {
    menu_id: text().notNull(),
    variant_id: text().notNull(),
    item_category_id: text().notNull(),
    position: integer().notNull(),
    deleted_at_ms: integer(),
  },
  (table) => [primaryKey({ columns: [table.menu_id, table.variant_id, table.item_category_id] })],
);

export const itemsFlat = sqliteTable(
  "items_flat",
  {
    store_id: text().notNull(),
    position: integer().notNull(),
    category_id: text().notNull(),
    category_name: text().notNull(),
    category_view_type: text({ enum: ["LIST", "GRID"] }).notNull(),
    variant_id: text().notNull(),
    product_id: text().notNull(),
    item_code: text().notNull(),
    name: text().notNull(),
    description: text(),
    price_minor: integer().notNull(),
    currency: text().notNull(),
    image_url: text(),
    tax_rate_e4: integer(),
    tags: text().notNull(),
    allergens: text().notNull(),
    modifier_groups: text().notNull(),
    bundle: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store_id, table.position] })],
);

export const storefrontDocuments = sqliteTable("storefront_documents", {
  store_id: text().primaryKey(),
  menu_version: integer().notNull(),
  live_revision: integer().notNull(),
  catalog_revision: integer().notNull(),
  content_hash: text().notNull(),
  body: blob({ mode: "buffer" }).notNull(),
  body_bytes: integer().notNull(),
  compiled_at_ms: integer().notNull(),
});
