import type { z } from "zod";
import { fromUtf8 } from "../../kernel/bytes.ts";
import { AppError, type FieldError } from "../../kernel/errors.ts";

export const JSON_LIMIT_BYTES = 1_048_576;

/** The body's bytes; throws BODY_TOO_LARGE as soon as it is known, without reading the rest. */
export async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new AppError("BODY_TOO_LARGE", { detail: `At most ${limitBytes} bytes are taken here.` });
  const declared = request.headers.get("content-length");
  if (Number(declared ?? 0) > limitBytes) throw tooLarge();
  if (!request.body) return new Uint8Array();
  // As long as it says it is: the server under us sees to that.
  if (declared !== null) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    length += chunk.length;
    if (length > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

export function parseJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new AppError("BAD_JSON", { detail: bytes.length === 0 ? "A JSON body is needed." : reason, cause });
  }
  const half = halfSurrogateIn(text);
  if (half !== null) throw new AppError("BAD_JSON", { detail: `${half} is half of a character; it stands for nothing by itself.` });
  return value;
}

/** A pair of escaped surrogates, a single one, or any other escape: whichever comes first, so that `\\ud800` is none. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|.)/g;
const SINGLE_LENGTH = 6;

/** JSON can write what is no text in any encoding; neither databases nor other parsers take it. Linear, whatever the nesting. */
function halfSurrogateIn(json: string): string | null {
  for (const [found] of json.matchAll(ESCAPE)) if (found.length === SINGLE_LENGTH) return found;
  return null;
}

/** Parses one part of a request; every problem at once, each with its path. */
export function parsePart<T extends z.ZodType>(schema: T, part: "body" | "query" | "params", value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, part));
  throw new AppError("VALIDATION_FAILED", { detail: summary(errors), errors });
}

function fieldErrors(issue: z.core.$ZodIssue, part: string): FieldError[] {
  const path = [part, ...issue.path.map(String)];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "is not a field of this request" }));
  return [{ path: path.join("."), message: issue.message }];
}

const summary = (errors: FieldError[]): string =>
  errors.length === 1 ? `${errors[0]?.path} ${errors[0]?.message}` : `${errors.length} fields are not valid; see errors.`;
