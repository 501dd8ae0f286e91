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

/** The `data` of every event that this slice emits, by event type. */
export const storeEvents = {
  "store.location.created": Location,
  "store.location.updated": Location,
};

/** A SELECT of one store's location event; its argument is the store's id. */
export const LOCATION_EVENT_SQL = `SELECT json_object('location_id', s.location_id, 'kind', l.kind, 'store_id', s.store_id, 'name', s.name,
    'code', s.code, 'timezone', s.timezone, 'currency', s.currency, 'locale', s.locale, 'address', json(s.address)) AS data
  FROM stores AS s JOIN locations AS l USING (location_id) WHERE s.store_id = ?`;
