import { z } from "zod";
import { Id, ItemCode, PageQuery, pageOf, Timestamp } from "../../platform/http/fields.ts";

const Note = z.string().trim().min(1, "must not be empty").max(300, "must be at most 300 characters").meta({ example: "Oven is broken" });
const Until = Timestamp.nullable().meta({
  description: "When it ends by itself; null: until further notice",
  example: "2026-11-20T12:00:00.000Z",
});

const example = { item_code: "LATTE-M", location_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12", until: "2036-11-20T12:00:00.000Z" };

export const CreateSnooze = z
  .strictObject({
    variant_id: Id.optional(),
    item_code: ItemCode.optional().meta({ description: "Instead of variant_id" }),
    location_id: Id.nullish().meta({ description: "Without one: everywhere" }),
    until: Until.optional(),
    note: Note.nullish(),
  })
  .refine((snooze) => (snooze.variant_id === undefined) !== (snooze.item_code === undefined), {
    message: "give variant_id or item_code, one of them",
    path: ["item_code"],
  })
  .meta({ id: "CreateSnooze", example });
export type CreateSnooze = z.output<typeof CreateSnooze>;

export const Snooze = z
  .object({
    id: Id,
    variant_id: Id,
    item_code: ItemCode,
    location_id: Id.nullable().meta({ description: "null: everywhere" }),
    until: Until,
    note: Note.nullable(),
    created_at: Timestamp,
  })
  .meta({
    id: "Snooze",
    example: {
      id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a71",
      variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a41",
      ...example,
      note: "Oven is broken",
      created_at: "2026-11-20T09:30:00.000Z",
    },
  });
export type Snooze = z.infer<typeof Snooze>;

export const SnoozePage = pageOf(Snooze).meta({ id: "SnoozePage" });
export const SnoozeQuery = PageQuery.extend({
  location_id: Id.optional().meta({ description: "What is snoozed there, by itself or everywhere" }),
});
