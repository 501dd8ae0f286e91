import { index, integer, primaryKey, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";

const stamps = { created_at_ms: integer().notNull(), updated_at_ms: integer().notNull() };

const owner = () =>
  text({ enum: ["provider", "ours"] })
    .notNull()
    .default("provider");

export const catalogState = sqliteTable("catalog_state", {
  id: integer().primaryKey(),
  revision: integer().notNull(),
  image_revision: integer().notNull().default(0),
});

export const sourceSystems = sqliteTable("source_systems", {
  source_system_id: text().primaryKey(),
  source_type: text({ enum: ["pos", "erp", "seller", "dark_store", "file"] }).notNull(),
  name: text().notNull().unique(),
  provider: text().notNull(),
  settings: text().notNull(),
  is_active: integer().notNull().default(1),
  ...stamps,
  refresh_wanted_at_ms: integer(),
  webhook_secrets: text().notNull().default("[]"),
});

export const webhookNotifications = sqliteTable(
  "webhook_notifications",
  {
    source_system_id: text().notNull(),
    topic: text().notNull(),
    object_id: text().notNull(),
    body_key: text().notNull(),
    replaced_body_key: text(),
    body_hash: text().notNull(),
    content_type: text().notNull(),
    body_bytes: integer().notNull(),
    occurred_at_ms: integer(),
    received_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.source_system_id, table.topic, table.object_id] })],
);

export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    source_system_id: text().notNull(),
    event_id: text().notNull(),
    received_at_ms: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.source_system_id, table.event_id] }),
    index("webhook_deliveries_by_time").on(table.received_at_ms),
  ],
);

export const sourceEntities = sqliteTable(
  "source_entities",
  {
    source_system_id: text().notNull(),
    entity_type: text({ enum: ["category", "modifier_group", "product", "variant"] }).notNull(),
    external_id: text().notNull(),
    canonical_id: text().notNull(),
    content_hash: text().notNull(),
    provider_version: integer(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.source_system_id, table.entity_type, table.external_id] }),
    index("source_entities_by_canonical").on(table.canonical_id),
  ],
);

export const ingestionRuns = sqliteTable(
  "ingestion_runs",
  {
    run_id: text().primaryKey(),
    source_system_id: text().notNull(),
    status: text({ enum: ["queued", "running", "completed", "failed", "needs_confirmation"] }).notNull(),
    body_key: text(),
    content_type: text().notNull(),
    chunks: integer().notNull().default(0),
    chunks_done: integer().notNull().default(0),
    received: integer().notNull().default(0),
    inserted: integer().notNull().default(0),
    updated: integer().notNull().default(0),
    unchanged: integer().notNull().default(0),
    failed: integer().notNull().default(0),
    held: integer().notNull().default(0),
    hidden: integer().notNull().default(0),
    older: integer().notNull().default(0),
    by_entity: text().notNull(),
    failure: text(),
    started_at_ms: integer().notNull(),
    completed_at_ms: integer(),
    stock: text().notNull().default('{"stated":0,"changed":0,"left_out":0}'),
  },
  (table) => [index("ingestion_runs_by_start").on(table.started_at_ms, table.run_id)],
);

export const ingestionFindings = sqliteTable(
  "ingestion_findings",
  {
    run_id: text().notNull(),
    kind: text({ enum: ["held", "error", "older"] }).notNull(),
    position: integer().notNull(),
    finding: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run_id, table.kind, table.position] })],
);

export const categories = sqliteTable(
  "categories",
  {
    category_id: text().primaryKey(),
    source_system_id: text(),
    parent_id: text(),
    name: text().notNull(),
    original_name: text().notNull(),
    position: integer().notNull(),
    place_owner: owner(),
    ...stamps,
  },
  (table) => [index("categories_by_position").on(table.position, table.category_id)],
);

export const modifierGroups = sqliteTable("modifier_groups", {
  modifier_group_id: text().primaryKey(),
  name: text().notNull(),
  original_name: text().notNull(),
  min_select: integer().notNull(),
  max_select: integer(),
  bounds_owner: owner(),
  ...stamps,
});

export const modifierOptions = sqliteTable(
  "modifier_options",
  {
    modifier_option_id: text().primaryKey(),
    modifier_group_id: text().notNull(),
    external_id: text().notNull(),
    name: text().notNull(),
    price_delta_minor: integer().notNull(),
    item_code: text(),
    provider_active: integer().notNull().default(1),
    is_default: integer().notNull().default(0),
    position: integer().notNull(),
    name_owner: owner(),
    merchant_hidden: integer().notNull().default(0),
  },
  (table) => [unique().on(table.modifier_group_id, table.external_id)],
);

