import { z } from "zod";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";

/** At most so many prices in one event: a menu of thousands is told in several. */
export const PRICES_AN_EVENT = 200;

/** The `data` of `catalog.price.updated`: a publish gave a store other prices, or a price of the catalogue began, ended or was replaced. */
export const PriceUpdated = z.strictObject({
  /** null: everywhere. */
  store_id: z.string().nullable(),
  location_id: z.string().nullable(),
  /** Of a price of the catalogue; absent from a menu's. */
  channel: z.string().optional(),
  currency: z.string(),
  prices: z
    .array(
      z.strictObject({
        variant_id: z.string(),
        sku: z.string(),
        /** null: no price in effect there any more. */
        price_minor: z.int().min(0).nullable(),
        /** null: there was none. */
        previous_price_minor: z.int().min(0).nullable(),
      }),
    )
    .max(PRICES_AN_EVENT),
});

/** `catalog.price.updated` for the prices that this unit of work turned (`effective_prices.turn_id`). */
export const pricesTurned = (scope: Pick<Scope, "clock" | "trace_id">, turnId: string, nowMs: number): Statement[] =>
  emitEvents(
    {
      event_type: "catalog.price.updated",
      source: "catalog-service",
      schema_version: 1,
      trace_id: scope.trace_id,
      occurred_at_ms: nowMs,
      rows: statement(
        `SELECT json_object('store_id', (SELECT s.store_id FROM stores AS s WHERE s.location_id = t.location_key),
           'location_id', nullif(t.location_key, ''), 'channel', t.channel, 'currency', t.currency,
           'prices', json_group_array(json_object('variant_id', t.variant_id, 'sku', t.item_code, 'price_minor', t.price_minor,
             'previous_price_minor', t.previous_price_minor))) AS data
         FROM (SELECT e.*, v.item_code,
             (row_number() OVER (PARTITION BY e.location_key, e.channel, e.currency ORDER BY e.variant_id) - 1) / ${PRICES_AN_EVENT} AS piece
           FROM effective_prices AS e CROSS JOIN variants AS v ON v.variant_id = e.variant_id WHERE e.turn_id = ?) AS t
         GROUP BY t.location_key, t.channel, t.currency, t.piece`,
        turnId,
      ),
    },
    scope.clock.newId(),
  );
