import { z } from "zod";
import { CurrencyCode, Id, ItemCode, PageQuery, PriceMinor, pageOf, Timestamp } from "../../platform/http/fields.ts";

const Channel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "must be lower case letters, digits, - or _")
  .meta({ description: "By which way it is sold; storefronts sell by `default`", example: "default" });

/** Percent with at most 4 decimals, as the database has it: ten-thousandths. */
export const TaxRate = z
  .number()
  .min(0, "must not be negative")
  .max(100, "must be at most 100")
  .refine((rate) => Math.abs(Math.round(rate * 10_000) / 10_000 - rate) < 1e-9, "must have at most 4 decimals")
  .meta({ description: "Percent", example: 9 });

export const taxRateE4 = (rate: number): number => Math.round(rate * 10_000);

const To = Timestamp.nullable().meta({
  description: "Not in effect any more at this time; null: no end",
  example: "2036-12-27T00:00:00.000Z",
});

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a81";
const example = {
  item_code: "LATTE-M",
  location_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12",
  channel: "default",
  currency: "SGD",
  price: 590,
  mrp: 650,
  tax_rate: 9,
  effective_from: "2036-12-24T00:00:00.000Z",
  effective_to: "2036-12-27T00:00:00.000Z",
};

export const CreatePrice = z
  .strictObject({
    variant_id: Id.optional(),
    item_code: ItemCode.optional().meta({ description: "Instead of variant_id" }),
    location_id: Id.nullish().meta({ description: "Without one: everywhere" }),
    channel: Channel.default("default"),
    currency: CurrencyCode.meta({ description: "A price counts only in stores with its currency" }),
    price: PriceMinor,
    mrp: PriceMinor.nullish().meta({ description: "The printed price that it is sold below" }),
    tax_rate: TaxRate.default(0),
    effective_from: Timestamp.optional().meta({ description: "Default: now" }),
    effective_to: To.optional(),
  })
  .refine((price) => (price.variant_id === undefined) !== (price.item_code === undefined), {
    message: "give variant_id or item_code, one of them",
    path: ["item_code"],
  })
  .meta({ id: "CreatePrice", example });
export type CreatePrice = z.output<typeof CreatePrice>;

export const UpdatePrice = z.strictObject({ effective_to: To }).meta({ id: "UpdatePrice", example: { effective_to: null } });
export type UpdatePrice = z.output<typeof UpdatePrice>;

export const Price = z
  .object({
    id: Id,
    variant_id: Id,
    item_code: ItemCode,
    location_id: Id.nullable().meta({ description: "null: everywhere" }),
    channel: Channel,
    currency: CurrencyCode,
    price: PriceMinor,
    mrp: PriceMinor.nullable(),
    tax_rate: z.number().meta({ description: "Percent" }),
    effective_from: Timestamp,
    effective_to: To,
    created_at: Timestamp,
  })
  .meta({ id: "Price", example: { id, variant_id: id, ...example, created_at: "2026-11-20T09:30:00.000Z" } });
export type Price = z.infer<typeof Price>;

export const PricePage = pageOf(Price).meta({ id: "PricePage" });

export const PriceQuery = PageQuery.extend({
  variant_id: Id.optional(),
  item_code: ItemCode.optional(),
  location_id: Id.optional().meta({ description: "Those of this location and those for everywhere" }),
  channel: Channel.optional(),
  at: Timestamp.optional().meta({ description: "Only what is in effect then" }),
});
export type PriceQuery = z.output<typeof PriceQuery>;
