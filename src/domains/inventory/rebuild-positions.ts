import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import { CHECK_FROM_START, type CheckCursor, findDrift, type Place } from "./find-drift.ts";
import { noteDrift, repairNoted } from "./repair-steps.ts";

const PLACES_A_UNIT = 500;
/** What one answer reports and repairs; more than that is there for the next call. */
const MOST_PLACES = 5_000;

/**
 * Holds every position against the ledger and sets right those that differ. Reads before, a bounded page of positions each, outside the
 * writer; the units that repair look again. Answers the drift report. Refusals: LOCATION_UNKNOWN.
 */
export async function rebuildPositions(
  scope: RequestScope,
  { location_id, dry_run }: { location_id?: string | undefined; dry_run: boolean },
): Promise<UnitResult> {
  const runId = scope.clock.newId();
  const { checked, drifted } = await findAll(scope, location_id ?? null);
  const nowMs = scope.clock.now();
  const steps = (places: readonly Place[]) => [noteDrift(runId, places, nowMs), ...(dry_run ? [] : repairNoted(scope, runId, nowMs))];
  // All but the last piece under keys of our own: the request's key is for the answer.
  let rest = drifted;
  for (; rest.length > PLACES_A_UNIT; rest = rest.slice(PLACES_A_UNIT)) {
    const { receipt: _, ...own } = scope;
    const piece = { steps: steps(rest.slice(0, PLACES_A_UNIT)), answer: { status: 200, select: statement("SELECT json_object()") } };
    const result = await scope.db.write(unitOf(own, { ...piece, lane: "bulk", wakes: true }));
    if (result.kind !== "applied") return result;
  }
  return scope.db.write(
    unitOf(scope, {
      steps: [...(location_id === undefined ? [] : [locationsExist([location_id])]), ...(rest.length > 0 ? steps(rest) : [])],
      answer: {
        status: dry_run ? 200 : 201,
        select: statement(
          `SELECT json_object('run_id', ?, 'repaired', json(?), 'positions_checked', ?, 'drift', ${jsonListSql(
            `json_object('location_id', d.location_id, 'variant_id', d.variant_id, 'item_code', v.item_code,
              'stored', CASE WHEN d.stored_on_hand_e4 IS NOT NULL THEN json_object('quantity_on_hand', d.stored_on_hand_e4 / 10000.0,
                'quantity_reserved', d.stored_reserved_e4 / 10000.0) END,
              'ledger', json_object('quantity_on_hand', d.ledger_on_hand_e4 / 10000.0, 'quantity_reserved', d.ledger_reserved_e4 / 10000.0))`,
            "stock_drifts AS d CROSS JOIN variants AS v ON v.variant_id = d.variant_id WHERE d.run_id = ?",
            "d.location_id, v.item_code",
          )})`,
          runId,
          String(!dry_run),
          checked,
          runId,
        ),
      },
      lane: "bulk",
      wakes: true,
    }),
  );
}

async function findAll(scope: RequestScope, locationId: string | null): Promise<{ checked: number; drifted: Place[] }> {
  const drifted: Place[] = [];
  let checked = 0;
  for (let cursor: CheckCursor | null = CHECK_FROM_START; cursor !== null && drifted.length < MOST_PLACES; ) {
    const page = await findDrift(scope.db, cursor, locationId);
    drifted.push(...page.drifted);
    checked += page.checked;
    cursor = page.next;
  }
  return { checked, drifted };
}
