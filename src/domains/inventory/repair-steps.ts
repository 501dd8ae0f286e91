import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import type { Place } from "./find-drift.ts";
import { ACTIVE_RESERVED_SQL, ledgerFoldSql } from "./ledger-fold.ts";
import { refold } from "./movement-steps.ts";
import { orderabilitySteps } from "./orderability-steps.ts";

/** Writes down which of these places differ from their ledger or their reservations, in the unit of work that may repair them. */
export const noteDrift = (runId: string, places: readonly Place[], nowMs: number): Statement =>
  statement(
    `INSERT INTO stock_drifts (run_id, location_id, variant_id, stored_on_hand_e4, stored_reserved_e4, ledger_on_hand_e4, ledger_reserved_e4,
       found_at_ms)
     SELECT ?, p.location_id, p.variant_id, s.on_hand_e4, s.reserved_e4, p.on_hand_e4, ${ACTIVE_RESERVED_SQL}, ?
     FROM (${ledgerFoldSql("SELECT e.value ->> 'location_id' AS location_id, e.value ->> 'variant_id' AS variant_id FROM json_each(?) AS e")}) AS p
     LEFT JOIN stock_positions AS s ON s.location_id = p.location_id AND s.variant_id = p.variant_id
     WHERE s.on_hand_e4 IS NOT p.on_hand_e4 OR s.counted_at_ms IS NOT p.counted_at_ms OR s.reserved_e4 IS NOT ${ACTIVE_RESERVED_SQL}`,
    runId,
    nowMs,
    JSON.stringify(places),
  );

/** Sets what was noted to what the ledger and the reservations say, and tells of it: one incident a call. */
export function repairNoted(scope: Pick<Scope, "clock" | "trace_id">, runId: string, nowMs: number): Statement[] {
  const noted = statement("SELECT d.location_id, d.variant_id FROM stock_drifts AS d WHERE d.run_id = ?", runId);
  return [
    statement(
      `INSERT INTO stock_positions (location_id, variant_id, updated_at_ms) SELECT d.location_id, d.variant_id, ? FROM stock_drifts AS d
       WHERE d.run_id = ? AND d.stored_on_hand_e4 IS NULL ON CONFLICT DO NOTHING`,
      nowMs,
      runId,
    ),
    refold(noted),
    statement(
      `UPDATE stock_positions SET reserved_e4 = d.ledger_reserved_e4, updated_at_ms = d.found_at_ms FROM stock_drifts AS d
       WHERE d.run_id = ? AND stock_positions.location_id = d.location_id AND stock_positions.variant_id = d.variant_id`,
      runId,
    ),
    ...incident(scope, runId, nowMs),
    ...orderabilitySteps(scope, nowMs, noted),
  ];
}

const PLACE_JSON = `json_object('location_id', d.location_id, 'variant_id', d.variant_id, 'stored_on_hand', d.stored_on_hand_e4 / 10000.0,
  'stored_reserved', d.stored_reserved_e4 / 10000.0, 'ledger_on_hand', d.ledger_on_hand_e4 / 10000.0,
  'ledger_reserved', d.ledger_reserved_e4 / 10000.0)`;

const incident = (scope: Pick<Scope, "clock" | "trace_id">, runId: string, nowMs: number): Statement[] =>
  emitEvents(
    {
      event_type: "incident.created",
      source: "retail-agent",
      schema_version: 1,
      trace_id: scope.trace_id,
      occurred_at_ms: nowMs,
      rows: statement(
        `SELECT json_object('incident_id', ?, 'kind', 'stock_drift', 'summary', noted.places || ' positions differed from the stock ledger and were set right',
           'places', ${jsonListSql(PLACE_JSON, "(SELECT * FROM stock_drifts WHERE run_id = ? LIMIT 100) AS d", "d.location_id, d.variant_id")}) AS data
         FROM (SELECT count(*) AS places FROM stock_drifts AS d WHERE d.run_id = ?) AS noted WHERE noted.places > 0`,
        runId,
        runId,
        runId,
      ),
    },
    scope.clock.newId(),
  );
