import { z } from "zod";
import { isCurrency } from "../../kernel/money.ts";
import { quantityToE4 } from "../../kernel/quantity.ts";

/** Fields that many routes share, with the messages people read. */
export const CurrencyCode = z
  .string()
  .refine(isCurrency, "must be an ISO 4217 currency code in capitals, as in USD")
  .meta({ description: "ISO 4217", example: "SGD" });

export const PriceMinor = z
  .int("must be a whole number of minor units")
  .min(0, "must not be negative")
  .max(1_000_000_000_000)
  .meta({ description: "Integer minor units of the currency", example: 650 });

export const Quantity = z
  .number()
  .refine((value) => quantityToE4(value) !== null, "must have at most 4 decimals")
  .meta({ description: "At most 4 decimals", example: 1 });

export const Id = z.uuid("must be an id as this API gives them").meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11" });

export const Name = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(300, "must be at most 300 characters")
  .meta({ example: "Tanjong Pagar" });

export const ItemCode = z.string().min(1).max(200).meta({ description: "The SKU, unique per tenant", example: "LATTE-M" });

export const Timestamp = z.iso.datetime().meta({ description: "RFC 3339, UTC", example: "2026-11-20T09:30:00.000Z" });

export const Timezone = z
  .string()
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  }, "must be an IANA time zone, as in Asia/Singapore")
  .meta({ example: "Asia/Singapore" });

export const Locale = z
  .string()
  .refine((locale) => {
    try {
      return Intl.getCanonicalLocales(locale).length === 1;
    } catch {
      return false;
    }
  }, "must be a BCP 47 language tag, as in en-SG")
  .meta({ example: "en-SG" });

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100).meta({ description: "Rows a page", example: 100 }),
  cursor: z.string().optional().meta({ description: "next_cursor of the page before" }),
});

/** A page of a list. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({ data: z.array(row), next_cursor: z.string().nullable().meta({ description: "null on the last page" }) });
