import { AppError, ERRORS } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { UnitResult, UnitStep } from "../db/unit-of-work.ts";
import { type RequestScope, unitOf } from "./scope.ts";

/** Fails, and so leaves no receipt. */
const NOTHING_TO_REMEMBER: UnitStep = statement("SELECT json('not answered before')");

/**
 * What a verb answers that failed before its own unit of work. The writer has the last word under the request's key: what it answered
 * before is answered again, though the same request would fail now. Else a 404 or 409, found on the primary, is what the data says: it is
 * remembered like a guard's refusal. Everything else is thrown on and leaves the key free.
 */
export async function refuse(
  scope: Pick<RequestScope, "clock" | "request_id" | "receipt">,
  database: DatabaseHandle,
  failure: unknown,
): Promise<UnitResult> {
  if (!(failure instanceof AppError) || !scope.receipt || ERRORS[failure.code][0] >= 500) throw failure;
  const { code, extras } = failure;
  const isSaidByData = [404, 409].includes(ERRORS[code][0]);
  const { detail, errors, extensions } = extras;
  const details = statement("SELECT ?", JSON.stringify({ detail, errors, ...extensions }));
  const step = isSaidByData ? { guard: code, holds: "0", details } : NOTHING_TO_REMEMBER;
  const result = await database.write(unitOf(scope, { steps: [step], answer: { status: 500, select: statement("SELECT 'null'") } }));
  if (result.kind === "fault") throw failure;
  return result;
}
