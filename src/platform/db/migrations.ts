import central1 from "../../../migrations/central/0001_tenants.sql";
import central2 from "../../../migrations/central/0002_moves.sql";
import central3 from "../../../migrations/central/0003_rate_limits.sql";
import tenant1 from "../../../migrations/tenant/0001_stores.sql";
import tenant2 from "../../../migrations/tenant/0002_catalog.sql";
import tenant3 from "../../../migrations/tenant/0003_menus.sql";
import tenant4 from "../../../migrations/tenant/0004_inventory.sql";
import tenant5 from "../../../migrations/tenant/0005_orderability.sql";
import tenant6 from "../../../migrations/tenant/0006_composed.sql";
import tenant7 from "../../../migrations/tenant/0007_catalog_api.sql";
import tenant8 from "../../../migrations/tenant/0008_media.sql";
import tenant9 from "../../../migrations/tenant/0009_stated_stock.sql";
import tenant10 from "../../../migrations/tenant/0010_webhooks.sql";
import tenant11 from "../../../migrations/tenant/0011_orders.sql";
import tenant12 from "../../../migrations/tenant/0012_sync.sql";
import writer1 from "../../../migrations/writer/0001_unit_of_work.sql";
import writer2 from "../../../migrations/writer/0002_large_answers.sql";
import type { Migration } from "./migrator.ts";

/** Append-only. A stream's version is how many of its files are applied. */
export const CENTRAL_STREAM: readonly Migration[] = [
  { name: "writer/0001_unit_of_work", sql: writer1 },
  { name: "central/0001_tenants", sql: central1 },
  { name: "central/0002_moves", sql: central2 },
  { name: "central/0003_rate_limits", sql: central3 },
  { name: "writer/0002_large_answers", sql: writer2 },
];

export const TENANT_STREAM: readonly Migration[] = [
  { name: "writer/0001_unit_of_work", sql: writer1 },
  { name: "tenant/0001_stores", sql: tenant1 },
  { name: "tenant/0002_catalog", sql: tenant2 },
  { name: "tenant/0003_menus", sql: tenant3 },
  { name: "writer/0002_large_answers", sql: writer2 },
  { name: "tenant/0004_inventory", sql: tenant4 },
  { name: "tenant/0005_orderability", sql: tenant5 },
  { name: "tenant/0006_composed", sql: tenant6 },
  { name: "tenant/0007_catalog_api", sql: tenant7 },
  { name: "tenant/0008_media", sql: tenant8 },
  { name: "tenant/0009_stated_stock", sql: tenant9 },
  { name: "tenant/0010_webhooks", sql: tenant10 },
  { name: "tenant/0011_orders", sql: tenant11 },
  { name: "tenant/0012_sync", sql: tenant12 },
];

/** The Worker serves tenants at this version and the one before. */
export const TENANT_SCHEMA_VERSION = TENANT_STREAM.length;
export const OLDEST_SERVED_SCHEMA_VERSION = TENANT_SCHEMA_VERSION - 1;
