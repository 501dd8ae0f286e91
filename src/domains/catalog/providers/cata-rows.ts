import { z } from "zod";

import { QUANTITY_SCALE, quantityToE4 } from "../../../kernel/quantity.ts";
import type { Applied } from "../canonical.ts";
import { absoluteHttpUrl, DESCRIPTION_LIMIT, isUsableKey, NAME_LIMIT, type Refusal } from "./canonical-rows.ts";
import { cleanText, plainText } from "./plain-text.ts";

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const isBlank = (value: unknown): boolean => value === null || value === undefined || (typeof value === "string" && value.trim() === "");

/** An id, item code or barcode: text, or a whole number that is read as text. */
const keyText = (value: unknown): unknown =>
  typeof value === "number" && Number.isSafeInteger(value) ? String(value) : typeof value === "string" ? value.trim() : value;

const usableKey = z.string("must be text or a whole number").refine(isUsableKey, "must be 1 to 255 characters without control characters");
const key = z.preprocess(keyText, usableKey);
const optionalKey = z.preprocess((value) => (isBlank(value) ? null : keyText(value)), usableKey.nullable());

const nameText = z.string("must be text").max(NAME_LIMIT, `must have at most ${NAME_LIMIT} characters`).transform(cleanText);
const name = nameText.pipe(z.string().min(1, "must not be empty"));

/** Null and "" mean the same as leaving the field out. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (isBlank(value) ? null : value), schema.nullable());

/** JSON has a negative zero; added to zero it is zero. */
const plainZero = (value: number): number => value + 0;

const price = z
  .number("must be a number")
  .int("must be in whole minor units (cents), without decimals")
  .nonnegative("must not be negative")
  .transform(plainZero);

/** Tax rates have the scale of quantities: percent with at most 4 decimals, as ten-thousandths. */
const percentE4 = z
  .number("must be a number")
  .refine(
    (percent) => percent >= 0 && percent <= 100 && quantityToE4(percent) !== null,
    "must be percent from 0 to 100, at most 4 decimals",
  )
  .transform((percent) => plainZero(Math.round(percent * QUANTITY_SCALE)));

const BUNDLE_QUANTITY_LIMIT = 10_000;

const quantityE4 = z
  .number("must be a number")
  .max(BUNDLE_QUANTITY_LIMIT, `must be at most ${BUNDLE_QUANTITY_LIMIT}`)
  .refine((quantity) => (quantityToE4(quantity) ?? 0) > 0, "must be above 0 with at most 4 decimals")
  .transform((quantity) => Math.round(quantity * QUANTITY_SCALE));

const whole = z.number("must be a number").int("must be a whole number");
const minimum = whole.nonnegative("must not be negative").transform(plainZero);
/** 0 is refused: some providers mean "none" by it and some "no limit". */
const maximum = whole.positive("must be above 0, or null for no limit").nullable();

const labels = optional(z.array(z.string("must be text").max(NAME_LIMIT), "must be a list of texts")).transform((list) => list ?? []);

const isActive = optional(z.boolean("must be true or false")).transform((active) => active ?? true);

const changed = {
  version: optional(minimum),
  updated_at: optional(z.iso.datetime({ offset: true, error: "must be an RFC 3339 time with a zone" })),
};

export const categoryRow = z.object({ id: key, name, parent_id: optionalKey }, "must be an object");

export const modifierGroupRow = z.object(
  {
    id: key,
    name,
    min: minimum,
    max: maximum,
    options: z.array(z.unknown(), "must be a list"),
    ...changed,
  },
  "must be an object",
);

export const modifierOptionRow = z.object(
  { id: key, name, price, item_code: optionalKey, active: isActive, default: optional(z.boolean("must be true or false")) },
  "must be an object",
);

const QUANTITY_LIMIT = 1_000_000_000;

export const stockRow = z.object(
  {
    id: key,
    location: optionalKey,
    quantity: z
      .number("must be a number")
      .refine((quantity) => Math.abs(quantity) <= QUANTITY_LIMIT && quantityToE4(quantity) !== null, "must have at most 4 decimals")
      .transform((quantity) => plainZero(Math.round(quantity * QUANTITY_SCALE))),
    counted_at: optional(z.iso.datetime({ offset: true, error: "must be an RFC 3339 time" }).transform((time) => Date.parse(time))),
  },
  "must be an object",
);

const modifierLinks = (bound: z.ZodType<number | null>) =>
  optional(
    z.array(
      z.union(
        [key, z.object({ id: key, min: optional(minimum), max: bound.optional() }, "must be an object")],
        "must be a modifier group id or {id, min, max}",
      ),
      "must be a list",
    ),
  ).transform((links) => (links ?? []).map((link) => (typeof link === "string" ? { id: link, min: null, max: undefined } : link)));

const bundle = optional(
  z.array(z.object({ item_code: key, quantity: optional(quantityE4) }, "must be an object"), "must be a list of item codes and quantities"),
).transform((lines) => lines ?? []);

