import { AppError } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { wantAt } from "../../platform/writer/wanted.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { snoozePlaces } from "./snooze-places.ts";
import { snoozeAnswer } from "./snooze-reader.ts";
import type { CreateSnooze } from "./snooze-schemas.ts";

/** When the next snooze ends by itself: then its events are due. */
export const nextSnoozeEnd = (nowMs: number): Statement =>
  wantAt(
    "end_snoozes",
    statement(
      "SELECT 'next' AS key, '{}' AS payload, ends.at_ms AS due_at_ms FROM (SELECT min(until_ms) AS at_ms FROM snoozes) AS ends WHERE ends.at_ms IS NOT NULL",
    ),
    nowMs,
  );

/**
 * Takes a variant off sale at a location or everywhere; where it is already, the new end and note hold. One read before, for the variant.
 * Answers the snooze. Throws VARIANT_UNKNOWN, VALIDATION_FAILED; refusal: LOCATION_UNKNOWN.
 */
export async function snoozeItem(scope: RequestScope, asked: CreateSnooze): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const untilMs = asked.until ? Date.parse(asked.until) : null;
  if (untilMs !== null && untilMs <= nowMs) {
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.until", message: "must be in the future" }] });
  }
  const variantId = await knownVariant(scope, asked);
  const locationId = asked.location_id ?? null;
  return scope.db.write(
    unitOf(scope, {
      steps: [
        {
          guard: "LOCATION_UNKNOWN",
          holds: "? IS NULL OR EXISTS (SELECT 1 FROM locations WHERE location_id = ?)",
          args: [locationId, locationId],
          details: statement(
            "SELECT json_object('errors', json_array(json_object('path', 'body.location_id', 'message', 'no such location')))",
          ),
        },
        statement(
          `INSERT INTO snoozes (snooze_id, variant_id, location_id, until_ms, note, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
           ON CONFLICT (variant_id, coalesce(location_id, '')) DO UPDATE SET until_ms = excluded.until_ms, note = excluded.note,
             updated_at_ms = excluded.updated_at_ms`,
          scope.clock.newId(),
          variantId,
          locationId,
          untilMs,
          asked.note ?? null,
          nowMs,
        ),
        ...orderabilitySteps(scope, nowMs, snoozePlaces(variantId, locationId)),
        ...(untilMs === null ? [] : [nextSnoozeEnd(nowMs)]),
      ],
      answer: { status: 201, select: snoozeAnswer(statement("SELECT ?", variantId), locationId) },
      wakes: true,
    }),
  );
}

async function knownVariant(scope: RequestScope, { variant_id, item_code }: CreateSnooze): Promise<string> {
  const [rows] = await scope.db.read(
    [statement("SELECT variant_id FROM variants WHERE variant_id = ?1 OR item_code = ?2", variant_id ?? null, item_code ?? null)],
    { fresh: true },
  );
  const row = rows?.[0];
  if (row) return String(row["variant_id"]);
  const path = variant_id === undefined ? "body.item_code" : "body.variant_id";
  throw new AppError("VARIANT_UNKNOWN", { errors: [{ path, message: "no such variant" }] });
}
