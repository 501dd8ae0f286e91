import { z } from "zod";
import { Id, ItemCode, pageOf, Quantity, Timestamp } from "../../platform/http/fields.ts";

export const MOST_MOVEMENTS = 1_000;
export const MOST_LINES = 200;
/** Keeps products of quantities (a bundle's times a line's) within 64 bits. */
const LARGEST_QUANTITY = 100_000_000;
const LARGEST_LINE = 100_000;

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const location = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12";
const at = "2026-11-20T09:30:00.000Z";

const MOVEMENT_TYPES = [
  "purchase",
  "sale",
  "sale_committed",
  "waste",
  "adjustment",
  "transfer_in",
  "transfer_out",
  "return",
  "count",
] as const;
export const MovementType = z.enum(MOVEMENT_TYPES);

const Delta = Quantity.min(-LARGEST_QUANTITY).max(LARGEST_QUANTITY);
export const Counted = Quantity.min(0, "must not be negative: it is what was counted").max(LARGEST_QUANTITY);
export const LineQuantity = Quantity.positive("must be more than nothing").max(LARGEST_LINE);
const Reference = z.string().min(1, "must not be empty").max(120, "must be at most 120 characters");

export const named = {
  variant_id: Id.optional(),
  item_code: ItemCode.optional(),
};

export const namesOneVariant = ({ variant_id, item_code }: { variant_id?: string | undefined; item_code?: string | undefined }): boolean =>
  (variant_id === undefined) !== (item_code === undefined);
export const ONE_NAME = { message: "must name the variant by variant_id or by item_code, one of them" };

const MovementInput = z
  .strictObject({
    ...named,
    location_id: Id,
    movement_type: MovementType,
    quantity_delta: Delta.optional().meta({ description: "What it adds to the stock; a sale's is negative", example: -2 }),
    quantity: Counted.optional().meta({ description: "Of a `count`: what was counted", example: 14 }),
    expected_quantity: Delta.nullable()
      .optional()
      .meta({ description: "Of a `count`: what the counter believes is on hand (null: not tracked); anything else is refused" }),
    occurred_at: Timestamp,
    reference_type: Reference.max(40, "must be at most 40 characters").optional(),
    reference_id: Reference.optional(),
  })
  .refine(namesOneVariant, ONE_NAME)
  .superRefine(({ movement_type, quantity, quantity_delta, expected_quantity }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    const isCount = movement_type === "count";
    if (isCount && quantity === undefined) refuse("quantity", "must say what was counted");
    if (isCount && quantity_delta !== undefined) refuse("quantity_delta", "has no place in a count; send quantity");
    if (!isCount && quantity_delta === undefined) refuse("quantity_delta", "must say what it adds to the stock");
    if (!isCount && quantity !== undefined) refuse("quantity", "is for a count; send quantity_delta");
    if (!isCount && expected_quantity !== undefined) refuse("expected_quantity", "is for a count");
  });
export type MovementInput = z.output<typeof MovementInput>;

export const RecordMovements = z
  .strictObject({
    movements: z.array(MovementInput).min(1, "must not be empty").max(MOST_MOVEMENTS, `must be at most ${MOST_MOVEMENTS}`),
  })
  .meta({
    id: "RecordMovements",
    example: {
      movements: [
        { item_code: "LATTE-M", location_id: location, movement_type: "count", quantity: 16, occurred_at: at },
        {
          item_code: "LATTE-M",
          location_id: location,
          movement_type: "sale",
          quantity_delta: -2,
          occurred_at: "2026-11-20T09:45:00.000Z",
          reference_type: "order",
          reference_id: "ORD-10024",
        },
      ],
    },
  });
export type RecordMovements = z.output<typeof RecordMovements>;

export const Movement = z.object({
  movement_id: Id,
  variant_id: Id,
  item_code: ItemCode,
  location_id: Id,
  movement_type: MovementType,
  quantity_delta: z.number().nullable().meta({ description: "null for a count" }),
  quantity: z.number().nullable().meta({ description: "Of a count: what was counted" }),
  reference_type: z.string().nullable(),
  reference_id: z.string().nullable(),
  occurred_at: Timestamp,
});

const Figures = {
  quantity_on_hand: z.number(),
  quantity_reserved: z.number(),
  quantity_available: z.number(),
};

