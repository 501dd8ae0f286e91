import { type Statement, statement } from "../../platform/db/statement.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { MENU_PUBLISHED_SQL, PRICES_UPDATED_SQL } from "./events.ts";
import { APPLIES, ENTRIES, type PublishTarget } from "./publish-decision.ts";

/** Menus that were replaced are kept for this many further publishes of their store. */
export const REPLACED_KEPT = 20;

/** The menus of this publish, once they are written; before that the ones it replaces. */
const LIVE_MENUS = "menus AS m WHERE m.store_id = ?2 AND m.deleted_at_ms IS NULL";

/** The menus that this publish replaces, once they are marked. */
const REPLACED_MENU_IDS = `SELECT r.menu_id FROM menus AS r WHERE r.store_id = ?2 AND r.deleted_at_ms IS NOT NULL
  AND r.live_revision = (SELECT live_revision FROM store_menus WHERE store_id = ?2)`;

const RETIRE_GROUPINGS = `UPDATE menu_item_category SET deleted_at_ms = ?3
  WHERE menu_id IN (SELECT m.menu_id FROM ${LIVE_MENUS}) AND deleted_at_ms IS NULL AND ${APPLIES}`;

const RETIRE_MENUS = `UPDATE menus SET deleted_at_ms = ?3 WHERE store_id = ?2 AND deleted_at_ms IS NULL AND ${APPLIES}`;

/** Ids count up from a fresh one, as the outbox's do. */
const NUMBERED = "?4 || printf('%012x', ?5 + row_number() OVER ())";

const ADD_MENUS = `INSERT INTO menus (menu_id, store_id, publish_id, draft_id, name, currency, provider, position, live_revision, created_at_ms)
  SELECT ${NUMBERED}, ?2, d.publish_id, d.draft_id, d.name, d.currency, d.provider, d.position,
    (SELECT live_revision FROM publish_stores WHERE publish_id = ?1 AND store_id = ?2), ?3
  FROM publish_drafts AS d WHERE d.publish_id = ?1 AND ${APPLIES}`;

/** Get, revive or insert by (name, provider). Of two sections of one name the first gives the view type. */
const ADD_CATEGORIES = `INSERT INTO item_categories (item_category_id, name, provider, category_view_type)
  SELECT ${NUMBERED}, f.name, f.provider, f.view_type
  FROM (SELECT s.value ->> 'name' AS name, d.provider, upper(s.value ->> 'display_type') AS view_type, min(d.position * 1000 + s.key) AS place
    FROM publish_drafts AS d CROSS JOIN json_each(d.sections) AS s WHERE d.publish_id = ?1 GROUP BY 1, 2) AS f
  WHERE ${APPLIES}
  ON CONFLICT (name, provider) DO UPDATE SET category_view_type = excluded.category_view_type, deleted_at_ms = NULL
    WHERE category_view_type <> excluded.category_view_type OR deleted_at_ms IS NOT NULL`;

const ADD_SECTIONS = `INSERT INTO menu_sections (menu_section_id, menu_id, name, display_type, item_category_id, position)
  SELECT ${NUMBERED}, m.menu_id, s.value ->> 'name', s.value ->> 'display_type', c.item_category_id, s.key
  FROM publish_drafts AS d CROSS JOIN json_each(d.sections) AS s
    CROSS JOIN menus AS m ON m.store_id = ?2 AND m.deleted_at_ms IS NULL AND m.position = d.position
    CROSS JOIN item_categories AS c ON c.name = s.value ->> 'name' AND c.provider = d.provider
  WHERE d.publish_id = ?1 AND ${APPLIES}`;

const ADD_ITEMS = `INSERT INTO menu_items (menu_id, menu_section_id, position, variant_id, price_minor)
  SELECT m.menu_id, s.menu_section_id, e.item_position, e.variant_id, e.price_minor
  FROM (${ENTRIES}) AS e
    CROSS JOIN menus AS m ON m.store_id = ?2 AND m.deleted_at_ms IS NULL AND m.position = e.draft_position
    CROSS JOIN menu_sections AS s ON s.menu_id = m.menu_id AND s.position = e.section_position
  WHERE e.visible AND e.draft_position = e.first_draft AND ${APPLIES}`;

const ADD_GROUPINGS = `INSERT INTO menu_item_category (menu_id, variant_id, item_category_id, position)
  SELECT i.menu_id, i.variant_id, s.item_category_id, i.position
  FROM menus AS m CROSS JOIN menu_sections AS s ON s.menu_id = m.menu_id
    CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.menu_section_id = s.menu_section_id
  WHERE m.store_id = ?2 AND m.deleted_at_ms IS NULL AND ${APPLIES}`;

