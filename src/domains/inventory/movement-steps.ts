import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { wantAt } from "../../platform/writer/wanted.ts";
import { nextNightMs } from "./check-time.ts";
import { FIGURES_SQL } from "./events.ts";
import { ACTIVE_RESERVED_SQL, ledgerFoldSql } from "./ledger-fold.ts";

/**
 * The statements that bring positions up to date with movements written just before in the same unit of work, and their events.
 * `written` is a SELECT of those rows of stock_movements, in order. A place that has none gets its position here.
 */
export function movementSteps(
  scope: Pick<Scope, "clock" | "trace_id">,
  written: Statement,
  { has_counts, now_ms }: { has_counts: boolean; now_ms: number },
): Statement[] {
  return [
    addToPositions(written, now_ms),
    ...(has_counts ? [refold(countedPlaces(written))] : []),
    ...emitEvents(
      {
        event_type: "inventory.stock.adjusted",
        source: "catalog-service",
        schema_version: 1,
        trace_id: scope.trace_id,
        occurred_at_ms: now_ms,
        rows: statement(
          `SELECT json_object('movement_id', w.movement_id, 'variant_id', w.variant_id, 'location_id', w.location_id,
             'movement_type', w.movement_type, 'quantity_delta', ${DELTA_SQL}, 'quantity', ${COUNTED_SQL}, ${FIGURES_SQL},
             'reference_type', w.reference_type, 'reference_id', w.reference_id) AS data
           FROM (${written.sql}) AS w CROSS JOIN stock_positions AS p ON p.location_id = w.location_id AND p.variant_id = w.variant_id`,
          ...written.args,
        ),
      },
      scope.clock.newId(),
    ),
    // What has a ledger is checked against it once a night.
    wantAt("check_stock", statement("SELECT 'all' AS key, '{}' AS payload, ? AS due_at_ms", nextNightMs(now_ms)), now_ms),
  ];
}

const DELTA_SQL = "CASE WHEN w.movement_type <> 'count' THEN w.quantity_e4 / 10000.0 END";
const COUNTED_SQL = "CASE WHEN w.movement_type = 'count' THEN w.quantity_e4 / 10000.0 END";

/** What came before a place's newest count no longer counts; counts themselves are `refold`'s. */
const addToPositions = (written: Statement, nowMs: number): Statement =>
  statement(
    `INSERT INTO stock_positions (location_id, variant_id, on_hand_e4, reserved_e4, updated_at_ms)
     SELECT p.location_id, p.variant_id, p.delta_e4, iif(p.is_new, ${ACTIVE_RESERVED_SQL}, 0), ?
     FROM (SELECT w.location_id, w.variant_id, max(held.location_id) IS NULL AS is_new,
         sum(iif(w.movement_type = 'count'
           OR (held.counted_at_ms IS NOT NULL AND (w.occurred_at_ms, w.movement_id) < (held.counted_at_ms, held.counted_movement_id)),
           0, w.quantity_e4)) AS delta_e4
       FROM (${written.sql}) AS w
       LEFT JOIN stock_positions AS held ON held.location_id = w.location_id AND held.variant_id = w.variant_id
       GROUP BY w.location_id, w.variant_id) AS p
     WHERE true
     ON CONFLICT (location_id, variant_id) DO UPDATE SET on_hand_e4 = stock_positions.on_hand_e4 + excluded.on_hand_e4,
       updated_at_ms = excluded.updated_at_ms`,
    nowMs,
    ...written.args,
  );

const countedPlaces = (written: Statement): Statement =>
  statement(`SELECT DISTINCT w.location_id, w.variant_id FROM (${written.sql}) AS w WHERE w.movement_type = 'count'`, ...written.args);

/** Sets positions to what the ledger comes to, whatever they are. `places`: a SELECT of distinct location_id and variant_id. */
export const refold = (places: Statement): Statement =>
  statement(
    `UPDATE stock_positions SET on_hand_e4 = f.on_hand_e4, counted_at_ms = f.counted_at_ms, counted_movement_id = f.counted_movement_id
     FROM (${ledgerFoldSql(places.sql)}) AS f
     WHERE stock_positions.location_id = f.location_id AND stock_positions.variant_id = f.variant_id`,
    ...places.args,
  );

/** An SQL expression: the movements of `written` as the API gives them. */
export const movementsJsonSql = (written: Statement): string =>
  jsonListSql(
    `json_object('movement_id', w.movement_id, 'variant_id', w.variant_id, 'item_code', v.item_code, 'location_id', w.location_id,
      'movement_type', w.movement_type, 'quantity_delta', ${DELTA_SQL}, 'quantity', ${COUNTED_SQL},
      'reference_type', w.reference_type, 'reference_id', w.reference_id, 'occurred_at', ${timestampSql("w.occurred_at_ms")})`,
    `(${written.sql}) AS w CROSS JOIN variants AS v ON v.variant_id = w.variant_id`,
    "w.movement_id",
  );

/** An SQL expression: the positions of those movements' places. `where` is over `stock_positions AS p`. */
export const positionsJsonSql = (written: Statement, where = "true"): string =>
  jsonListSql(
    `json_object('location_id', p.location_id, 'variant_id', p.variant_id, 'item_code', v.item_code, ${FIGURES_SQL})`,
    `(SELECT DISTINCT w.location_id, w.variant_id FROM (${written.sql}) AS w) AS d
     CROSS JOIN stock_positions AS p ON p.location_id = d.location_id AND p.variant_id = d.variant_id
     CROSS JOIN variants AS v ON v.variant_id = p.variant_id WHERE ${where}`,
    "p.location_id, v.item_code",
  );