const PlaceFigures = z.object({ location_id: Id, variant_id: Id, item_code: ItemCode, ...Figures });

export const place = { location_id: location, variant_id: id, item_code: "LATTE-M" };
const figures = { quantity_on_hand: 14, quantity_reserved: 0, quantity_available: 14 };
const movementExample = {
  movement_id: id,
  ...place,
  movement_type: "sale" as const,
  quantity_delta: -2,
  quantity: null,
  reference_type: "order",
  reference_id: "ORD-10024",
  occurred_at: at,
};

export const RecordedMovements = z
  .object({
    movements: z.array(Movement),
    positions: z.array(PlaceFigures).meta({ description: "What the places come to now" }),
    below_zero: z
      .array(PlaceFigures)
      .meta({ description: "Those of them with less than nothing on hand: what happened is recorded all the same" }),
  })
  .meta({ id: "RecordedMovements", example: { movements: [movementExample], positions: [{ ...place, ...figures }], below_zero: [] } });

export const Position = z
  .object({
    location_id: Id,
    variant_id: Id,
    item_code: ItemCode,
    name: z.string(),
    ...Figures,
    allow_negative: z.boolean().meta({ description: "Reservations may take more than there is" }),
    reorder_point: z.number(),
    max_stock: z.number().nullable(),
    counted_at: Timestamp.nullable().meta({ description: "Of the newest count" }),
    updated_at: Timestamp,
  })
  .meta({
    id: "StockPosition",
    example: {
      ...place,
      name: "Latte – Medium",
      ...figures,
      allow_negative: false,
      reorder_point: 5,
      max_stock: null,
      counted_at: at,
      updated_at: at,
    },
  });
export type Position = z.infer<typeof Position>;
export const PositionPage = pageOf(Position).meta({ id: "StockPositionPage" });

export const UpdatePosition = z
  .strictObject({
    allow_negative: z.boolean().optional(),
    reorder_point: Counted.optional(),
    max_stock: Counted.nullable().optional(),
  })
  .meta({ id: "UpdateStockPosition", description: "Only the given fields change", example: { reorder_point: 5 } });
export type UpdatePosition = z.output<typeof UpdatePosition>;

export const linesExample = [{ item_code: "LATTE-M", quantity: 2 }];

export const CreateTransfer = z
  .strictObject({
    from_location_id: Id,
    to_location_id: Id,
    lines: z
      .array(z.strictObject({ ...named, quantity: LineQuantity }).refine(namesOneVariant, ONE_NAME))
      .min(1, "must not be empty")
      .max(MOST_LINES, `must be at most ${MOST_LINES}`),
    reference_id: Reference.optional().meta({ description: "Yours. Default: the transfer's id" }),
  })
  .refine(({ from_location_id, to_location_id }) => from_location_id !== to_location_id, {
    path: ["to_location_id"],
    message: "must be another location",
  })
  .meta({ id: "CreateTransfer", example: { from_location_id: location, to_location_id: id, lines: linesExample } });
export type CreateTransfer = z.output<typeof CreateTransfer>;

export const Transfer = z
  .object({ transfer_id: Id, movements: z.array(Movement), positions: z.array(PlaceFigures) })
  .meta({ id: "Transfer", example: { transfer_id: id, movements: [movementExample], positions: [{ ...place, ...figures }] } });

export const CreateRebuild = z
  .strictObject({ location_id: Id.optional().meta({ description: "Default: all of them" }) })
  .default({})
  .meta({ id: "CreateRebuild", example: { location_id: location } });

const Stored = z.object({ quantity_on_hand: z.number(), quantity_reserved: z.number() });

export const Rebuild = z
  .object({
    run_id: Id,
    repaired: z.boolean(),
    positions_checked: z.int(),
    drift: z.array(
      z.object({
        location_id: Id,
        variant_id: Id,
        item_code: ItemCode,
        stored: Stored.nullable().meta({ description: "null: there was no position" }),
        ledger: Stored,
      }),
    ),
  })
  .meta({
    id: "StockRebuild",
    example: {
      run_id: id,
      repaired: true,
      positions_checked: 812,
      drift: [{ ...place, stored: { quantity_on_hand: 9, quantity_reserved: 0 }, ledger: { quantity_on_hand: 14, quantity_reserved: 0 } }],
    },
  });
