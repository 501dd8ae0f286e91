import { z } from "zod";
import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { VARIANT_DISPLAY_NAME_SQL } from "./variant-name.ts";

const count = z.int().min(0);

/** The `data` of every event that this slice emits, by event type. */
export const catalogEvents = {
  "catalog.product.upserted": z.strictObject({
    product_id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    category_id: z.uuid().nullable(),
    tags: z.array(z.string()),
    allergens: z.array(z.string()),
    visible: z.boolean(),
    /** Our copy of its image, a path under the media base; null where there is none. */
    main_image_url: z.string().nullable(),
    source_system_id: z.uuid().nullable(),
  }),
  "catalog.variant.upserted": z.strictObject({
    variant_id: z.uuid(),
    product_id: z.uuid(),
    sku: z.string(),
    name: z.string(),
    barcode: z.string().nullable(),
    category_id: z.uuid().nullable(),
    attributes: z.record(z.string(), z.string()),
    source_system_id: z.uuid().nullable(),
    version_no: z.int().min(1),
  }),
  /**
   * Not sold any more: hidden by the provider or by hand, or missing from a payload that hides. The row is kept. Comes after the upserted event of the
   * same change; shown again there is an upserted event alone.
   */
  "catalog.variant.deleted": z.strictObject({
    variant_id: z.uuid(),
    product_id: z.uuid(),
    sku: z.string(),
    source_system_id: z.uuid().nullable(),
    version_no: z.int().min(1),
  }),
  "catalog.category.upserted": z.strictObject({ category_id: z.uuid(), parent_id: z.uuid().nullable(), name: z.string() }),
  /** Changed by hand; what a feed changes is told by `catalog.ingestion.completed`. */
  "catalog.modifier_group.upserted": z.strictObject({
    modifier_group_id: z.uuid(),
    name: z.string(),
    min_select: count,
    /** null: no limit. */
    max_select: count.nullable(),
    options: z.array(
      z.strictObject({
        modifier_option_id: z.uuid(),
        name: z.string(),
        price_delta_minor: z.int(),
        sku: z.string().nullable(),
        active: z.boolean(),
      }),
    ),
  }),
  "catalog.ingestion.completed": z.strictObject({
    run_id: z.uuid(),
    source_system_id: z.uuid(),
    status: z.enum(["completed", "needs_confirmation"]),
    received: count,
    inserted: count,
    updated: count,
    unchanged: count,
    failed: count,
    held: count,
    hidden: count,
  }),
};

const FIRST_CATEGORY =
  "(SELECT pc.category_id FROM product_categories AS pc WHERE pc.product_id = p.product_id ORDER BY pc.position LIMIT 1)";

const originOf = (type: "product" | "variant", id: string): string =>
  `(SELECT e.source_system_id FROM source_entities AS e WHERE e.canonical_id = ${id} AND e.entity_type = '${type}' LIMIT 1)`;

const PRODUCT_DATA = `json_object('product_id', p.product_id, 'name', p.name, 'description', p.description, 'category_id', ${FIRST_CATEGORY},
  'tags', json(p.tags), 'allergens', json(p.allergens), 'visible', json(iif(p.visible, 'true', 'false')),
  'main_image_url', p.main_image_url, 'source_system_id', ${originOf("product", "p.product_id")})`;

const VARIANT_DATA = `json_object('variant_id', v.variant_id, 'product_id', v.product_id, 'sku', v.item_code,
  'name', ${VARIANT_DISPLAY_NAME_SQL}, 'barcode', v.barcode, 'category_id', ${FIRST_CATEGORY}, 'attributes', json(v.attributes),
  'source_system_id', ${originOf("variant", "v.variant_id")}, 'version_no', v.version_no)`;

const DELETED_DATA = `json_object('variant_id', v.variant_id, 'product_id', v.product_id, 'sku', v.item_code,
  'source_system_id', ${originOf("variant", "v.variant_id")}, 'version_no', v.version_no)`;

const RUN_DATA = `json_object('run_id', r.run_id, 'source_system_id', r.source_system_id, 'status', r.status, 'received', r.received,
  'inserted', r.inserted, 'updated', r.updated, 'unchanged', r.unchanged, 'failed', r.failed, 'held', r.held, 'hidden', r.hidden)`;

