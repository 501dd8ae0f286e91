import { type Statement, statement } from "../../platform/db/statement.ts";
import { priceInEffectSql } from "../catalog/index.ts";
import { DUE_RESERVED_SQL } from "./ledger-fold.ts";

/** The reasons that an item has by itself, the most lasting first: of several at once the first is told. */
export const ITEM_REASONS = ["hidden", "no_price", "snoozed", "no_stock", "modifier_unavailable"] as const;

/** Later than any time: of a snooze until further notice. */
const NO_END_MS = 9_000_000_000_000_000;

/** The changed places, and the items at the same location that are made of those variants. */
const affectedSql = (places: string) => `changed AS MATERIALIZED (SELECT DISTINCT p.location_id, p.variant_id FROM (${places}) AS p),
  coded AS MATERIALIZED (SELECT c.location_id, v.item_code FROM changed AS c CROSS JOIN variants AS v ON v.variant_id = c.variant_id),
  affected AS (
    SELECT location_id, variant_id FROM changed
    UNION SELECT c.location_id, b.bundle_variant_id FROM coded AS c CROSS JOIN bundle_components AS b ON b.item_code = c.item_code
    UNION SELECT c.location_id, v.variant_id FROM coded AS c
      CROSS JOIN modifier_options AS o ON o.item_code = c.item_code
      CROSS JOIN modifier_groups AS g ON g.modifier_group_id = o.modifier_group_id
      CROSS JOIN product_modifier_groups AS pg ON pg.modifier_group_id = o.modifier_group_id
      CROSS JOIN variants AS v ON v.product_id = pg.product_id
      WHERE coalesce(pg.min_select, g.min_select) > 0)`;

/** The places alone. */
const chosenSql = (places: string) => `affected AS (SELECT DISTINCT p.location_id, p.variant_id FROM (${places}) AS p)`;

/** Whether a snooze `z` holds at location `a`. Argument: now. */
const SNOOZE_HOLDS = "(z.location_id IS NULL OR z.location_id = a.location_id) AND (z.until_ms IS NULL OR z.until_ms > ?)";

/** What a position `p` has: a reservation past its end holds nothing, whether or not it was swept. Argument: now. */
const AVAILABLE = `(p.available_e4 + ${DUE_RESERVED_SQL})`;

/** Options of group `g` that can be chosen at location `a`; one that is a variant of ours needs stock and no snooze. Arguments: now, twice. */
const CHOOSABLE_OPTIONS = `(SELECT count(*) FROM modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id AND o.provider_active = 1 AND o.merchant_hidden = 0
  AND NOT EXISTS (SELECT 1 FROM variants AS ov WHERE ov.item_code = o.item_code AND (
    EXISTS (SELECT 1 FROM stock_positions AS p WHERE p.location_id = a.location_id AND p.variant_id = ov.variant_id
      AND p.allow_negative = 0 AND ${AVAILABLE} <= 0)
    OR EXISTS (SELECT 1 FROM snoozes AS z WHERE z.variant_id = ov.variant_id AND ${SNOOZE_HOLDS}))))`;

const ALL_OPTIONS =
  "(SELECT count(*) FROM modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id AND o.provider_active = 1 AND o.merchant_hidden = 0)";

/** Of location `a`; a place that is no store's takes any. */
const STORE_CURRENCY = "coalesce((SELECT cs.currency FROM stores AS cs WHERE cs.location_id = a.location_id), vp.currency)";

