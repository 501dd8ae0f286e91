import { z } from "zod";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { DARK_STORE_STATUSES } from "./dark-store-schemas.ts";

const status = z.enum(DARK_STORE_STATUSES);
const named = { dark_store_id: z.uuid(), store_id: z.uuid() };

/** The `data` of the events that tell of dark stores, by event type. */
export const darkStoreEvents = {
  "store.dark_store.created": z.strictObject({
    ...named,
    location_id: z.uuid(),
    name: z.string(),
    status,
    is_active: z.boolean(),
    capacity: z.int(),
  }),
  "store.dark_store.status.changed": z.strictObject({ ...named, status, is_active: z.boolean(), reason: z.string().nullable() }),
  "store.dark_store.capacity.changed": z.strictObject({ ...named, capacity: z.int() }),
  "catalog.assortment.updated": z.strictObject({ ...named, variant_ids: z.array(z.string()) }),
};

const emit = (scope: Scope, eventType: keyof typeof darkStoreEvents, rows: Statement, nowMs: number): Statement[] =>
  emitEvents(
    {
      event_type: eventType,
      source: eventType.startsWith("catalog.") ? "catalog-service" : "store-hub",
      schema_version: 1,
      trace_id: scope.trace_id,
      occurred_at_ms: nowMs,
      rows,
    },
    scope.clock.newId(),
  );

const IS_ACTIVE = "'is_active', json(iif(d.is_active, 'true', 'false'))";

export const darkStoreCreated = (scope: Scope, id: string, nowMs: number): Statement[] =>
  emit(
    scope,
    "store.dark_store.created",
    statement(
      `SELECT json_object('dark_store_id', d.dark_store_id, 'store_id', d.store_id, 'location_id', s.location_id, 'name', d.name,
         'status', d.status, ${IS_ACTIVE}, 'capacity', d.capacity) AS data
       FROM dark_stores AS d CROSS JOIN stores AS s ON s.store_id = d.store_id WHERE d.dark_store_id = ?`,
      id,
    ),
    nowMs,
  );

export const darkStoreStatusChanged = (scope: Scope, id: string, reason: string | null, nowMs: number): Statement[] =>
  emit(
    scope,
    "store.dark_store.status.changed",
    statement(
      `SELECT json_object('dark_store_id', d.dark_store_id, 'store_id', d.store_id, 'status', d.status, ${IS_ACTIVE}, 'reason', ?) AS data
       FROM dark_stores AS d WHERE d.dark_store_id = ?`,
      reason,
      id,
    ),
    nowMs,
  );

export const darkStoreCapacityChanged = (scope: Scope, id: string, nowMs: number): Statement[] =>
  emit(
    scope,
    "store.dark_store.capacity.changed",
    statement(
      `SELECT json_object('dark_store_id', d.dark_store_id, 'store_id', d.store_id, 'capacity', d.capacity) AS data
       FROM dark_stores AS d WHERE d.dark_store_id = ?`,
      id,
    ),
    nowMs,
  );

/** `variants` is a SELECT of `variant_id`. */
export const assortmentUpdated = (scope: Scope, id: string, variants: Statement, nowMs: number): Statement[] =>
  emit(
    scope,
    "catalog.assortment.updated",
    statement(
      `SELECT json_object('dark_store_id', d.dark_store_id, 'store_id', d.store_id,
         'variant_ids', json((SELECT json_group_array(named.variant_id) FROM (${variants.sql}) AS named))) AS data
       FROM dark_stores AS d WHERE d.dark_store_id = ?`,
      ...variants.args,
      id,
    ),
    nowMs,
  );
