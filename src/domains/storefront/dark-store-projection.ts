import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { logEvent } from "../../platform/observability/log.ts";
import { compareStatement, nextVariants, type Place, refreshPlaces } from "./dark-store-rows.ts";
import { type TellsOfChange, touchedPlaces } from "./dark-store-touched.ts";

const NAME = "dark_store_catalog";
/** Places in one unit of work: sales wait for it. */
const PLACES_A_UNIT = 500;

/**
 * Keeps `dark_store_catalog_projection` by events. They say where to look; what is written is what the tables say when the unit runs, on the one
 * primary, so a late, doubled or lost-and-repeated event can do no harm. One read, and a unit of work for every few hundred places.
 */
export async function projectDarkStores(scope: Scope, events: readonly TellsOfChange[]): Promise<void> {
  const selects = touchedPlaces(events);
  if (selects.length === 0) return;
  const found = (await scope.db.read(selects, { fresh: true })).flat();
  // The newest event of a place: ids count up.
  const byPlace = new Map<string, Place>();
  for (const { dark_store_id, variant_id, event_id } of found) {
    const key = `${dark_store_id} ${variant_id}`;
    const held = byPlace.get(key)?.[2] ?? "";
    if (String(event_id) > held) byPlace.set(key, [String(dark_store_id), String(variant_id), String(event_id)]);
  }
  if (byPlace.size === 0) return;
  await refresh(scope, [...byPlace.values()]);
  const oldestMs = Math.min(...events.map(({ occurred_at }) => Date.parse(occurred_at)));
  logEvent("projection.applied", {
    projection: NAME,
    tenant: scope.tenant.slug,
    events: events.length,
    places: byPlace.size,
    // Of the event that waited longest: from its commit to being visible on the primary.
    lag_ms: scope.clock.now() - oldestMs,
  });
}

async function refresh(scope: Scope, places: readonly Place[]): Promise<void> {
  for (let start = 0; start < places.length; start += PLACES_A_UNIT) {
    const steps = refreshPlaces(places.slice(start, start + PLACES_A_UNIT), scope.clock.now());
    appliedAnswer(
      await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, lane: "bulk" })),
    );
  }
}

/** The projection made from the tables again, in pages; only what is wrong is written. */
export const darkStoreProjection = {
  name: NAME,
  async rebuild(scope: Scope) {
    const drift = { rows: 0, added: 0, changed: 0, removed: 0 };
    const [darkStores = []] = await scope.db.read([statement("SELECT dark_store_id FROM dark_stores ORDER BY 1")], { fresh: true });
    for (const row of darkStores) {
      const darkStoreId = String(row["dark_store_id"]);
      for (let after = ""; ; ) {
        const [variants = []] = await scope.db.read([nextVariants(darkStoreId, after, PLACES_A_UNIT)], { fresh: true });
        const places = variants.map(({ variant_id }): Place => [darkStoreId, String(variant_id), null]);
        const last = places.at(-1);
        if (!last) break;
        after = last[1];
        const [[found] = []] = await scope.db.read([compareStatement(places, scope.clock.now())], { fresh: true });
        const [added, changed, removed] = [Number(found?.["added"]), Number(found?.["changed"]), Number(found?.["removed"])];
        drift.rows += Number(found?.["rows"]);
        drift.added += added;
        drift.changed += changed;
        drift.removed += removed;
        if (added + changed + removed > 0) await refresh(scope, places);
      }
    }
    logEvent("projection.rebuilt", { projection: NAME, tenant: scope.tenant.slug, ...drift });
    return drift;
  },
};