const ADD_ITEM_CATEGORIES = `INSERT INTO item_item_category (variant_id, item_category_id)
  SELECT g.variant_id, g.item_category_id FROM menus AS m CROSS JOIN menu_item_category AS g ON g.menu_id = m.menu_id
  WHERE m.store_id = ?2 AND m.deleted_at_ms IS NULL AND ${APPLIES}
  ON CONFLICT DO NOTHING`;

/** Looks only at what the replaced menus held, so that its cost does not grow with the tenant. */
const DROP_ITEM_CATEGORIES = `DELETE FROM item_item_category WHERE (variant_id, item_category_id) IN (
    SELECT g.variant_id, g.item_category_id FROM menu_item_category AS g WHERE g.menu_id IN (${REPLACED_MENU_IDS})
      AND NOT EXISTS (SELECT 1 FROM menu_item_category AS live
        WHERE live.item_category_id = g.item_category_id AND live.variant_id = g.variant_id AND live.deleted_at_ms IS NULL))
  AND ${APPLIES}`;

const RETIRE_CATEGORIES = `UPDATE item_categories SET deleted_at_ms = ?3 WHERE item_category_id IN (
    SELECT s.item_category_id FROM menu_sections AS s WHERE s.menu_id IN (${REPLACED_MENU_IDS})
    EXCEPT SELECT s.item_category_id FROM menu_sections AS s WHERE s.menu_id IN (SELECT m.menu_id FROM ${LIVE_MENUS}))
  AND NOT EXISTS (SELECT 1 FROM menu_item_category AS live
    WHERE live.item_category_id = item_categories.item_category_id AND live.deleted_at_ms IS NULL)
  AND deleted_at_ms IS NULL AND ${APPLIES}`;

/** Takes sections, items and groupings with them. Each publish takes about as many as it adds, so history stays bounded. */
const FORGET_MENUS = `DELETE FROM menus WHERE store_id = ?2 AND deleted_at_ms IS NOT NULL
  AND live_revision < (SELECT live_revision FROM publish_stores WHERE publish_id = ?1 AND store_id = ?2) - ${REPLACED_KEPT} AND ${APPLIES}`;

const SET_LIVE = `INSERT INTO store_menus (store_id, live_revision, publish_id, sequence, snapshot_hash, catalog_revision)
  SELECT t.store_id, t.live_revision, p.publish_id, p.sequence, p.snapshot_hash, (SELECT revision FROM catalog_state)
  FROM publish_stores AS t JOIN publishes AS p USING (publish_id) WHERE t.publish_id = ?1 AND t.store_id = ?2 AND ${APPLIES}
  ON CONFLICT (store_id) DO UPDATE SET live_revision = excluded.live_revision, publish_id = excluded.publish_id, sequence = excluded.sequence,
    snapshot_hash = excluded.snapshot_hash, catalog_revision = excluded.catalog_revision`;

/**
 * Makes the snapshot the store's live set and projects its sections into the V1 categories, where the decision before was to apply it; else
 * touches nothing. `SET_LIVE` is last: from then on nothing of it applies any more.
 */
export function publishProjection(
  { publish_id, store_id }: PublishTarget,
  given: { now_ms: number; trace_id: string; newId(): string },
): Statement[] {
  const plain = (sql: string) => statement(sql, publish_id, store_id);
  const dated = (sql: string) => statement(sql, publish_id, store_id, given.now_ms);
  const numbered = (sql: string) => {
    const id = given.newId();
    // Room for counting up: the lowest bit of the first hex digit is given away.
    return statement(sql, publish_id, store_id, given.now_ms, id.slice(0, 24), Number.parseInt(id.slice(24), 16) % 0x7fffffffffff);
  };
  const event = { source: "catalog-service", schema_version: 1, trace_id: given.trace_id, occurred_at_ms: given.now_ms } as const;
  return [
    dated(RETIRE_GROUPINGS),
    dated(RETIRE_MENUS),
    numbered(ADD_MENUS),
    numbered(ADD_CATEGORIES),
    numbered(ADD_SECTIONS),
    plain(ADD_ITEMS),
    plain(ADD_GROUPINGS),
    plain(ADD_ITEM_CATEGORIES),
    plain(DROP_ITEM_CATEGORIES),
    dated(RETIRE_CATEGORIES),
    plain(FORGET_MENUS),
    ...emitEvents({ ...event, event_type: "menu.published", rows: statement(MENU_PUBLISHED_SQL, publish_id, store_id) }, given.newId()),
    ...emitEvents(
      {
        ...event,
        event_type: "catalog.price.updated",
        rows: statement(PRICES_UPDATED_SQL, store_id, store_id, store_id, publish_id, store_id),
      },
      given.newId(),
    ),
    plain(SET_LIVE),
  ];
}