/** What stands for and against each item `v` of product `p` at location `a`. Arguments: now, five times. */
const FACTS = `SELECT a.location_id, a.variant_id, v.item_code, v.visible AND p.visible AS is_visible,
    EXISTS (SELECT 1 FROM stores AS st CROSS JOIN menus AS m ON m.store_id = st.store_id AND m.deleted_at_ms IS NULL
        CROSS JOIN menu_item_category AS mc ON mc.menu_id = m.menu_id AND mc.variant_id = a.variant_id AND mc.deleted_at_ms IS NULL
        WHERE st.location_id = a.location_id)
      OR EXISTS (SELECT 1 FROM variant_prices AS vp WHERE vp.variant_id = a.variant_id
        AND ${priceInEffectSql("a.location_id", STORE_CURRENCY)}) AS has_price,
    (SELECT max(coalesce(z.until_ms, ${NO_END_MS})) FROM snoozes AS z
      WHERE (z.variant_id = a.variant_id OR z.variant_id IN (SELECT cv.variant_id FROM bundle_components AS b
        CROSS JOIN variants AS cv ON cv.item_code = b.item_code WHERE b.bundle_variant_id = a.variant_id))
      AND ${SNOOZE_HOLDS}) AS snoozed_to_ms,
    EXISTS (SELECT 1 FROM bundle_components AS b WHERE b.bundle_variant_id = a.variant_id) AS is_bundle,
    EXISTS (SELECT 1 FROM product_modifier_groups AS pg CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id
      WHERE pg.product_id = v.product_id AND coalesce(pg.min_select, g.min_select) > 0
      AND ${CHOOSABLE_OPTIONS} < min(coalesce(pg.min_select, g.min_select), ${ALL_OPTIONS})) AS is_without_modifier
  FROM affected AS a CROSS JOIN variants AS v ON v.variant_id = a.variant_id CROSS JOIN products AS p ON p.product_id = v.product_id`;

/** How much there is of each: of a bundle, how many whole ones its scarcest counted component makes. Arguments: now, twice. */
const COUNTED = `SELECT f.*,
    CASE WHEN f.is_bundle THEN (SELECT CAST(min(${AVAILABLE} / b.quantity_e4) AS INTEGER) * 10000 FROM bundle_components AS b
        CROSS JOIN variants AS cv ON cv.item_code = b.item_code
        CROSS JOIN stock_positions AS p ON p.location_id = f.location_id AND p.variant_id = cv.variant_id
        WHERE b.bundle_variant_id = f.variant_id AND p.allow_negative = 0)
      ELSE (SELECT ${AVAILABLE} FROM stock_positions AS p WHERE p.location_id = f.location_id AND p.variant_id = f.variant_id)
      END AS available_e4,
    NOT f.is_bundle AND EXISTS (SELECT 1 FROM stock_positions AS p WHERE p.location_id = f.location_id AND p.variant_id = f.variant_id
      AND p.allow_negative = 1) AS may_go_below
  FROM facts AS f`;

const judgementSql = (affected: string) => `WITH ${affected}, facts AS MATERIALIZED (${FACTS}), counted AS MATERIALIZED (${COUNTED}),
  judged AS (
    SELECT location_id, variant_id, item_code, available_e4, snoozed_to_ms,
      CASE WHEN NOT is_visible THEN 'hidden' WHEN NOT has_price THEN 'no_price' END AS lasting,
      CASE WHEN available_e4 <= 0 AND NOT may_go_below THEN 'no_stock' WHEN is_without_modifier THEN 'modifier_unavailable' END AS passing
    FROM counted)
  SELECT j.location_id, j.variant_id, j.item_code, j.reason AS reason_code, j.available_e4,
    CASE WHEN j.reason = 'snoozed' AND j.snoozed_to_ms < ${NO_END_MS} THEN j.snoozed_to_ms END AS snoozed_until_ms,
    CASE WHEN j.reason = 'snoozed' THEN j.passing END AS reason_after
  FROM (SELECT *, coalesce(lasting, CASE WHEN snoozed_to_ms IS NOT NULL THEN 'snoozed' END, passing) AS reason FROM judged) AS j`;

/** Of FACTS: a price in effect from and to, a snooze, a modifier option's stock and snooze; of COUNTED: a bundle's stock, an item's. */
const NOW_ARGUMENTS = 7;

const judgement = (affected: string, places: Statement, nowMs: number): Statement =>
  statement(judgementSql(affected), ...places.args, ...Array.from({ length: NOW_ARGUMENTS }, () => nowMs));

/**
 * A SELECT of what stands against the items at `places` (a SELECT of location_id and variant_id) now: location_id, variant_id, item_code,
 * reason_code (null: nothing), available_e4 (null: not counted), snoozed_until_ms and reason_after. It starts from the places and goes by keys,
 * so it costs what they are, whatever else there is.
 */
export const judgePlaces = (places: Statement, nowMs: number): Statement => judgement(chosenSql(places.sql), places, nowMs);

/** The same of the places and of all that is made of their variants there: bundles, and items of which they are a required choice. */
export const judgeAffected = (places: Statement, nowMs: number): Statement => judgement(affectedSql(places.sql), places, nowMs);
