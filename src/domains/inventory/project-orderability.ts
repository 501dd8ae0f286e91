import { type Statement, statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { orderabilitySteps } from "./orderability-steps.ts";

/** Places judged in one unit of work: sales wait for it. */
const PLACES_A_UNIT = 500;
/** So few are no longer than a sale, and go with them. */
const AS_A_SALE = 20;

/** What this needs of an event. */
interface TellsOfChange {
  event_type: string;
  data: unknown;
}

/**
 * Brings orderability up to date with what events say has changed in catalogue and menus: those slices do not know this one. It judges what is
 * so now, so events may come late, twice and out of order. One read, and a unit of work for every few hundred places.
 */
export async function projectOrderability(scope: Scope, events: readonly TellsOfChange[]): Promise<void> {
  const selects = selectsOf(events);
  if (selects.length === 0) return;
  const found = await scope.db.read(selects, { fresh: true });
  const places = new Map(
    found.flat().map((row) => [`${row["location_id"]} ${row["variant_id"]}`, [row["location_id"], row["variant_id"]]]),
  );
  const chosen = [...places.values()];
  for (let start = 0; start < chosen.length; start += PLACES_A_UNIT) {
    const some = chosen.slice(start, start + PLACES_A_UNIT);
    const lane = some.length <= AS_A_SALE ? "sale" : "bulk";
    const steps = orderabilitySteps(
      scope,
      scope.clock.now(),
      statement("SELECT value ->> 0 AS location_id, value ->> 1 AS variant_id FROM json_each(?)", JSON.stringify(some)),
    );
    const unit = unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, lane, wakes: true });
    appliedAnswer(await scope.db.write(unit));
  }
}

/** Selects of the places that the events are of. */
function selectsOf(events: readonly TellsOfChange[]): Statement[] {
  const idsOf = (types: readonly string[], field: string) => [
    ...new Set(events.flatMap(({ event_type, data }) => (types.includes(event_type) ? [(data as Record<string, unknown>)[field]] : []))),
  ];
  const products = idsOf(["catalog.product.upserted"], "product_id");
  const variants = idsOf(["catalog.variant.upserted", "catalog.variant.deleted"], "variant_id");
  const stores = idsOf(["menu.published"], "store_id");
  const groups = idsOf(["catalog.modifier_group.upserted"], "modifier_group_id");
  const runs = idsOf(["catalog.ingestion.completed"], "run_id");
  const priced = events.flatMap(({ event_type, data }) => (event_type === "catalog.price.updated" ? pricedPlaces(data as PricesTold) : []));
  return [
    ...(priced.length > 0 ? [statement(OF_PRICES, JSON.stringify(priced))] : []),
    ...(products.length > 0 ? [statement(OF_PRODUCTS, JSON.stringify(products))] : []),
    ...(variants.length > 0 ? [statement(OF_VARIANTS, JSON.stringify(variants))] : []),
    ...(stores.length > 0 ? [statement(OF_STORES, JSON.stringify(stores))] : []),
    ...(groups.length > 0 ? [statement(OF_GROUPS, JSON.stringify(groups))] : []),
    ...(runs.length > 0 ? [statement(OF_RUNS, JSON.stringify(runs))] : []),
  ];
}

interface PricesTold {
  location_id: string | null;
  channel?: string;
  prices: { variant_id: string }[];
}

/** A menu's prices are told by `menu.published` too. */
const pricedPlaces = ({ location_id, channel, prices }: PricesTold) =>
  channel === "default" ? prices.map(({ variant_id }) => [location_id, variant_id]) : [];

const OF_PRICES = `SELECT o.location_id, o.variant_id FROM json_each(?) AS named CROSS JOIN orderability_projection AS o
  ON o.variant_id = named.value ->> 1 AND (named.value ->> 0 IS NULL OR o.location_id = named.value ->> 0)`;

/** Only where something is known of a variant already: elsewhere there is nothing to keep right. */
const OF_VARIANTS = `SELECT o.location_id, o.variant_id FROM json_each(?) AS named
  CROSS JOIN orderability_projection AS o ON o.variant_id = named.value`;

const OF_PRODUCTS = `SELECT o.location_id, o.variant_id FROM json_each(?) AS named CROSS JOIN variants AS v ON v.product_id = named.value
  CROSS JOIN orderability_projection AS o ON o.variant_id = v.variant_id`;

/** What the stores sell now, and what was known of before: it may have gone off the menu. */
const OF_STORES = `SELECT s.location_id, i.variant_id FROM json_each(?1) AS named CROSS JOIN stores AS s ON s.store_id = named.value
    CROSS JOIN menus AS m ON m.store_id = s.store_id AND m.deleted_at_ms IS NULL CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id
  UNION SELECT s.location_id, o.variant_id FROM json_each(?1) AS named CROSS JOIN stores AS s ON s.store_id = named.value
    CROSS JOIN orderability_projection AS o ON o.location_id = s.location_id`;

const OF_GROUPS = `SELECT o.location_id, o.variant_id FROM json_each(?) AS named
  CROSS JOIN product_modifier_groups AS pg ON pg.modifier_group_id = named.value CROSS JOIN variants AS v ON v.product_id = pg.product_id
  CROSS JOIN orderability_projection AS o ON o.variant_id = v.variant_id`;

/** A feed's modifier groups have no event of their own: after an ingestion that changed some, all items with a required choice now or before. */
const OF_RUNS = `SELECT o.location_id, o.variant_id FROM modifier_groups AS g
  CROSS JOIN product_modifier_groups AS pg ON pg.modifier_group_id = g.modifier_group_id
  CROSS JOIN variants AS v ON v.product_id = pg.product_id CROSS JOIN orderability_projection AS o ON o.variant_id = v.variant_id
    AND (coalesce(pg.min_select, g.min_select) > 0 OR 'modifier_unavailable' IN (o.reason_code, o.reason_after))
  WHERE EXISTS (SELECT 1 FROM json_each(?) AS named CROSS JOIN ingestion_runs AS r ON r.run_id = named.value
    WHERE r.by_entity ->> '$.modifier_group.updated' > 0)`;
