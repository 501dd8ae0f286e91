import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { VARIANT_DISPLAY_NAME_SQL, VARIANT_VISIBLE_SQL } from "../catalog/index.ts";
import { CUSTOMER_JSON, ORDER_JSON, SHIFT_JSON } from "../orders/index.ts";

const bool = (expression: string): string => `json(iif(${expression}, 'true', 'false'))`;

const PRODUCT = `(SELECT json_object('id', p.product_id, 'name', p.name, 'description', p.description,
    'image_url', coalesce('/media/' || p.main_image_url, p.external_image_url), 'visible', ${bool("p.visible")}, 'tags', json(p.tags),
    'allergens', json(p.allergens), 'tax_rate', p.tax_rate_e4 / 10000.0,
    'categories', ${jsonListSql("json_quote(pc.category_id)", "product_categories AS pc WHERE pc.product_id = p.product_id", "pc.position, pc.category_id")},
    'modifier_groups', ${jsonListSql(
      `json_object('id', g.modifier_group_id, 'min', coalesce(pg.min_select, g.min_select),
        'max', nullif(coalesce(pg.max_select, g.max_select), -1))`,
      `product_modifier_groups AS pg CROSS JOIN modifier_groups AS g ON g.modifier_group_id = pg.modifier_group_id
       WHERE pg.product_id = p.product_id`,
      "pg.position, g.modifier_group_id",
    )}) FROM products AS p WHERE p.product_id = f.id)`;

const VARIANT = `(SELECT json_object('id', v.variant_id, 'product_id', v.product_id, 'item_code', v.item_code, 'name', ${VARIANT_DISPLAY_NAME_SQL},
    'option_name', v.option_name, 'barcode', v.barcode, 'visible', ${bool(VARIANT_VISIBLE_SQL)}, 'position', v.position,
    'attributes', json(v.attributes), 'bundle', ${jsonListSql(
      "json_object('item_code', b.item_code, 'quantity', b.quantity_e4 / 10000.0)",
      "bundle_components AS b WHERE b.bundle_variant_id = v.variant_id",
      "b.position",
    )}) FROM variants AS v CROSS JOIN products AS p ON p.product_id = v.product_id WHERE v.variant_id = f.id)`;

const MODIFIER_GROUP = `(SELECT json_object('id', g.modifier_group_id, 'name', g.name, 'min', g.min_select, 'max', g.max_select,
    'options', ${jsonListSql(
      `json_object('id', o.modifier_option_id, 'name', o.name, 'price', o.price_delta_minor, 'item_code', o.item_code,
        'active', ${bool("o.provider_active")}, 'default', ${bool("o.is_default")})`,
      "modifier_options AS o WHERE o.modifier_group_id = g.modifier_group_id",
      "o.position, o.modifier_option_id",
    )}) FROM modifier_groups AS g WHERE g.modifier_group_id = f.id)`;

const CATEGORY = `(SELECT json_object('id', c.category_id, 'name', c.name, 'parent_id', c.parent_id, 'position', c.position)
  FROM categories AS c WHERE c.category_id = f.id)`;

const PRICE = `(SELECT json_object('id', vp.variant_price_id, 'variant_id', vp.variant_id, 'location_id', vp.location_id, 'channel', vp.channel,
    'currency', vp.currency, 'price', vp.price_minor, 'mrp', vp.mrp_minor, 'tax_rate', vp.tax_rate_e4 / 10000.0,
    'effective_from', ${timestampSql("vp.effective_from_ms")}, 'effective_to', ${timestampSql("vp.effective_to_ms")})
  FROM variant_prices AS vp WHERE vp.variant_price_id = f.id AND coalesce(vp.location_id, f.scope) = f.scope)`;

const STORE = `(SELECT json_object('id', s.store_id, 'location_id', s.location_id, 'name', s.name, 'code', s.code, 'currency', s.currency,
    'timezone', s.timezone, 'locale', s.locale, 'address', json(s.address)) FROM stores AS s WHERE s.store_id = f.id AND s.location_id = f.scope)`;

const MENU = `(SELECT json_object('store_id', d.store_id, 'menu_version', d.menu_version, 'url', '/api/v1/stores/' || d.store_id || '/menu')
  FROM storefront_documents AS d WHERE d.store_id = f.id)`;

const ORDERABILITY = `(SELECT json_object('location_id', s.location_id, 'version', coalesce((SELECT d.version FROM orderability_documents AS d
      WHERE d.location_id = s.location_id), 0) + coalesce((SELECT t.version FROM store_trading AS t WHERE t.store_id = s.store_id), 0),
    'url', '/api/v1/stores/' || s.store_id || '/orderability') FROM stores AS s WHERE s.location_id = f.id)`;

const STOCK_POSITION = `(SELECT json_object('location_id', sp.location_id, 'variant_id', sp.variant_id,
    'quantity_on_hand', sp.on_hand_e4 / 10000.0, 'quantity_reserved', sp.reserved_e4 / 10000.0, 'quantity_available', sp.available_e4 / 10000.0)
  FROM stock_positions AS sp WHERE sp.location_id = f.scope AND sp.variant_id = substr(f.id, length(f.scope) + 2))`;

const REJECTION = `(SELECT json_object('operation_id', r.operation ->> 'id', 'status', r.status, 'code', r.code, 'detail', r.detail,
    'amount', r.amount_minor, 'currency', r.currency, 'operation', json(r.operation), 'rejected_at', ${timestampSql("r.rejected_at_ms")})
  FROM sync_rejections AS r WHERE r.terminal_id = f.scope AND r.operation_id = substr(f.id, length(f.scope) + 2))`;

/** Every entity of the feed, and its data in SQL, of a row of `change_feed AS f`. */
export const FEED_DATA = {
  store: STORE,
  category: CATEGORY,
  product: PRODUCT,
  variant: VARIANT,
  modifier_group: MODIFIER_GROUP,
  price: PRICE,
  menu: MENU,
  orderability: ORDERABILITY,
  stock_position: STOCK_POSITION,
  customer: `(SELECT ${CUSTOMER_JSON} FROM customers AS c WHERE c.customer_id = f.id)`,
  order: `(SELECT ${ORDER_JSON} FROM orders AS o WHERE o.order_id = f.id)`,
  shift: `(SELECT ${SHIFT_JSON} FROM shifts AS s WHERE s.shift_id = f.id)`,
  rejection: REJECTION,
} as const;

export type FeedEntity = keyof typeof FEED_DATA;

export const FEED_ENTITIES = Object.keys(FEED_DATA) as [FeedEntity, ...FeedEntity[]];

/** Those that tills write: their version is their own, and stands in their data. Of the rest it is their place in the feed. */
export const OWN_VERSION = new Set<unknown>(["order", "shift", "customer"]);

/** The data of any entity. Of a thing that is gone there is none; an order or shift that left the feed tells how. */
export const feedDataSql = (entities: readonly FeedEntity[]): string =>
  `CASE ${entities.map((entity) => `WHEN f.entity = '${entity}'${entity === "order" || entity === "shift" ? "" : " AND f.deleted = 0"} THEN ${FEED_DATA[entity]}`).join("\n  ")} END`;
