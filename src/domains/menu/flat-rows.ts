import { VARIANT_DISPLAY_NAME_SQL, VARIANT_VISIBLE_SQL } from "../catalog/index.ts";

/** The options of a group `f` that can be chosen. Aggregates take a sorted subquery in its order; sqld does not read ORDER BY inside them. */
const MODIFIER_OPTIONS = `(SELECT json_group_array(json_object('id', c.modifier_option_id, 'name', c.name, 'price_minor', c.price_delta_minor,
      'code', c.item_code, 'default', json(CASE c.is_default WHEN 1 THEN 'true' ELSE 'false' END)))
  FROM (SELECT * FROM modifier_options AS o WHERE o.modifier_group_id = f.modifier_group_id AND o.provider_active = 1 AND o.merchant_hidden = 0
    ORDER BY o.position, o.modifier_option_id) AS c)`;

/** The modifier groups of a product `r`. A product's own bound goes before the group's; -1 is none. */
const modifierGroups = (further: string) => `(SELECT json_group_array(json_object('id', f.modifier_group_id, 'min', f.min_select,
      'max', f.max_select${further}))
  FROM (SELECT g.modifier_group_id, g.name, coalesce(pg.min_select, g.min_select) AS min_select,
      CASE WHEN pg.max_select IS NULL THEN g.max_select WHEN pg.max_select < 0 THEN NULL ELSE pg.max_select END AS max_select
    FROM product_modifier_groups AS pg CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id
    WHERE pg.product_id = r.product_id ORDER BY pg.position, g.modifier_group_id) AS f)`;

/** What a bundle `r` holds. A component that has not arrived is called by its code. */
const BUNDLE = `(SELECT json_group_array(json_object('code', f.item_code, 'quantity_e4', f.quantity_e4,
      'name', coalesce((SELECT ${VARIANT_DISPLAY_NAME_SQL} FROM variants AS v CROSS JOIN products AS p ON p.product_id = v.product_id
        WHERE v.item_code = f.item_code), f.item_code)))
  FROM (SELECT b.item_code, b.quantity_e4 FROM bundle_components AS b WHERE b.bundle_variant_id = r.variant_id
    ORDER BY b.position, b.item_code) AS f)`;

/** The image that is shown of a product `p`: our copy under `base` (an expression), else the provider's address. */
export const shownImageSql = (base: string): string => `coalesce(${base} || '/' || p.main_image_url, p.external_image_url)`;

/**
 * The one denormalisation of a store's live menu (its arguments: `?1` the store, `?2` what goes before our images): the columns of `items_flat`, one row an item, in the order of the
 * storefront document. Sections of two menus that share a category stand together, as the first of them is shown. Items that were hidden since
 * the publish drop out. The joins go from the store's menus outwards, so its cost is that of this store's items alone.
 */
const flatRows = (
  modifierGroupsOfItem: string,
) => `SELECT ?1 AS store_id, row_number() OVER in_order - 1 AS position, r.category_id, r.category_name, r.category_view_type,
    r.variant_id, r.product_id, r.item_code, r.name, r.description, r.price_minor, r.currency, r.image_url, r.tax_rate_e4, r.tags, r.allergens,
    ${modifierGroupsOfItem} AS modifier_groups, ${BUNDLE} AS bundle
  FROM (
    SELECT s.item_category_id AS category_id, s.name AS category_name,
      first_value(upper(s.display_type)) OVER same_category AS category_view_type,
      first_value(m.position * 1000 + s.position) OVER same_category AS category_place,
      m.position AS menu_place, s.position AS section_place, i.position AS item_place,
      v.variant_id, v.product_id, v.item_code, ${VARIANT_DISPLAY_NAME_SQL} AS name, p.description, i.price_minor, m.currency,
      ${shownImageSql("?2")} AS image_url, p.tax_rate_e4, p.tags, p.allergens
    FROM menus AS m CROSS JOIN menu_sections AS s ON s.menu_id = m.menu_id
      CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.menu_section_id = s.menu_section_id
      CROSS JOIN variants AS v ON v.variant_id = i.variant_id CROSS JOIN products AS p ON p.product_id = v.product_id
    WHERE m.store_id = ?1 AND m.deleted_at_ms IS NULL AND ${VARIANT_VISIBLE_SQL}
    WINDOW same_category AS (PARTITION BY s.item_category_id ORDER BY m.position, s.position)
  ) AS r
  WINDOW in_order AS (ORDER BY r.category_place, r.menu_place, r.section_place, r.item_place)
  ORDER BY position`;

/** What `items_flat` is filled with: every row whole. */
export const FLAT_ROWS = flatRows(modifierGroups(`, 'name', f.name, 'options', json(${MODIFIER_OPTIONS})`));

/**
 * The same for compiling the document, with the bounds of each item's modifier groups only: what is in a group comes once a store, by
 * `STORE_MODIFIER_GROUPS`. With every item's options in it, the answer for some thousand items would pass the 10 MB that sqld gives.
 */
export const COMPILED_ROWS = flatRows(modifierGroups(""));

/** The modifier groups that a store's live menu (`?1`) uses. */
export const STORE_MODIFIER_GROUPS = `SELECT f.modifier_group_id, f.name, ${MODIFIER_OPTIONS} AS options
  FROM (SELECT DISTINCT g.modifier_group_id, g.name
    FROM menus AS m CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id CROSS JOIN variants AS v ON v.variant_id = i.variant_id
      CROSS JOIN product_modifier_groups AS pg ON pg.product_id = v.product_id
      CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id
    WHERE m.store_id = ?1 AND m.deleted_at_ms IS NULL) AS f`;

/** A row of `STORE_MODIFIER_GROUPS`; `options` is a JSON text. */
export interface ModifierGroupRow {
  modifier_group_id: string;
  name: string;
  options: string;
}

/** A row of `COMPILED_ROWS`; the last four are JSON texts. */
export interface FlatRow {
  category_id: string;
  category_name: string;
  category_view_type: "LIST" | "GRID";
  variant_id: string;
  product_id: string;
  item_code: string;
  name: string;
  description: string | null;
  price_minor: number;
  currency: string;
  image_url: string | null;
  tax_rate_e4: number | null;
  tags: string;
  allergens: string;
  modifier_groups: string;
  bundle: string;
}
