import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { judgeAffected } from "./orderability-judgement.ts";

/** The unit of work that changes something. `flip_id`: its events' ids count up from it. */
interface OrderabilityChange {
  flip_id: string;
  now_ms: number;
  trace_id: string;
}

/**
 * The statements that bring the orderability of `places` up to date in the unit of work that changed what it depends on; put them after the
 * change and before the answer; the unit has to wake (`wakes: true`). `places` is a SELECT of the columns location_id and variant_id with plain
 * `?` arguments (rows may repeat); the bundles that hold these variants and the items whose modifier options they are follow from it.
 * An event and a new document are written only where a flag or a reason turned. One call a unit.
 */
export function orderabilitySteps(scope: Pick<Scope, "clock" | "trace_id">, nowMs: number, places: Statement): Statement[] {
  const change = { flip_id: scope.clock.newId(), now_ms: nowMs, trace_id: scope.trace_id };
  return [projectPlaces(change, places), ...emitFlips(change), raiseDocuments(change)];
}

const SAME = (column: string) => `orderability_projection.${column} IS excluded.${column}`;

function projectPlaces({ flip_id, now_ms }: OrderabilityChange, places: Statement): Statement {
  const judged = judgeAffected(places, now_ms);
  // Nothing was said of it before, and nothing is against it: that is no turn.
  return statement(
    `INSERT INTO orderability_projection
       (location_id, variant_id, item_code, reason_code, available_e4, snoozed_until_ms, reason_after, flip_id, change_id, updated_at_ms)
     SELECT n.location_id, n.variant_id, n.item_code, n.reason_code, n.available_e4, n.snoozed_until_ms, n.reason_after,
       CASE WHEN n.reason_code IS NOT NULL THEN ? END, ?, ?
     FROM (${judged.sql}) AS n WHERE true
     ON CONFLICT (location_id, variant_id) DO UPDATE SET
       flip_id = iif(${SAME("reason_code")}, orderability_projection.flip_id, excluded.change_id),
       change_id = iif(${SAME("reason_code")} AND ${SAME("snoozed_until_ms")} AND ${SAME("reason_after")} AND ${SAME("item_code")},
         orderability_projection.change_id, excluded.change_id),
       item_code = excluded.item_code, reason_code = excluded.reason_code, available_e4 = excluded.available_e4,
       snoozed_until_ms = excluded.snoozed_until_ms, reason_after = excluded.reason_after, updated_at_ms = excluded.updated_at_ms
     WHERE NOT (${SAME("reason_code")} AND ${SAME("available_e4")} AND ${SAME("snoozed_until_ms")} AND ${SAME("reason_after")}
       AND ${SAME("item_code")})`,
    flip_id,
    flip_id,
    now_ms,
    ...judged.args,
  );
}

/** `inventory.orderability.changed` for each place whose flag or reason this unit turned. */
const emitFlips = ({ flip_id, now_ms, trace_id }: OrderabilityChange): Statement[] =>
  emitEvents(
    {
      event_type: "inventory.orderability.changed",
      source: "catalog-service",
      schema_version: 1,
      trace_id,
      occurred_at_ms: now_ms,
      rows: statement(
        `SELECT json_object('location_id', o.location_id, 'variant_id', o.variant_id, 'item_code', o.item_code,
           'is_orderable', json(iif(o.is_orderable, 'true', 'false')), 'reason_code', o.reason_code,
           'quantity_available', CASE WHEN o.available_e4 IS NOT NULL THEN o.available_e4 / 10000.0 END,
           'snoozed_until_ms', o.snoozed_until_ms) AS data
         FROM orderability_projection AS o WHERE o.change_id = ? AND o.flip_id = ?`,
        flip_id,
        flip_id,
      ),
    },
    flip_id,
  );

/** Patches the documents of the locations where this unit changed anything but a quantity. */
const raiseDocuments = ({ flip_id, now_ms }: OrderabilityChange): Statement =>
  statement(
    `INSERT INTO orderability_documents (location_id, version, changed_at_ms, items)
     SELECT o.location_id, 1, ?, json_group_object(o.variant_id, json_array(o.item_code, o.reason_code, o.snoozed_until_ms, o.reason_after))
     FROM orderability_projection AS o WHERE o.change_id = ? GROUP BY o.location_id
     ON CONFLICT (location_id) DO UPDATE SET version = orderability_documents.version + 1, changed_at_ms = excluded.changed_at_ms,
       items = json_patch(orderability_documents.items, excluded.items)`,
    now_ms,
    flip_id,
  );
