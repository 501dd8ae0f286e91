import { z } from "zod";
import { PRICES_AN_EVENT, PriceUpdated } from "../catalog/index.ts";

const MenuPublished = z.strictObject({
  publish_id: z.uuid(),
  rollback_of: z.uuid().nullable(),
  store_id: z.uuid(),
  live_revision: z.int(),
  menus: z.array(z.strictObject({ menu_id: z.uuid(), draft_id: z.uuid(), name: z.string() })),
  item_count: z.int(),
  left_out_count: z.int(),
});

/** The `data` of every event that this slice emits, by event type. */
export const menuEvents = { "menu.published": MenuPublished, "catalog.price.updated": PriceUpdated };

/** A SELECT of the event of a publish that is being applied to a store, before it is set live; no row where it is not. Arguments: publish, store. */
export const MENU_PUBLISHED_SQL = `SELECT json_object('publish_id', t.publish_id, 'rollback_of', p.rollback_of, 'store_id', t.store_id,
    'live_revision', t.live_revision,
    'menus', json((SELECT json_group_array(json_object('menu_id', f.menu_id, 'draft_id', f.draft_id, 'name', f.name))
      FROM (SELECT * FROM menus AS m WHERE m.store_id = t.store_id AND m.deleted_at_ms IS NULL ORDER BY m.position) AS f)),
    'item_count', (SELECT count(*) FROM menus AS m CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id
      WHERE m.store_id = t.store_id AND m.deleted_at_ms IS NULL),
    'left_out_count', json_array_length(t.left_out)) AS data
  FROM publish_stores AS t JOIN publishes AS p USING (publish_id) LEFT JOIN store_menus AS held ON held.store_id = t.store_id
  WHERE t.publish_id = ? AND t.store_id = ? AND t.status = 'regenerating' AND t.live_revision > coalesce(held.live_revision, 0)`;

/** Of a store's menus that hold for `where`: each variant's first price, the one the storefront shows. */
const pricesSql = (where: string): string => `SELECT i.variant_id, i.price_minor, m.currency,
    min((m.position << 40) + (c.position << 24) + i.position) AS place
  FROM menus AS m CROSS JOIN menu_sections AS c ON c.menu_id = m.menu_id
    CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.menu_section_id = c.menu_section_id
  WHERE m.store_id = ? AND ${where} GROUP BY i.variant_id`;

/**
 * A SELECT of the events of the prices that a publish changes at a store, where it stands with MENU_PUBLISHED_SQL: the menus it replaces are
 * marked, the new ones written. Arguments: store, store, store, publish, store.
 */
export const PRICES_UPDATED_SQL = `WITH now AS MATERIALIZED (${pricesSql("m.deleted_at_ms IS NULL")}),
  before AS MATERIALIZED (${pricesSql(`m.deleted_at_ms IS NOT NULL
    AND m.live_revision = (SELECT h.live_revision FROM store_menus AS h WHERE h.store_id = ?)`)}),
  changed AS MATERIALIZED (
    SELECT now.variant_id, now.price_minor, now.currency, before.price_minor AS previous_price_minor,
      (row_number() OVER (ORDER BY now.place) - 1) / ${PRICES_AN_EVENT} AS piece
    FROM now LEFT JOIN before ON before.variant_id = now.variant_id WHERE before.price_minor IS NOT now.price_minor)
  SELECT json_object('store_id', s.store_id, 'location_id', s.location_id, 'currency', changed.currency,
      'prices', json_group_array(json_object('variant_id', changed.variant_id, 'sku', v.item_code, 'price_minor', changed.price_minor,
        'previous_price_minor', changed.previous_price_minor))) AS data
  FROM publish_stores AS t CROSS JOIN stores AS s ON s.store_id = t.store_id LEFT JOIN store_menus AS held ON held.store_id = t.store_id
    CROSS JOIN changed CROSS JOIN variants AS v ON v.variant_id = changed.variant_id
  WHERE t.publish_id = ? AND t.store_id = ? AND t.status = 'regenerating' AND t.live_revision > coalesce(held.live_revision, 0)
  GROUP BY changed.currency, changed.piece`;
