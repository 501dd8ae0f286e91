import { z } from "zod";
import { Id, ItemCode, Timestamp } from "../../platform/http/fields.ts";
import { LineQuantity, linesExample, MOST_LINES, named, namesOneVariant, ONE_NAME, place } from "./schemas.ts";

/** Travels as a part of a path: whatever a client's orders are called. */
export const OrderId = z.string().min(1, "must not be empty").max(120, "must be at most 120 characters").meta({ example: "ORD-10024" });

const LineModifier = z.strictObject({
  option_id: Id,
  quantity: LineQuantity.max(100, "must be at most 100").default(1).meta({ description: "For each unit of the line" }),
});

const Line = z
  .strictObject({
    ...named,
    quantity: LineQuantity,
    modifiers: z.array(LineModifier).max(50, "must be at most 50").default([]).meta({
      description: "Chosen options; one that is a variant of yours is reserved too",
    }),
  })
  .refine(namesOneVariant, ONE_NAME);
export type Line = z.output<typeof Line>;

const Lines = z.array(Line).max(MOST_LINES, `must be at most ${MOST_LINES}`);

export const CreateReservation = z
  .strictObject({
    order_id: OrderId,
    location_id: Id,
    lines: Lines.min(1, "must not be empty"),
    expires_in_s: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .meta({ description: "Without it: until it is committed or released", example: 900 }),
  })
  .meta({
    id: "CreateReservation",
    example: { order_id: "ORD-10024", location_id: place.location_id, lines: linesExample, expires_in_s: 900 },
  });
export type CreateReservation = z.output<typeof CreateReservation>;

export const CommitReservation = z
  .strictObject({
    location_id: Id.optional().meta({ description: "Without it: wherever the order has reserved" }),
    lines: Lines.optional().meta({ description: "What was picked, where it was less than reserved; the rest is freed" }),
  })
  .refine(({ location_id, lines }) => lines === undefined || location_id !== undefined, {
    path: ["location_id"],
    message: "must say where the lines were picked",
  })
  .default({})
  .meta({ id: "CommitReservation", example: { location_id: place.location_id, lines: linesExample } });
export type CommitReservation = z.output<typeof CommitReservation>;

export const ReleaseReservation = z
  .strictObject({ location_id: Id.optional().meta({ description: "Without it: wherever the order has reserved" }) })
  .default({})
  .meta({ id: "ReleaseReservation", example: { location_id: place.location_id } });
export type ReleaseReservation = z.output<typeof ReleaseReservation>;

export const Reservation = z
  .object({
    order_id: OrderId,
    lines: z.array(
      z.object({
        location_id: Id,
        variant_id: Id,
        item_code: ItemCode,
        quantity: z.number().meta({ description: "Reserved: of a bundle, its components" }),
        committed_quantity: z.number(),
        status: z.enum(["active", "committed", "released", "expired"]),
        expires_at: Timestamp.nullable(),
      }),
    ),
  })
  .meta({
    id: "Reservation",
    example: {
      order_id: "ORD-10024",
      lines: [{ ...place, quantity: 2, committed_quantity: 0, status: "active", expires_at: "2026-11-20T09:45:00.000Z" }],
    },
  });
