import { z } from "zod";
import { Timestamp } from "../../platform/http/fields.ts";

export const EventsQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ description: "The last sequence you have; 0: from the beginning", example: 41 }),
  limit: z.coerce.number().int().min(1).max(500).default(100).meta({ description: "Events a page", example: 100 }),
});

export const Event = z
  .object({
    event_id: z.uuid(),
    event_type: z.string(),
    source: z.string(),
    tenant_id: z.string(),
    occurred_at: Timestamp,
    trace_id: z.string(),
    schema_version: z.int(),
    sequence: z.int().meta({ description: "Counts up by one" }),
    data: z.record(z.string(), z.unknown()).meta({ description: "By event type" }),
  })
  .meta({
    id: "Event",
    example: {
      event_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a81",
      event_type: "store.dark_store.status.changed",
      source: "store-hub",
      tenant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a01",
      occurred_at: "2026-11-20T09:30:00.000Z",
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      schema_version: 1,
      sequence: 42,
      data: {
        dark_store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a91",
        store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
        status: "maintenance",
        is_active: false,
        reason: "inventory_audit",
      },
    },
  });

export const EventPage = z
  .object({
    data: z.array(Event),
    next_after: z.int().meta({ description: "`after` of the next page; on an empty page what was asked for", example: 42 }),
    last_sequence: z.int().meta({ description: "The newest there was", example: 42 }),
  })
  .meta({ id: "EventPage" });

export const ProjectionParams = z.strictObject({ name: z.string().meta({ example: "dark_store_catalog" }) });

export const Rebuilt = z
  .object({
    projection: z.string(),
    rows: z.int().meta({ description: "Rows it has now" }),
    added: z.int().meta({ description: "Were missing" }),
    changed: z.int().meta({ description: "Were not what the tables say" }),
    removed: z.int().meta({ description: "Should not have been there" }),
  })
  .meta({ id: "RebuiltProjection", example: { projection: "dark_store_catalog", rows: 412, added: 0, changed: 0, removed: 0 } });
