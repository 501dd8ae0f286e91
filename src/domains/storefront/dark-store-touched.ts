import { type Statement, statement } from "../../platform/db/statement.ts";

/** What the projection needs of an event. */
export interface TellsOfChange {
  event_id: string;
  event_type: string;
  occurred_at: string;
  data: unknown;
}

const OF_VARIANTS = ["catalog.variant.upserted", "catalog.variant.deleted"];
const OF_PLACES = [
  "inventory.stock.adjusted",
  "inventory.stock.reserved",
  "inventory.stock.released",
  "inventory.stock.committed",
  "inventory.orderability.changed",
];

/** Where a variant `v` and an event id `named.event_id` are of a dark store's assortment, or were. */
const MEMBERS = `CROSS JOIN dark_stores AS d CROSS JOIN stores AS s ON s.store_id = d.store_id
  WHERE EXISTS (SELECT 1 FROM dark_store_catalog_projection AS h WHERE h.dark_store_id = d.dark_store_id AND h.variant_id = v.variant_id)
    OR EXISTS (SELECT 1 FROM orderability_projection AS o WHERE o.location_id = s.location_id AND o.variant_id = v.variant_id)
    OR EXISTS (SELECT 1 FROM menus AS m CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id AND i.variant_id = v.variant_id
      WHERE m.store_id = d.store_id AND m.deleted_at_ms IS NULL)`;

const pairs = (values: string) => `(SELECT value ->> 0 AS ${values}, value ->> 1 AS event_id FROM json_each(?)) AS named`;

const BY_VARIANT = `SELECT d.dark_store_id, v.variant_id, named.event_id FROM ${pairs("id")} CROSS JOIN variants AS v ON v.variant_id = named.id ${MEMBERS}`;
const BY_PRODUCT = `SELECT d.dark_store_id, v.variant_id, named.event_id FROM ${pairs("id")} CROSS JOIN variants AS v ON v.product_id = named.id ${MEMBERS}`;
const BY_CATEGORY = `SELECT d.dark_store_id, v.variant_id, named.event_id FROM ${pairs("id")}
  CROSS JOIN product_categories AS pc ON pc.category_id = named.id CROSS JOIN variants AS v ON v.product_id = pc.product_id ${MEMBERS}`;

/** At its location, and the bundles there that hold it: how many of those can be made follows from it. */
const BY_PLACE = `WITH named AS MATERIALIZED (
    SELECT d.dark_store_id, value ->> 1 AS variant_id, value ->> 2 AS event_id FROM json_each(?)
      CROSS JOIN stores AS s ON s.location_id = value ->> 0 CROSS JOIN dark_stores AS d ON d.store_id = s.store_id)
  SELECT dark_store_id, variant_id, event_id FROM named
  UNION ALL SELECT n.dark_store_id, b.bundle_variant_id, n.event_id FROM named AS n CROSS JOIN variants AS v ON v.variant_id = n.variant_id
    CROSS JOIN bundle_components AS b ON b.item_code = v.item_code`;

const BY_ASSORTMENT = "SELECT value ->> 0 AS dark_store_id, value ->> 1 AS variant_id, value ->> 2 AS event_id FROM json_each(?)";

/** Everything of a dark store, by its own id or its store's. */
const WHOLE = `WITH named AS MATERIALIZED (
    SELECT d.dark_store_id, d.store_id, max(value ->> 1) AS event_id FROM json_each(?)
      CROSS JOIN dark_stores AS d ON d.dark_store_id = value ->> 0 OR d.store_id = value ->> 0 GROUP BY 1, 2)
  SELECT n.dark_store_id, h.variant_id, n.event_id FROM named AS n CROSS JOIN dark_store_catalog_projection AS h ON h.dark_store_id = n.dark_store_id
  UNION SELECT n.dark_store_id, o.variant_id, n.event_id FROM named AS n CROSS JOIN stores AS s ON s.store_id = n.store_id
    CROSS JOIN orderability_projection AS o ON o.location_id = s.location_id
  UNION SELECT n.dark_store_id, i.variant_id, n.event_id FROM named AS n
    CROSS JOIN menus AS m ON m.store_id = n.store_id AND m.deleted_at_ms IS NULL CROSS JOIN menu_items AS i ON i.menu_id = m.menu_id`;

type Data = Record<string, string> & { variant_ids?: string[]; prices?: { variant_id: string }[] };

/** SELECTs of the places (dark_store_id, variant_id, event_id) that the events may have changed; none where they are about something else. */
export function touchedPlaces(events: readonly TellsOfChange[]): Statement[] {
  const rows = (types: readonly string[], of: (data: Data, eventId: string) => unknown[][]): unknown[][] =>
    events.flatMap(({ event_type, event_id, data }) => (types.includes(event_type) ? of(data as Data, event_id) : []));
  const selects: [sql: string, named: unknown[][]][] = [
    [
      BY_VARIANT,
      [
        ...rows(OF_VARIANTS, ({ variant_id }, id) => [[variant_id, id]]),
        // A menu's prices are told by `menu.published` too.
        ...rows(["catalog.price.updated"], ({ channel, prices = [] }, id) =>
          channel === "default" ? prices.map(({ variant_id }) => [variant_id, id]) : [],
        ),
      ],
    ],
    [BY_PRODUCT, rows(["catalog.product.upserted"], ({ product_id }, id) => [[product_id, id]])],
    [BY_CATEGORY, rows(["catalog.category.upserted"], ({ category_id }, id) => [[category_id, id]])],
    [BY_PLACE, rows(OF_PLACES, ({ location_id, variant_id }, id) => [[location_id, variant_id, id]])],
    [
      BY_ASSORTMENT,
      rows(["catalog.assortment.updated"], ({ dark_store_id, variant_ids = [] }, id) =>
        variant_ids.map((variant) => [dark_store_id, variant, id]),
      ),
    ],
    [
      WHOLE,
      [
        ...rows(["store.dark_store.created"], ({ dark_store_id }, id) => [[dark_store_id, id]]),
        ...rows(["menu.published"], ({ store_id }, id) => [[store_id, id]]),
      ],
    ],
  ];
  return selects.filter(([, named]) => named.length > 0).map(([sql, named]) => statement(sql, JSON.stringify(named)));
}
