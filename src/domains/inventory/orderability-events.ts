import { z } from "zod";
import { ITEM_REASONS } from "./orderability-judgement.ts";

/** The `data` of the events that tell of orderability, by event type. */
export const orderabilityEvents = {
  "inventory.orderability.changed": z.strictObject({
    location_id: z.string(),
    variant_id: z.string(),
    item_code: z.string(),
    is_orderable: z.boolean(),
    /** Of the item itself; null: it can be ordered while the store sells. */
    reason_code: z.enum(ITEM_REASONS).nullable(),
    /** null: not counted there. */
    quantity_available: z.number().nullable(),
    /** When a snooze ends by itself. */
    snoozed_until_ms: z.int().nullable(),
  }),
};