const attributes = optional(
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean()], "must be text, a number, true or false"), "must be an object"),
).transform((given) =>
  Object.fromEntries(Object.entries(given ?? {}).map(([field, value]) => [cleanText(field), cleanText(String(value))])),
);

const sold = {
  item_code: optionalKey,
  price: optional(price),
  currency: optional(z.string("must be text")),
  barcode: optionalKey,
  attributes,
  bundle,
};

export const variantRow = z.object({ id: optionalKey, name: optional(nameText), active: isActive, ...sold }, "must be an object");

/** A product without choices carries the variant's fields itself. */
export const soleVariantRow = z.object(sold, "must be an object");

export const productRow = z.object(
  {
    id: key,
    name,
    description: optional(
      z.string("must be text").max(DESCRIPTION_LIMIT, `must have at most ${DESCRIPTION_LIMIT} characters`).transform(plainText),
    ).transform((text) => text || null),
    categories: optional(z.array(key, "must be a list of category ids")).transform((ids) => [...new Set(ids ?? [])]),
    image_url: optional(z.string("must be text").refine((url) => absoluteHttpUrl(url) !== null, "must be an absolute http(s) address")),
    active: isActive,
    tags: labels,
    allergens: labels,
    tax_rate: optional(percentE4),
    modifier_groups: modifierLinks(maximum),
    ...changed,
  },
  "must be an object",
);

const hash = z.string("must be text").regex(/^[0-9a-f]{64}$/, "must be a hash");
const applied = optional(z.object({ of: hash, hash }, "must be an object"));
const anyMaximum = minimum.nullable();

/** The rows of our own export: what other providers may send besides, and what our tables know of them. */
export const exportedRows = {
  category: categoryRow.extend({ position: optional(minimum), applied }),
  modifierGroup: modifierGroupRow.extend({ max: anyMaximum, applied }),
  modifierOption: modifierOptionRow.extend({ price: whole.transform(plainZero) }),
  product: productRow.extend({ modifier_groups: modifierLinks(anyMaximum), applied }),
  variant: variantRow.extend({ position: optional(minimum), applied }),
};

/** The rows of a payload that somebody wrote. */
export const writtenRows = {
  category: categoryRow.transform((row) => ({ ...row, position: null, applied: null })),
  modifierGroup: modifierGroupRow.transform((row) => ({ ...row, applied: null })),
  modifierOption: modifierOptionRow,
  product: productRow.transform((row) => ({ ...row, applied: null })),
  variant: variantRow.transform((row) => ({ ...row, position: null, applied: null })),
};

export type VariantRow = z.output<typeof exportedRows.variant>;
export type ProductRow = z.output<typeof exportedRows.product>;

/** `{ applied }` where there is one. */
export const ifApplied = (applied: Applied | null): { applied?: Applied } => (applied === null ? {} : { applied });

const valueAt = (row: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : null),
    row,
  );

/** `NAME_MISSING`, `PRICE_NEGATIVE`, `TAX_RATE_INVALID`: the field, and what is wrong with it. All problems are in the message. */
export function rowRefusal(row: unknown, error: z.ZodError): Refusal {
  const [first] = error.issues;
  const field = first?.path.findLast((step) => typeof step === "string");
  const problem = ({ path, message }: z.core.$ZodIssue): string =>
    path.length === 0 ? `row ${message}` : `${path.join(".")} ${isBlank(valueAt(row, path)) ? "is missing" : message}`;
  const message = `${error.issues.map(problem).join("; ")}.`;
  if (first === undefined || field === undefined) return { reason: "ROW_INVALID", message };
  const value = valueAt(row, first.path);
  const suffix = isBlank(value)
    ? "MISSING"
    : typeof value === "number" && value < 0
      ? "NEGATIVE"
      : typeof value === "number" && field === "price" && !Number.isInteger(value)
        ? "NOT_INTEGER"
        : "INVALID";
  return { reason: `${field.toUpperCase()}_${suffix}`, message };
}

/** The row's parsed form, or why it is refused. */
export function parseRow<T extends z.ZodType>(
  schema: T,
  row: unknown,
): { row: z.output<T>; refusal: null } | { row: null; refusal: Refusal } {
  const parsed = schema.safeParse(row);
  return parsed.success ? { row: parsed.data, refusal: null } : { row: null, refusal: rowRefusal(row, parsed.error) };
}

export const statedKey = (value: unknown): string | null => {
  const text = typeof value === "string" ? value.trim() : Number.isSafeInteger(value) ? String(value) : "";
  return text === "" ? null : text;
};

/** The item code that a row states, read without judging the rest of it. */
export const statedItemCode = (row: unknown): string | null => (isObject(row) ? (statedKey(row.item_code) ?? statedKey(row.id)) : null);

/** The row's own version, else its time of change in ms. */
export const providerVersion = (row: { version: number | null; updated_at: string | null }): number | null =>
  row.version ?? (row.updated_at === null ? null : Date.parse(row.updated_at));
