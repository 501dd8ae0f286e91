import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from "./bytes.ts";
import { AppError } from "./errors.ts";

/** Opaque list cursors: the sort key of the last row of a page. */
export const encodeCursor = (key: readonly (string | number)[]): string => toBase64Url(utf8(JSON.stringify(key)));

/** The key of `encodeCursor`; throws BAD_REQUEST for anything else. */
export function decodeCursor(cursor: string, length: number): (string | number)[] {
  try {
    const key: unknown = JSON.parse(fromUtf8(fromBase64Url(cursor)));
    if (Array.isArray(key) && key.length === length && key.every(isKeyPart)) return key;
  } catch {
    // Falls through to the same refusal: the reader can do nothing with the difference.
  }
  throw new AppError("BAD_REQUEST", { detail: "cursor is not one that this list gave; start again without it" });
}

/** Only what a row can hold, so that nobody's invention reaches the database. */
const isKeyPart = (part: unknown): part is string | number =>
  typeof part === "string" ? part.isWellFormed() : typeof part === "number" && Number.isSafeInteger(part);
