import { type Statement, statement } from "../../platform/db/statement.ts";
import { PRICE_ORDER_SQL, priceInEffectSql, VARIANT_DISPLAY_NAME_SQL, VARIANT_VISIBLE_SQL } from "../catalog/index.ts";

/** A place of the projection, and the event it is looked at for; null: a rebuild. */
export type Place = [dark_store_id: string, variant_id: string, event_id: string | null];

/** What is compared: all but when and why it was written. */
const CONTENT = [
  "sku",
  "product_name",
  "category_name",
  "is_active",
  "is_essential",
  "demand_score_e4",
  "velocity_rank",
  "quantity_available_e4",
  "is_counted",
  "effective_price_minor",
  "orderable",
  "reason_code",
];

/** The first of a live menu's prices of variant `v` at store `d.store_id`, as the storefront shows it. */
const MENU_PRICE = `(SELECT i.price_minor FROM menus AS m CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.variant_id = v.variant_id
    CROSS JOIN menu_sections AS c ON c.menu_section_id = i.menu_section_id
  WHERE m.store_id = d.store_id AND m.deleted_at_ms IS NULL ORDER BY m.position, c.position, i.position LIMIT 1)`;

/** The price in effect where no live menu has one, the location's own first. Argument: now, twice. */
const VARIANT_PRICE = `(SELECT vp.price_minor FROM variant_prices AS vp
  WHERE vp.variant_id = v.variant_id AND ${priceInEffectSql("s.location_id", "s.currency")} ORDER BY ${PRICE_ORDER_SQL} LIMIT 1)`;

const CATEGORY_NAME = `(SELECT c.name FROM product_categories AS pc CROSS JOIN categories AS c ON c.category_id = pc.category_id
  WHERE pc.product_id = p.product_id ORDER BY pc.position, pc.category_id LIMIT 1)`;

/**
 * What the tables say of the places: `wanted`, with the columns of the projection. Of an assortment is what the live menu has, what orderability
 * knows of at the location (counted or snoozed there) and what was said to be. Arguments: the places as JSON, now, twice.
 */
const WANTED = `place AS MATERIALIZED (SELECT value ->> 0 AS dark_store_id, value ->> 1 AS variant_id, max(value ->> 2) AS event_id
    FROM json_each(?) GROUP BY 1, 2),
  priced AS MATERIALIZED (
    SELECT place.*, d.store_id, s.location_id, ${MENU_PRICE} AS menu_price, ${VARIANT_PRICE} AS variant_price
    FROM place CROSS JOIN dark_stores AS d ON d.dark_store_id = place.dark_store_id CROSS JOIN stores AS s ON s.store_id = d.store_id
      CROSS JOIN variants AS v ON v.variant_id = place.variant_id),
  wanted AS MATERIALIZED (
    SELECT f.dark_store_id, f.variant_id, f.event_id, v.item_code AS sku, ${VARIANT_DISPLAY_NAME_SQL} AS product_name,
      ${CATEGORY_NAME} AS category_name, coalesce(a.is_active, 1) AS is_active, coalesce(a.is_essential, 0) AS is_essential,
      coalesce(a.demand_score_e4, 0) AS demand_score_e4, a.velocity_rank, coalesce(o.available_e4, 0) AS quantity_available_e4,
      o.available_e4 IS NOT NULL AS is_counted, coalesce(f.menu_price, f.variant_price) AS effective_price_minor,
      CASE WHEN o.variant_id IS NOT NULL THEN o.reason_code WHEN NOT ${VARIANT_VISIBLE_SQL} THEN 'hidden'
        WHEN coalesce(f.menu_price, f.variant_price) IS NULL THEN 'no_price' END AS reason_code
    FROM priced AS f CROSS JOIN variants AS v ON v.variant_id = f.variant_id CROSS JOIN products AS p ON p.product_id = v.product_id
      LEFT JOIN dark_store_assortment AS a ON a.dark_store_id = f.dark_store_id AND a.variant_id = f.variant_id
      LEFT JOIN orderability_projection AS o ON o.location_id = f.location_id AND o.variant_id = f.variant_id
    WHERE f.menu_price IS NOT NULL OR a.variant_id IS NOT NULL OR o.variant_id IS NOT NULL)`;