function emit(scope: Scope, eventType: keyof typeof catalogEvents, rows: Statement, nowMs: number): Statement[] {
  const event = { event_type: eventType, source: "catalog-service", schema_version: 1, trace_id: scope.trace_id } as const;
  return emitEvents({ ...event, occurred_at_ms: nowMs, rows }, scope.clock.newId());
}

/** `catalog.product.upserted` for these products as they are now. */
export const productsUpserted = (scope: Scope, productIds: readonly string[], nowMs: number): Statement[] =>
  productIds.length === 0
    ? []
    : emit(
        scope,
        "catalog.product.upserted",
        statement(
          `SELECT ${PRODUCT_DATA} AS data FROM json_each(?) AS changed CROSS JOIN products AS p ON p.product_id = changed.value`,
          JSON.stringify(productIds),
        ),
        nowMs,
      );

/** `catalog.product.upserted` for the products of this SELECT of `product_id`, as they are now. */
export const selectedProductsUpserted = (scope: Scope, selected: Statement, nowMs: number): Statement[] =>
  emit(
    scope,
    "catalog.product.upserted",
    statement(
      `SELECT ${PRODUCT_DATA} AS data FROM (${selected.sql}) AS changed CROSS JOIN products AS p ON p.product_id = changed.product_id`,
      ...selected.args,
    ),
    nowMs,
  );

/** `catalog.variant.upserted` for these variants as they are now, then `catalog.variant.deleted` for those of them that are hidden themselves. */
export function variantsUpserted(scope: Scope, variantIds: readonly string[], nowMs: number): Statement[] {
  if (variantIds.length === 0) return [];
  const ids = JSON.stringify(variantIds);
  const all = `SELECT ${VARIANT_DATA} AS data FROM json_each(?) AS changed CROSS JOIN variants AS v ON v.variant_id = changed.value
    JOIN products AS p ON p.product_id = v.product_id`;
  const hidden = `SELECT ${DELETED_DATA} AS data FROM json_each(?) AS changed
    CROSS JOIN variants AS v ON v.variant_id = changed.value AND NOT v.visible`;
  return [
    ...emit(scope, "catalog.variant.upserted", statement(all, ids), nowMs),
    ...emit(scope, "catalog.variant.deleted", statement(hidden, ids), nowMs),
  ];
}

/** `catalog.category.upserted` for these categories as they are now. */
export const categoriesUpserted = (scope: Scope, categoryIds: readonly string[], nowMs: number): Statement[] =>
  categoryIds.length === 0
    ? []
    : emit(
        scope,
        "catalog.category.upserted",
        statement(
          `SELECT json_object('category_id', c.category_id, 'parent_id', c.parent_id, 'name', c.name) AS data
           FROM json_each(?) AS changed CROSS JOIN categories AS c ON c.category_id = changed.value`,
          JSON.stringify(categoryIds),
        ),
        nowMs,
      );

const GROUP_DATA = `json_object('modifier_group_id', g.modifier_group_id, 'name', g.name, 'min_select', g.min_select, 'max_select', g.max_select,
  'options', ${jsonListSql(
    `json_object('modifier_option_id', o.modifier_option_id, 'name', o.name, 'price_delta_minor', o.price_delta_minor, 'sku', o.item_code,
      'active', json(iif(o.provider_active AND NOT o.merchant_hidden, 'true', 'false')))`,
    "modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id",
    "o.position, o.modifier_option_id",
  )})`;

/** `catalog.modifier_group.upserted` for these groups as they are now. */
export const groupsUpserted = (scope: Scope, groupIds: readonly string[], nowMs: number): Statement[] =>
  emit(
    scope,
    "catalog.modifier_group.upserted",
    statement(
      `SELECT ${GROUP_DATA} AS data FROM json_each(?) AS changed CROSS JOIN modifier_groups AS g ON g.modifier_group_id = changed.value`,
      JSON.stringify(groupIds),
    ),
    nowMs,
  );

/** `catalog.ingestion.completed` for a run whose row says so. */
export const ingestionCompleted = (scope: Scope, runId: string, nowMs: number): Statement[] =>
  emit(
    scope,
    "catalog.ingestion.completed",
    statement(`SELECT ${RUN_DATA} AS data FROM ingestion_runs AS r WHERE r.run_id = ?`, runId),
    nowMs,
  );
