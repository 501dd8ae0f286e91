import { AppError } from "../../kernel/errors.ts";
import { statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { priceAnswer } from "./price-reader.ts";
import { type CreatePrice, taxRateE4 } from "./price-schemas.ts";
import { priceTurns } from "./price-turns.ts";

const NAMED = "SELECT v.variant_id FROM variants AS v WHERE v.variant_id = ? OR v.item_code = ?";

/**
 * A price of a variant at a location or everywhere, from a time and to another. Of several in effect the one that began last holds, so one for a
 * weekend stands over the standing one and gives it back. Answers the price. Throws VALIDATION_FAILED; refusals: VARIANT_UNKNOWN, LOCATION_UNKNOWN,
 * PRICE_START_TAKEN naming the other, VALIDATION_FAILED where the location's store sells in another currency.
 */
export async function createPrice(scope: RequestScope, asked: CreatePrice): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const fromMs = asked.effective_from === undefined ? nowMs : Date.parse(asked.effective_from);
  const toMs = asked.effective_to == null ? null : Date.parse(asked.effective_to);
  if (toMs !== null && toMs <= Math.max(fromMs, nowMs)) {
    const message = toMs <= fromMs ? "must be after effective_from" : "must be in the future";
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.effective_to", message }] });
  }
  const priceId = scope.clock.newId();
  const locationId = asked.location_id ?? null;
  const named = [asked.variant_id ?? null, asked.item_code ?? null];
  return scope.db.write(
    unitOf(scope, {
      steps: [
        ...guards(asked, named, locationId, fromMs),
        statement(
          `INSERT INTO variant_prices (variant_price_id, variant_id, location_id, channel, currency, mrp_minor, price_minor, tax_rate_e4,
             effective_from_ms, effective_to_ms, created_at_ms)
           SELECT ?, named.variant_id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM (${NAMED}) AS named`,
          priceId,
          locationId,
          asked.channel,
          asked.currency,
          asked.mrp ?? null,
          asked.price,
          taxRateE4(asked.tax_rate),
          fromMs,
          toMs,
          nowMs,
          ...named,
        ),
        ...priceTurns(scope, nowMs, priceKey(priceId)),
      ],
      answer: { status: 201, select: priceAnswer(priceId) },
      wakes: true,
    }),
  );
}

/** The place of a price, as `priceTurns` takes it. */
export const priceKey = (priceId: string) =>
  statement(
    "SELECT variant_id, coalesce(location_id, '') AS location_key, channel, currency FROM variant_prices WHERE variant_price_id = ?",
    priceId,
  );

function guards(asked: CreatePrice, named: (string | null)[], locationId: string | null, fromMs: number): Guard[] {
  const at = asked.variant_id === undefined ? "item_code" : "variant_id";
  const taken = `FROM variant_prices AS o WHERE o.variant_id = (${NAMED}) AND coalesce(o.location_id, '') = coalesce(?, '') AND o.channel = ?
    AND o.currency = ? AND o.effective_from_ms = ?`;
  const takenArgs = [...named, locationId, asked.channel, asked.currency, fromMs];
  const errors = (path: string, message: string) =>
    statement("SELECT json_object('errors', json_array(json_object('path', ?, 'message', ?)))", path, message);
  const place: Guard[] =
    locationId === null
      ? []
      : [
          {
            guard: "LOCATION_UNKNOWN",
            holds: "EXISTS (SELECT 1 FROM locations WHERE location_id = ?)",
            args: [locationId],
            details: errors("body.location_id", "no such location"),
          },
          {
            guard: "VALIDATION_FAILED",
            holds: "NOT EXISTS (SELECT 1 FROM stores WHERE location_id = ? AND currency <> ?)",
            args: [locationId, asked.currency],
            details: statement(
              `SELECT json_object('errors', json_array(json_object('path', 'body.currency', 'message', 'must be ' || currency || ', as its store has it')))
               FROM stores WHERE location_id = ?`,
              locationId,
            ),
          },
        ];
  return [
    { guard: "VARIANT_UNKNOWN", holds: `EXISTS (${NAMED})`, args: named, details: errors(`body.${at}`, "no such variant") },
    ...place,
    {
      guard: "PRICE_START_TAKEN",
      holds: `NOT EXISTS (SELECT 1 ${taken})`,
      args: takenArgs,
      details: statement(
        `SELECT json_object('detail', 'Price ' || o.variant_price_id || ' of the same place, channel and currency begins then too. Delete it, or begin at another time.',
           'price_id', o.variant_price_id, 'price', o.price_minor) ${taken}`,
        ...takenArgs,
      ),
    },
  ];
}
