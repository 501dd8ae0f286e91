import { AppError } from "../../kernel/errors.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { priceKey } from "./create-price.ts";
import { priceAnswer } from "./price-reader.ts";
import type { UpdatePrice } from "./price-schemas.ts";
import { priceTurns } from "./price-turns.ts";

const exists = (priceId: string): UnitStep => ({
  guard: "NOT_FOUND",
  holds: "EXISTS (SELECT 1 FROM variant_prices WHERE variant_price_id = ?)",
  args: [priceId],
  details: statement("SELECT json_object('detail', 'There is no such price.')"),
});

/** Sets when a price ends, or that it does not. Answers the price. Throws VALIDATION_FAILED; refusals: NOT_FOUND, CONFLICT for one that has ended. */
export async function updatePrice(scope: RequestScope, priceId: string, { effective_to }: UpdatePrice): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const toMs = effective_to === null ? null : Date.parse(effective_to);
  if (toMs !== null && toMs <= nowMs) {
    const message = "must be in the future; DELETE ends it now";
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.effective_to", message }] });
  }
  return scope.db.write(
    unitOf(scope, {
      steps: [
        exists(priceId),
        {
          guard: "CONFLICT",
          holds: "EXISTS (SELECT 1 FROM variant_prices WHERE variant_price_id = ? AND (effective_to_ms IS NULL OR effective_to_ms > ?))",
          args: [priceId, nowMs],
          details: statement("SELECT json_object('detail', 'This price has ended. Make a new one.')"),
        },
        {
          guard: "VALIDATION_FAILED",
          holds: "? IS NULL OR EXISTS (SELECT 1 FROM variant_prices WHERE variant_price_id = ? AND effective_from_ms < ?)",
          args: [toMs, priceId, toMs],
          details: statement(
            "SELECT json_object('errors', json_array(json_object('path', 'body.effective_to', 'message', 'must be after effective_from')))",
          ),
        },
        statement("UPDATE variant_prices SET effective_to_ms = ? WHERE variant_price_id = ?", toMs, priceId),
        ...priceTurns(scope, nowMs, priceKey(priceId)),
      ],
      answer: { status: 200, select: priceAnswer(priceId) },
      wakes: true,
    }),
  );
}

/** Takes back a price that has not begun; one in effect ends now and stays as what was paid. One read before, for its place. Throws NOT_FOUND. */
export async function deletePrice(scope: RequestScope, priceId: string): Promise<UnitResult> {
  const { sql, args } = priceKey(priceId);
  const [rows] = await scope.db.read([statement(sql, ...args)], { fresh: true });
  const place = rows?.[0];
  if (!place) throw new AppError("NOT_FOUND", { detail: "There is no such price." });
  const nowMs = scope.clock.now();
  const key = statement(
    "SELECT ? AS variant_id, ? AS location_key, ? AS channel, ? AS currency",
    String(place["variant_id"]),
    String(place["location_key"]),
    String(place["channel"]),
    String(place["currency"]),
  );
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement("DELETE FROM variant_prices WHERE variant_price_id = ? AND effective_from_ms > ?", priceId, nowMs),
        statement(
          "UPDATE variant_prices SET effective_to_ms = ?1 WHERE variant_price_id = ?2 AND (effective_to_ms IS NULL OR effective_to_ms > ?1)",
          nowMs,
          priceId,
        ),
        ...priceTurns(scope, nowMs, key),
      ],
      answer: { status: 204, select: statement("SELECT json_object()") },
      wakes: true,
    }),
  );
}
