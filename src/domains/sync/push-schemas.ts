import { z } from "zod";
import { Id, Timestamp } from "../../platform/http/fields.ts";

const id = "01JD2N8M6Q3V8B7K1F0R5T9XYZ";
const at = "2026-11-20T09:30:00.000Z";
const MOST_OPERATIONS = 500;

const RFC_3339 = z.iso.datetime({ offset: true });

/** Milliseconds; null: it is no time. */
export const parseTime = (text: unknown): number | null => {
  const ms = RFC_3339.safeParse(text).success ? Date.parse(String(text)) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
};

const Operation = z
  .looseObject({ id: z.string().min(1, "must not be empty").max(64, "must be at most 64 characters").meta({ example: id }) })
  .meta({
    id: "SyncOperation",
    description:
      "`{id, type, occurred_at, payload, entity?, base_version?}`; what is wrong with it is told in its result. See docs/sync.md.",
  });

const operationExample = {
  id,
  type: "order.create",
  occurred_at: at,
  payload: {
    order_id: "01JD2N8M6Q3V8B7K1F0R5T9ABC",
    currency: "SGD",
    lines: [{ line_id: "1", item_code: "LATTE-M", quantity: 2, unit_price: 650, tax_rate: 0.09 }],
    payments: [{ payment_id: "1", method: "cash", amount: 1300, tendered: 1500 }],
    close: true,
  },
};

export const Push = z
  .strictObject({
    operations: z.array(Operation).max(MOST_OPERATIONS, `must be at most ${MOST_OPERATIONS}`),
    sent_at: z.iso.datetime({ offset: true, error: "must be a time, RFC 3339" }).optional().meta({ description: "The till's clock now" }),
    app_version: z.string().max(60, "must be at most 60 characters").optional(),
    queue_length: z.int().min(0).max(10_000_000).optional().meta({ description: "What is unsent, these included" }),
    acknowledge: z.array(z.string().max(100)).max(1_000, "must be at most 1000").default([]).meta({
      description: "Rejections that the till has taken note of, by the feed's id",
    }),
  })
  .meta({
    id: "SyncPush",
    example: { sent_at: at, app_version: "1.4.0", queue_length: 1, acknowledge: [], operations: [operationExample] },
  });
export type Push = z.output<typeof Push>;

const Result = z.object({
  id: z.string(),
  status: z.enum(["applied", "duplicate", "conflict", "rejected"]),
  version: z.int().optional().meta({ description: "Of what it is about" }),
  code: z.string().optional(),
  detail: z.string().optional(),
  current: z.unknown().optional().meta({ description: "What holds, where that is not what the operation says" }),
});

export const Pushed = z
  .object({
    results: z.array(Result).meta({ description: "One an operation, in order" }),
    cursor: z.string().meta({ description: "Where the feed stood afterwards; not one to pull from" }),
    server_time: Timestamp,
    clock_offset_ms: z.int().nullable().meta({ description: "What has to be added to the till's clock" }),
    below_zero: z
      .array(z.object({ location_id: Id, variant_id: Id, item_code: z.string(), quantity_on_hand: z.number().nullable() }).loose())
      .meta({ description: "What these sales left with less than nothing on hand" }),
  })
  .meta({
    id: "SyncPushed",
    example: {
      results: [{ id, status: "applied", version: 1 }],
      cursor: "WyI3ZjAx…",
      server_time: at,
      clock_offset_ms: -1200,
      below_zero: [],
    },
  });
