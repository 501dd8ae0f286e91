import { type Statement, statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { logEvent } from "../../platform/observability/log.ts";
import { judgePlaces } from "./orderability-judgement.ts";
import { orderabilitySteps } from "./orderability-steps.ts";

const NAME = "orderability";
/** Places in one unit of work: sales wait for it. */
const PLACES_A_UNIT = 500;

/** The next variants that have something to be told of at a location: known before, on its menus, counted or snoozed there. */
const NEXT_VARIANTS = `SELECT o.variant_id FROM orderability_projection AS o WHERE o.location_id = ?1 AND o.variant_id > ?2
  UNION SELECT p.variant_id FROM stock_positions AS p WHERE p.location_id = ?1 AND p.variant_id > ?2
  UNION SELECT z.variant_id FROM snoozes AS z WHERE z.location_id = ?1 AND z.variant_id > ?2
  UNION SELECT i.variant_id FROM stores AS s CROSS JOIN menus AS m ON m.store_id = s.store_id AND m.deleted_at_ms IS NULL
    CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id WHERE s.location_id = ?1 AND i.variant_id > ?2
  ORDER BY 1 LIMIT ?3`;

const TOLD = "json_array(o.item_code, o.reason_code, o.snoozed_until_ms, o.reason_after)";

/** Whether a location's document says what its projection says, and nothing else. Without either there is nothing to say. */
const DOCUMENT_FITS = `SELECT count(*) AS places, coalesce((SELECT count(*) FROM orderability_documents AS d CROSS JOIN json_each(d.items) AS e
    WHERE d.location_id = ?1), 0) AS told, coalesce((SELECT count(*) FROM orderability_documents AS d CROSS JOIN json_each(d.items) AS e
    CROSS JOIN orderability_projection AS o ON o.location_id = d.location_id AND o.variant_id = e.key
    WHERE d.location_id = ?1 AND e.value = ${TOLD}), 0) AS fitting
  FROM orderability_projection WHERE location_id = ?1`;

/** Orderability made from the tables again, in pages; only what is wrong is written, and told by events. */
export const orderabilityRebuild = {
  name: NAME,
  async rebuild(scope: Scope) {
    const drift = { rows: 0, added: 0, changed: 0, removed: 0 };
    const [locations = []] = await scope.db.read([statement("SELECT location_id FROM locations ORDER BY 1")], { fresh: true });
    for (const row of locations) {
      const locationId = String(row["location_id"]);
      await rebuildPlaces(scope, locationId, drift);
      await rebuildDocument(scope, locationId, drift);
    }
    logEvent("projection.rebuilt", { projection: NAME, tenant: scope.tenant.slug, ...drift });
    return drift;
  },
};

async function rebuildPlaces(scope: Scope, locationId: string, drift: { rows: number; added: number; changed: number }): Promise<void> {
  for (let after = ""; ; ) {
    const [variants = []] = await scope.db.read([statement(NEXT_VARIANTS, locationId, after, PLACES_A_UNIT)], { fresh: true });
    const last = variants.at(-1);
    if (!last) return;
    after = String(last["variant_id"]);
    const ids = JSON.stringify(variants.map(({ variant_id }) => variant_id));
    const places = statement("SELECT ? AS location_id, value AS variant_id FROM json_each(?)", locationId, ids);
    const [[found] = []] = await scope.db.read([compare(places, scope.clock.now())], { fresh: true });
    const [added, changed] = [Number(found?.["added"]), Number(found?.["changed"])];
    drift.rows += variants.length;
    drift.added += added;
    drift.changed += changed;
    if (added + changed === 0) continue;
    await write(scope, orderabilitySteps(scope, scope.clock.now(), places));
  }
}

function compare(places: Statement, nowMs: number): Statement {
  const judged = judgePlaces(places, nowMs);
  return statement(
    `SELECT coalesce(sum(o.variant_id IS NULL), 0) AS added, coalesce(sum(o.variant_id IS NOT NULL AND NOT (o.item_code IS n.item_code
       AND o.reason_code IS n.reason_code AND o.available_e4 IS n.available_e4 AND o.snoozed_until_ms IS n.snoozed_until_ms
       AND o.reason_after IS n.reason_after)), 0) AS changed
     FROM (${judged.sql}) AS n LEFT JOIN orderability_projection AS o ON o.location_id = n.location_id AND o.variant_id = n.variant_id`,
    ...judged.args,
  );
}

async function rebuildDocument(scope: Scope, locationId: string, drift: { changed: number }): Promise<void> {
  const [[found] = []] = await scope.db.read([statement(DOCUMENT_FITS, locationId)], { fresh: true });
  if (found?.["places"] === found?.["fitting"] && found?.["told"] === found?.["fitting"]) return;
  drift.changed += 1;
  await write(scope, [
    statement(
      `INSERT INTO orderability_documents (location_id, version, changed_at_ms, items)
       SELECT ?1, 1, ?2, json_group_object(o.variant_id, ${TOLD}) FROM orderability_projection AS o WHERE o.location_id = ?1
       ON CONFLICT (location_id) DO UPDATE SET version = orderability_documents.version + 1, changed_at_ms = excluded.changed_at_ms,
         items = excluded.items`,
      locationId,
      scope.clock.now(),
    ),
  ]);
}

async function write(scope: Scope, steps: Statement[]): Promise<void> {
  const answer = { status: 200, select: statement("SELECT json_object()") };
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer, lane: "bulk", wakes: true })));
}
