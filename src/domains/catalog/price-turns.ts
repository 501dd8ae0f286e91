import { type Statement, statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import type { WantedMessage } from "../../platform/queues/messages.ts";
import { wantAt, wantedDone } from "../../platform/writer/wanted.ts";
import { pricesTurned } from "./price-events.ts";

/** Places in one unit of work: sales wait for it. */
const AT_ONCE = 500;

const OF_KEY = `FROM variant_prices AS vp WHERE vp.variant_id = k.variant_id AND coalesce(vp.location_id, '') = k.location_key
  AND vp.channel = k.channel AND vp.currency = k.currency`;

/** Arguments: now, four times. */
const PRICED = `SELECT k.variant_id, k.location_key, k.channel, k.currency,
    (SELECT vp.price_minor ${OF_KEY} AND vp.effective_from_ms <= ? AND (vp.effective_to_ms IS NULL OR vp.effective_to_ms > ?)
      ORDER BY vp.effective_from_ms DESC LIMIT 1) AS price_minor,
    (SELECT min(b.at_ms) FROM (SELECT vp.effective_from_ms AS at_ms ${OF_KEY} AND vp.effective_from_ms > ?
      UNION ALL SELECT vp.effective_to_ms ${OF_KEY} AND vp.effective_to_ms > ?) AS b) AS next_change_at_ms`;

/**
 * The statements that tell of the prices at `keys` (a SELECT of variant_id, location_key, channel and currency with plain `?` arguments): put them
 * after the change; the unit has to wake. An event only where a price turned, and work is wanted for when the next one turns by itself.
 */
export function priceTurns(scope: Pick<Scope, "clock" | "trace_id">, nowMs: number, keys: Statement): Statement[] {
  const turnId = scope.clock.newId();
  const isSame = "effective_prices.price_minor IS excluded.price_minor";
  return [
    statement(
      `INSERT INTO effective_prices (variant_id, location_key, channel, currency, price_minor, next_change_at_ms, turn_id)
       SELECT n.*, CASE WHEN n.price_minor IS NOT NULL THEN ? END FROM (${PRICED} FROM (${keys.sql}) AS k) AS n WHERE true
       ON CONFLICT (variant_id, location_key, channel, currency) DO UPDATE SET
         previous_price_minor = iif(${isSame}, effective_prices.previous_price_minor, effective_prices.price_minor),
         turn_id = iif(${isSame}, effective_prices.turn_id, ?),
         price_minor = excluded.price_minor, next_change_at_ms = excluded.next_change_at_ms`,
      turnId,
      nowMs,
      nowMs,
      nowMs,
      nowMs,
      ...keys.args,
      turnId,
    ),
    ...pricesTurned(scope, turnId, nowMs),
    nextPriceTurn(nowMs),
  ];
}

const nextPriceTurn = (nowMs: number): Statement =>
  wantAt(
    "turn_prices",
    statement(
      `SELECT 'next' AS key, '{}' AS payload, e.at_ms AS due_at_ms
       FROM (SELECT min(next_change_at_ms) AS at_ms FROM effective_prices WHERE next_change_at_ms IS NOT NULL) AS e WHERE e.at_ms IS NOT NULL`,
    ),
    nowMs,
  );

/** Tells of the prices whose time has come or gone. One unit; what is left over is due again at once. */
export async function turnDuePrices(scope: Scope, message: WantedMessage): Promise<void> {
  const nowMs = scope.clock.now();
  const due = statement(
    `SELECT variant_id, location_key, channel, currency FROM effective_prices WHERE next_change_at_ms <= ? ORDER BY next_change_at_ms LIMIT ${AT_ONCE}`,
    nowMs,
  );
  const steps = [wantedDone("turn_prices", message.key, message.requests, nowMs), ...priceTurns(scope, nowMs, due)];
  const answer = { status: 200, select: statement("SELECT json_object()") };
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer, lane: "bulk", wakes: true })));
}
