import { z } from "zod";
import { quantityToE4 } from "../../kernel/quantity.ts";
import { CurrencyCode, ItemCode } from "../../platform/http/fields.ts";

/** Made by the till, once. */
export const TillId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, hyphens and underscores")
  .meta({ description: "Yours: a UUIDv7 or ULID", example: "01JD2N8M6Q3V8B7K1F0R5T9XYZ" });

const Amount = z.int("must be a whole number of minor units").min(-1_000_000_000_000).max(1_000_000_000_000);
const Positive = Amount.min(0, "must not be negative");
const E4 = (label: string) => z.number().refine((value) => quantityToE4(value) !== null, `${label} must have at most 4 decimals`);
const Sold = E4("it").refine((value) => value > 0 && value <= 1_000_000, "must be more than 0 and at most 1,000,000");
const Text = z.string().max(500, "must be at most 500 characters");
const MOST_LINES = 200;

const named = { variant_id: z.string().max(64).optional(), item_code: ItemCode.optional() };
const namesOne = ({ variant_id, item_code }: { variant_id?: string | undefined; item_code?: string | undefined }) =>
  (variant_id === undefined) !== (item_code === undefined);
const ONE_NAME = { path: ["variant_id"], message: "must be given, or item_code, and not both" };

export const OrderLine = z
  .strictObject({
    line_id: TillId,
    ...named,
    name: Text.optional().meta({ description: "As it stood on the receipt" }),
    quantity: Sold.meta({ example: 2 }),
    unit_price: Amount.meta({ description: "What was charged for one", example: 650 }),
    modifiers: z
      .array(
        z.strictObject({
          option_id: z.string().max(64).optional(),
          name: Text.optional(),
          price: Amount,
          quantity: Sold.default(1).meta({ description: "For each unit of the line" }),
        }),
      )
      .max(50, "must be at most 50")
      .default([]),
    discount: Positive.default(0).meta({ description: "Taken off the line" }),
    tax_rate: E4("it").min(0, "must not be negative").max(1, "must be at most 1").default(0).meta({ example: 0.09 }),
    note: Text.optional(),
  })
  .refine(namesOne, ONE_NAME);
export type OrderLine = z.output<typeof OrderLine>;

const payment = {
  payment_id: TillId,
  method: z.enum(["cash", "card", "other"]),
  amount: Amount.meta({ example: 1300 }),
  tendered: Positive.optional().meta({ description: "Of cash: what was handed over" }),
  reference: z.string().max(200, "must be at most 200 characters").optional(),
  shift_id: TillId.optional(),
};
export const OrderPayment = z.strictObject(payment);
export type OrderPayment = z.output<typeof OrderPayment>;

const Lines = z.array(OrderLine).max(MOST_LINES, `must be at most ${MOST_LINES}`);
const Payments = z.array(OrderPayment).max(50, "must be at most 50").default([]);

export const CreateOrder = z.strictObject({
  order_id: TillId,
  currency: CurrencyCode,
  number: z.string().max(60, "must be at most 60 characters").optional().meta({ description: "What the receipt calls it" }),
  shift_id: TillId.optional(),
  customer_id: TillId.optional(),
  note: Text.optional(),
  tax_included: z.boolean().default(true),
  total: Amount.optional().meta({ description: "What the till made of it; kept where it differs" }),
  lines: Lines,
  payments: Payments,
  close: z.boolean().default(false),
});
export type CreateOrder = z.output<typeof CreateOrder>;

export const AddLines = z.strictObject({ order_id: TillId, lines: Lines.min(1, "must not be empty") });
export const CloseOrder = z.strictObject({ order_id: TillId, payments: Payments });
export const CancelOrder = z.strictObject({ order_id: TillId, reason: Text.optional() });
export const RecordPayment = z.strictObject({ order_id: TillId, ...payment });

export const AdjustInventory = z
  .strictObject({
    ...named,
    quantity_delta: E4("it").refine((value) => value !== 0 && Math.abs(value) <= 1_000_000, "must not be 0, and at most 1,000,000"),
    movement_type: z.enum(["adjustment", "waste", "return", "purchase"]).default("adjustment"),
    note: Text.optional(),
  })
  .refine(namesOne, ONE_NAME);
export type AdjustInventory = z.output<typeof AdjustInventory>;

export const UpsertCustomer = z.strictObject({
  customer_id: TillId,
  fields: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a name in snake_case"), Text.nullable())
    .refine((fields) => Object.keys(fields).length <= 40, "must be at most 40 fields"),
});
export type UpsertCustomer = z.output<typeof UpsertCustomer>;

export const OpenShift = z.strictObject({
  shift_id: TillId,
  currency: CurrencyCode,
  opening_amount: Positive,
  opened_by: z.string().max(120).optional(),
});
export type OpenShift = z.output<typeof OpenShift>;

export const CloseShift = z.strictObject({
  shift_id: TillId,
  counted_amount: Positive,
  closed_by: z.string().max(120).optional(),
  note: Text.optional(),
});
export type CloseShift = z.output<typeof CloseShift>;

export const MoveCash = z.strictObject({
  shift_id: TillId,
  movement_id: TillId,
  direction: z.enum(["in", "out"]),
  amount: Positive,
  reason: Text.optional(),
});
export type MoveCash = z.output<typeof MoveCash>;

/** The payload of every kind of operation. */
export const OPERATIONS = {
  "order.create": CreateOrder,
  "order.add_lines": AddLines,
  "order.close": CloseOrder,
  "order.cancel": CancelOrder,
  "payment.record": RecordPayment,
  inventory_adjustment: AdjustInventory,
  "customer.upsert": UpsertCustomer,
  "shift.open": OpenShift,
  "shift.close": CloseShift,
  "cash.movement": MoveCash,
} as const;
export type OperationType = keyof typeof OPERATIONS;

export const isOperationType = (type: string): type is OperationType => Object.hasOwn(OPERATIONS, type);

/** What happened, as a till tells it, its payload checked. */
export type Happening = {
  [T in OperationType]: { type: T; payload: z.output<(typeof OPERATIONS)[T]> };
}[OperationType] & {
  /** Of the payload: the same id with the same content is the same thing. */
  fingerprint: string;
  /** As the till says; and by our clock, never later than now. */
  occurred_at_ms: number;
  happened_at_ms: number;
};
