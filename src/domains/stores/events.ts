import { z } from "zod";

const Location = z.strictObject({
  location_id: z.uuid(),
  kind: z.literal("store"),
  store_id: z.uuid(),
  name: z.string(),
  code: z.string().nullable(),
  timezone: z.string(),
  currency: z.string(),
  locale: z.string(),
  address: z.record(z.string(), z.string()).nullable(),
});

const Trading = z.strictObject({
  store_id: z.uuid(),
  location_id: z.uuid(),
  is_paused: z.boolean(),
  paused_until_ms: z.int().nullable(),
  /** As the store's hours are set; null: always open. */
  hours: z.record(z.string(), z.unknown()).nullable(),
});

/** The `data` of every event that this slice emits, by event type. */
export const storeEvents = {
  "store.location.created": Location,
  "store.location.updated": Location,
  "store.trading.updated": Trading,
};

/** A SELECT of one store's location event; its argument is the store's id. */
export const LOCATION_EVENT_SQL = `SELECT json_object('location_id', s.location_id, 'kind', l.kind, 'store_id', s.store_id, 'name', s.name,
    'code', s.code, 'timezone', s.timezone, 'currency', s.currency, 'locale', s.locale, 'address', json(s.address)) AS data
  FROM stores AS s JOIN locations AS l USING (location_id) WHERE s.store_id = ?`;

/** A SELECT of one store's trading event; its argument is the store's id. */
export const TRADING_EVENT_SQL = `SELECT json_object('store_id', s.store_id, 'location_id', s.location_id,
    'is_paused', json(iif(t.is_paused, 'true', 'false')), 'paused_until_ms', t.paused_until_ms, 'hours', json(t.hours)) AS data
  FROM stores AS s JOIN store_trading AS t USING (store_id) WHERE s.store_id = ?`;