export const products = sqliteTable(
  "products",
  {
    product_id: text().primaryKey(),
    name: text().notNull(),
    original_name: text().notNull(),
    name_owner: owner(),
    description: text(),
    original_description: text(),
    description_owner: owner(),
    external_image_url: text(),
    main_image_url: text(),
    image_owner: owner(),
    tags: text().notNull().default("[]"),
    allergens: text().notNull().default("[]"),
    tax_rate_e4: integer(),
    provider_active: integer().notNull().default(1),
    merchant_hidden: integer().notNull().default(0),
    /** Generated: active at the provider and not hidden by hand. */
    visible: integer().notNull(),
    variant_count: integer().notNull().default(0),
    tags_owner: owner(),
    allergens_owner: owner(),
    tax_rate_owner: owner(),
    categories_owner: owner(),
    modifier_groups_owner: owner(),
    ...stamps,
  },
  (table) => [index("products_by_creation").on(table.created_at_ms, table.product_id)],
);

export const productImages = sqliteTable(
  "product_images",
  {
    product_id: text().primaryKey(),
    source_url: text().notNull(),
    state: text({ enum: ["pending", "copied", "refused", "failed"] }).notNull(),
    run_id: text(),
    attempts: integer().notNull().default(0),
    next_attempt_at_ms: integer(),
    claim: text(),
    is_unchanged: integer().notNull().default(0),
    reason: text(),
    detail: text(),
    object_path: text(),
    copied_url: text(),
    etag: text(),
    last_modified: text(),
    bytes: integer(),
    updated_at_ms: integer().notNull(),
  },
  (table) => [
    index("product_images_by_state").on(table.state, table.product_id),
    index("product_images_by_run").on(table.run_id, table.state, table.is_unchanged),
    index("product_images_by_object").on(table.object_path),
  ],
);

export const condemnedImages = sqliteTable("condemned_images", {
  object_path: text().primaryKey(),
  condemned_at_ms: integer().notNull(),
});

export const productCategories = sqliteTable(
  "product_categories",
  {
    product_id: text().notNull(),
    category_id: text().notNull(),
    position: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.product_id, table.category_id] }),
    index("product_categories_by_category").on(table.category_id),
  ],
);

export const productModifierGroups = sqliteTable(
  "product_modifier_groups",
  {
    product_id: text().notNull(),
    modifier_group_id: text().notNull(),
    position: integer().notNull(),
    min_select: integer(),
    max_select: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.product_id, table.modifier_group_id] }),
    index("product_modifier_groups_by_group").on(table.modifier_group_id),
  ],
);

export const variants = sqliteTable(
  "variants",
  {
    variant_id: text().primaryKey(),
    product_id: text().notNull(),
    item_code: text().notNull().unique(),
    option_name: text(),
    own_name: text(),
    barcode: text(),
    base_price_minor: integer(),
    currency: text(),
    attributes: text().notNull().default("{}"),
    provider_active: integer().notNull().default(1),
    merchant_hidden: integer().notNull().default(0),
    /** Generated: active at the provider and not hidden by hand. */
    visible: integer().notNull(),
    position: integer().notNull(),
    version_no: integer().notNull().default(0),
    barcode_owner: owner(),
    bundle_owner: owner(),
    ...stamps,
  },
  (table) => [
    index("variants_by_product").on(table.product_id, table.position),
    index("variants_by_creation").on(table.created_at_ms, table.variant_id),
  ],
);

export const bundleComponents = sqliteTable(
  "bundle_components",
  {
    bundle_variant_id: text().notNull(),
    item_code: text().notNull(),
    quantity_e4: integer().notNull(),
    position: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.bundle_variant_id, table.item_code] })],
);

export const catalogItemVersions = sqliteTable(
  "catalog_item_versions",
  {
    variant_id: text().notNull(),
    version_no: integer().notNull(),
    source_system_id: text(),
    payload: text().notNull(),
    normalized_hash: text().notNull(),
    created_at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.variant_id, table.version_no] })],
);

export const variantPrices = sqliteTable(
  "variant_prices",
  {
    variant_price_id: text().primaryKey(),
    variant_id: text().notNull(),
    location_id: text(),
    channel: text().notNull().default("default"),
    currency: text().notNull(),
    mrp_minor: integer(),
    price_minor: integer().notNull(),
    tax_rate_e4: integer().notNull().default(0),
    effective_from_ms: integer().notNull(),
    effective_to_ms: integer(),
    created_at_ms: integer().notNull(),
  },
  (table) => [index("variant_prices_lookup").on(table.variant_id, table.location_id, table.channel, table.effective_from_ms)],
);

export const statedStock = sqliteTable(
  "stated_stock",
  {
    source_system_id: text().notNull(),
    variant_id: text().notNull(),
    location_id: text().notNull(),
    quantity_e4: integer().notNull(),
    counted_at_ms: integer(),
    stated_at_ms: integer().notNull(),
    run_id: text().notNull(),
    is_pending: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.source_system_id, table.variant_id, table.location_id] })],
);

export const effectivePrices = sqliteTable(
  "effective_prices",
  {
    variant_id: text().notNull(),
    location_key: text().notNull(),
    channel: text().notNull(),
    currency: text().notNull(),
    price_minor: integer(),
    previous_price_minor: integer(),
    next_change_at_ms: integer(),
    turn_id: text(),
  },
  (table) => [primaryKey({ columns: [table.variant_id, table.location_key, table.channel, table.currency] })],
);
