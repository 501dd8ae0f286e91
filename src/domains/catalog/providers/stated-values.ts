import { isUsableKey, NAME_LIMIT, type Refusal } from "./canonical-rows.ts";
import { cleanText } from "./plain-text.ts";

/** Reading what a provider's JSON states, without trusting its shape. */
export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

export const record = (value: unknown): Json => (isObject(value) ? value : {});

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Trimmed text, or null where there is none. */
export const text = (value: unknown): string | null => (typeof value === "string" && value.trim() !== "" ? value.trim() : null);

/** A safe whole number; some write 64-bit numbers as text. */
export function integer(value: unknown): number | null {
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number + 0 : null;
}

/** An id: text, or a whole number as text; null where there is none. */
export const statedId = (value: unknown): string | null => (typeof value === "number" ? (integer(value)?.toString() ?? null) : text(value));

/** A moment with its zone in ms; null where there is none. */
export function statedTime(value: unknown): number | null {
  const ms = Date.parse(text(value) ?? "");
  return Number.isNaN(ms) ? null : ms;
}

export const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "reason" in value;

/** The cleaned name, or why there is none. */
export function readName(value: unknown, field = "name"): string | Refusal {
  const name = typeof value === "string" && value.length <= NAME_LIMIT ? cleanText(value) : "";
  if (name !== "") return name;
  return text(value) === null
    ? { reason: "NAME_MISSING", message: `${field} must not be empty.` }
    : { reason: "NAME_INVALID", message: `${field} must be text of at most ${NAME_LIMIT} characters.` };
}

/** Why the object's id cannot be kept; null where it can. */
export function idRefusal(id: string | null): Refusal | null {
  if (id === null) return { reason: "ID_MISSING", message: "id must not be empty." };
  return isUsableKey(id) ? null : { reason: "ID_INVALID", message: "id must be 1 to 255 characters without control characters." };
}

/** Why an item code or a barcode cannot be kept; null where it can, or where there is none. */
export function keyRefusal(field: string, key: string | null, reason: string): Refusal | null {
  if (key === null || isUsableKey(key)) return null;
  return { reason, message: `${field} must be 1 to 255 characters without control characters.` };
}
