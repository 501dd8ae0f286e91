import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { quantityFromE4 } from "../../kernel/quantity.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import { ok, type Reply } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { noSuchDarkStore, tradingAt, tradingOf } from "../stores/index.ts";
import { itemOrderability, type OrderabilityRow } from "./catalog-view.ts";
import type { ViewPage } from "./catalog-view-reader.ts";

const PLACE = `SELECT d.dark_store_id, d.store_id, s.location_id, d.name, d.status, d.is_active, d.capacity, s.currency, s.timezone,
    t.hours, t.is_paused, t.paused_until_ms
  FROM dark_stores AS d CROSS JOIN stores AS s ON s.store_id = d.store_id LEFT JOIN store_trading AS t ON t.store_id = d.store_id
  WHERE d.dark_store_id = ?`;

/** The assortment's page by SKU; one row more than asked for, to know whether there is another page. */
const ASSORTMENT = `SELECT h.sku, h.variant_id, v.product_id, h.product_name, h.category_name, h.is_essential, h.demand_score_e4, h.velocity_rank,
    h.effective_price_minor, h.reason_code, p.description, coalesce(? || '/' || p.main_image_url, p.external_image_url) AS image_url
  FROM dark_store_catalog_projection AS h CROSS JOIN variants AS v ON v.variant_id = h.variant_id
    CROSS JOIN products AS p ON p.product_id = v.product_id
  WHERE h.dark_store_id = ? AND h.sku > ? AND h.is_active ORDER BY h.sku LIMIT ?`;

const ORDERABILITY = `SELECT o.variant_id, o.reason_code, o.available_e4, o.snoozed_until_ms, o.reason_after
  FROM (SELECT h.variant_id FROM dark_store_catalog_projection AS h WHERE h.dark_store_id = ? AND h.sku > ? AND h.is_active
    ORDER BY h.sku LIMIT ?) AS page
  CROSS JOIN dark_stores AS d ON d.dark_store_id = ? CROSS JOIN stores AS s ON s.store_id = d.store_id
  CROSS JOIN orderability_projection AS o ON o.location_id = s.location_id AND o.variant_id = page.variant_id`;

const viewStatements = (mediaBase: string, id: string, afterSku: string, limit: number): Statement[] => [
  statement(PLACE, id),
  statement(ASSORTMENT, mediaBase, id, afterSku, limit + 1),
  statement(ORDERABILITY, id, afterSku, limit, id),
];

/**
 * A page of a dark store's assortment with its status and what can be ordered now: the projection, and orderability as it is over it. One request.
 * Throws NOT_FOUND, BAD_REQUEST for a cursor of another list.
 */
export async function darkStoreView(scope: RequestScope, id: string, page: ViewPage): Promise<Reply> {
  const [after] = page.cursor === undefined ? [""] : decodeCursor(page.cursor, 1);
  const [places = [], assortment = [], orderability = []] = await scope.db.read(
    viewStatements(scope.config.MEDIA_BASE_URL, id, String(after ?? ""), page.limit),
  );
  const place = places[0];
  if (!place) throw noSuchDarkStore();
  const nowMs = scope.clock.now();
  const reason = reasonOf(place, nowMs);
  const byVariant = new Map(orderability.map((row) => [row["variant_id"], row]));
  const shown = assortment.slice(0, page.limit);
  const last = shown.at(-1);
  return ok({
    dark_store: {
      id: place["dark_store_id"],
      store_id: place["store_id"],
      location_id: place["location_id"],
      name: place["name"],
      status: place["status"],
      is_active: place["is_active"] === 1,
      capacity: place["capacity"],
      currency: place["currency"],
      orderable: reason === null,
      ...(reason === null ? {} : { reason }),
    },
    as_of: new Date(nowMs).toISOString(),
    currency: place["currency"],
    data: shown.map((row) => ({
      code: row["sku"],
      variant_id: row["variant_id"],
      product_id: row["product_id"],
      name: row["product_name"],
      description: row["description"],
      category_name: row["category_name"],
      price: row["effective_price_minor"],
      image_url: row["image_url"],
      is_essential: row["is_essential"] === 1,
      demand_score: quantityFromE4(Number(row["demand_score_e4"])),
      velocity_rank: row["velocity_rank"],
      ...itemOrderability(
        (byVariant.get(row["variant_id"] ?? null) ?? { reason_code: row["reason_code"] }) as Partial<OrderabilityRow>,
        reason,
        nowMs,
      ),
    })),
    next_cursor: assortment.length > page.limit && last ? encodeCursor([String(last["sku"])]) : null,
  });
}

/** A dark store that takes no orders is told like a store that is paused; else what holds for its store. */
function reasonOf(place: Row, nowMs: number): "store_paused" | "store_closed" | null {
  if (place["is_active"] !== 1) return place["status"] === "closed" ? "store_closed" : "store_paused";
  return tradingAt(tradingOf(place), nowMs).reason;
}
