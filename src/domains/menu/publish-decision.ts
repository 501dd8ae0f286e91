import { type Statement, statement } from "../../platform/db/statement.ts";
import { VARIANT_VISIBLE_SQL } from "../catalog/index.ts";

export interface PublishTarget {
  publish_id: string;
  store_id: string;
}

/**
 * Each item that a publish (`?1`) names, in its place, with the variant it means (null: none). `first_draft` is where the item stands
 * first: of two menus the first wins. The sections are materialised, or the whole section's JSON would be read again for each of its items.
 */
export const ENTRIES = `WITH sections AS MATERIALIZED (
    SELECT d.position AS draft_position, d.name AS menu, s.key AS section_position, s.value ->> 'name' AS section, s.value -> 'items' AS items
    FROM publish_drafts AS d CROSS JOIN json_each(d.sections) AS s WHERE d.publish_id = ?1)
  SELECT f.draft_position, f.menu, f.section_position, f.section, i.key AS item_position,
    i.value ->> 'item_code' AS item_code, i.value ->> 'price_minor' AS price_minor,
    v.variant_id, ${VARIANT_VISIBLE_SQL} AS visible,
    min(f.draft_position) OVER (PARTITION BY i.value ->> 'item_code') AS first_draft
  FROM sections AS f CROSS JOIN json_each(f.items) AS i
    LEFT JOIN variants AS v ON v.item_code = i.value ->> 'item_code' LEFT JOIN products AS p ON p.product_id = v.product_id`;

/** Whether this publish (`?1`) of this store (`?2`) was decided to be applied and has not been yet. */
export const APPLIES = `EXISTS (SELECT 1 FROM publish_stores AS target LEFT JOIN store_menus AS held USING (store_id)
  WHERE target.publish_id = ?1 AND target.store_id = ?2 AND target.status = 'regenerating'
    AND target.live_revision > coalesce(held.live_revision, 0))`;

const QUEUED = "publish_id = ?1 AND store_id = ?2 AND status = 'queued'";

/** Publishes of one store apply in the order they were recorded, whatever order their messages come in. */
const SUPERSEDED = `UPDATE publish_stores SET status = 'superseded', updated_at_ms = ?3
  WHERE ${QUEUED} AND EXISTS (SELECT 1 FROM store_menus AS held
    WHERE held.store_id = ?2 AND held.sequence > (SELECT sequence FROM publishes WHERE publish_id = ?1))`;

/**
 * The same snapshot over the same catalogue gives the same rows. Where the document shows them too, nothing is to be done; where it is
 * behind, it is asked for again. A catalogue that changed since (an item hidden or shown) makes it a publish like any other, so that the next
 * publish always projects it.
 */
const UNCHANGED = `UPDATE publish_stores SET updated_at_ms = ?3, live_revision = shown.live_revision,
    status = CASE WHEN shown.is_current THEN 'unchanged' ELSE 'regenerating' END
  FROM (SELECT held.live_revision, coalesce(d.live_revision = held.live_revision AND d.catalog_revision = held.catalog_revision, 0) AS is_current
    FROM store_menus AS held LEFT JOIN storefront_documents AS d USING (store_id)
    WHERE held.store_id = ?2 AND held.snapshot_hash = (SELECT snapshot_hash FROM publishes WHERE publish_id = ?1)
      AND held.catalog_revision = (SELECT revision FROM catalog_state)) AS shown
  WHERE ${QUEUED}`;

const FAILED = `UPDATE publish_stores SET status = 'failed', reasons = found.reasons, updated_at_ms = ?3
  FROM (
    SELECT json_group_array(json(f.reason)) AS reasons, count(*) AS count
    FROM (
      SELECT d.position AS draft_position, -1 AS section_position, -1 AS item_position,
        json_object('reason', 'currency_mismatch', 'menu', d.name,
          'message', 'The menu "' || d.name || '" is in ' || d.currency || '; the store sells in ' || s.currency || '.') AS reason
      FROM publish_drafts AS d CROSS JOIN stores AS s ON s.store_id = ?2 AND s.currency <> d.currency WHERE d.publish_id = ?1
      UNION ALL
      SELECT e.draft_position, e.section_position, e.item_position,
        CASE WHEN e.variant_id IS NULL
          THEN json_object('reason', 'item_unknown', 'menu', e.menu, 'section', e.section, 'item_code', e.item_code,
            'message', 'No item has the code "' || e.item_code || '".')
          ELSE json_object('reason', 'price_missing', 'menu', e.menu, 'section', e.section, 'item_code', e.item_code,
            'message', 'The item "' || e.item_code || '" has no price in this menu.') END
      FROM (${ENTRIES}) AS e WHERE e.variant_id IS NULL OR e.price_minor IS NULL
      ORDER BY 1, 2, 3
    ) AS f
  ) AS found
  WHERE ${QUEUED} AND found.count > 0`;

const ACCEPTED = `UPDATE publish_stores SET status = 'regenerating', updated_at_ms = ?3, left_out = found.left_out,
    live_revision = coalesce((SELECT live_revision FROM store_menus WHERE store_id = ?2), 0) + 1
  FROM (
    SELECT json_group_array(json_object('item_code', f.item_code, 'menu', f.menu, 'section', f.section,
      'reason', CASE WHEN f.visible THEN 'in_earlier_menu' ELSE 'hidden' END)) AS left_out
    FROM (SELECT * FROM (${ENTRIES}) AS e WHERE NOT e.visible OR e.draft_position <> e.first_draft
      ORDER BY e.draft_position, e.section_position, e.item_position) AS f
  ) AS found
  WHERE ${QUEUED}`;

/** Writes into the `publish_stores` row what becomes of it: the first that holds, in this order. */
export const publishDecision = ({ publish_id, store_id }: PublishTarget, nowMs: number): Statement[] =>
  [SUPERSEDED, UNCHANGED, FAILED, ACCEPTED].map((sql) => statement(sql, publish_id, store_id, nowMs));
