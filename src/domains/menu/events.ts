import { z } from "zod";

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
export const menuEvents = { "menu.published": MenuPublished };

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