const COLUMNS = CONTENT.filter((column) => column !== "orderable");
const DIFFERS = `(${COLUMNS.map((column) => `w.${column} IS NOT h.${column}`).join(" OR ")})`;
const CHANGED = `(${COLUMNS.map((column) => `excluded.${column} IS NOT dark_store_catalog_projection.${column}`).join(" OR ")})`;

/** Makes these places what the tables say, and touches no row that is right. Any number of times, in any order. */
export function refreshPlaces(places: readonly Place[], nowMs: number): Statement[] {
  const json = JSON.stringify(places);
  return [
    statement(
      `WITH ${WANTED} DELETE FROM dark_store_catalog_projection WHERE (dark_store_id, variant_id) IN
         (SELECT dark_store_id, variant_id FROM place EXCEPT SELECT dark_store_id, variant_id FROM wanted)`,
      json,
      nowMs,
      nowMs,
    ),
    statement(
      `WITH ${WANTED} INSERT INTO dark_store_catalog_projection
         (dark_store_id, variant_id, ${COLUMNS.join(", ")}, orderable, source_event_id, refreshed_at_ms)
       SELECT dark_store_id, variant_id, ${COLUMNS.join(", ")}, reason_code IS NULL AND is_active, event_id, ? FROM wanted WHERE true
       ON CONFLICT (dark_store_id, variant_id) DO UPDATE SET ${CONTENT.map((column) => `${column} = excluded.${column}`).join(", ")},
         source_event_id = excluded.source_event_id, refreshed_at_ms = excluded.refreshed_at_ms WHERE ${CHANGED}`,
      json,
      nowMs,
      nowMs,
      nowMs,
    ),
  ];
}

/** A SELECT of one row: how many of these places are right, missing, different and too many. */
export const compareStatement = (places: readonly Place[], nowMs: number): Statement =>
  statement(
    `WITH ${WANTED} SELECT
       (SELECT count(*) FROM wanted) AS rows,
       (SELECT count(*) FROM wanted AS w WHERE NOT EXISTS (SELECT 1 FROM dark_store_catalog_projection AS h
         WHERE h.dark_store_id = w.dark_store_id AND h.variant_id = w.variant_id)) AS added,
       (SELECT count(*) FROM wanted AS w CROSS JOIN dark_store_catalog_projection AS h
         ON h.dark_store_id = w.dark_store_id AND h.variant_id = w.variant_id
         WHERE ${DIFFERS} OR h.orderable IS NOT (w.reason_code IS NULL AND w.is_active)) AS changed,
       (SELECT count(*) FROM place AS x CROSS JOIN dark_store_catalog_projection AS h
         ON h.dark_store_id = x.dark_store_id AND h.variant_id = x.variant_id
         WHERE NOT EXISTS (SELECT 1 FROM wanted AS w WHERE w.dark_store_id = x.dark_store_id AND w.variant_id = x.variant_id)) AS removed`,
    JSON.stringify(places),
    nowMs,
    nowMs,
  );

/**
 * A SELECT of the next variants of one dark store's assortment, present or wanted, by id. Each source gives its own next ones, so a page costs what it
 * holds (of the menu, what is left of it).
 */
export const nextVariants = (darkStoreId: string, afterVariantId: string, limit: number): Statement =>
  statement(
    `SELECT variant_id FROM (
       SELECT * FROM (SELECT variant_id FROM dark_store_catalog_projection WHERE dark_store_id = ?1 AND variant_id > ?2 ORDER BY 1 LIMIT ?3)
       UNION SELECT * FROM (SELECT variant_id FROM dark_store_assortment WHERE dark_store_id = ?1 AND variant_id > ?2 ORDER BY 1 LIMIT ?3)
       UNION SELECT * FROM (SELECT o.variant_id FROM dark_stores AS d CROSS JOIN stores AS s ON s.store_id = d.store_id
         CROSS JOIN orderability_projection AS o ON o.location_id = s.location_id
         WHERE d.dark_store_id = ?1 AND o.variant_id > ?2 ORDER BY 1 LIMIT ?3)
       UNION SELECT * FROM (SELECT DISTINCT i.variant_id FROM dark_stores AS d
         CROSS JOIN menus AS m ON m.store_id = d.store_id AND m.deleted_at_ms IS NULL CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id
         WHERE d.dark_store_id = ?1 AND i.variant_id > ?2 ORDER BY 1 LIMIT ?3)
     ) ORDER BY variant_id LIMIT ?3`,
    darkStoreId,
    afterVariantId,
    limit,
  );
