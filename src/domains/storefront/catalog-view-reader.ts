import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import type { Reply } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { tradingAt, tradingOf } from "../stores/index.ts";
import { itemJson, itemOrderability, type MenuRow, type OrderabilityRow } from "./catalog-view.ts";

export interface ViewPage {
  limit: number;
  cursor?: string | undefined;
}

/** How the store is named: by itself or by where its stock lies. */
export type StoreReference = { store_id: string } | { location_id: string };

/** Of `items_flat AS f`: an item's part of the menu without its lists and the closing brace; the lists come beside it as they are stored. */
export const ITEM_HEAD = `rtrim(json_object('code', f.item_code, 'variant_id', f.variant_id, 'product_id', f.product_id, 'name', f.name,
  'description', f.description, 'price', f.price_minor, 'image_url', f.image_url, 'tax_rate', f.tax_rate_e4 / 10000.0,
  'tags', json(f.tags), 'allergens', json(f.allergens),
  'category', json_object('id', f.category_id, 'name', f.category_name, 'view_type', f.category_view_type)), '}') || '}'`;

const PLACE = `SELECT json_object('id', s.store_id, 'location_id', s.location_id, 'name', s.name, 'code', s.code, 'timezone', s.timezone,
    'locale', s.locale, 'currency', s.currency) AS store, s.currency, s.timezone, d.menu_version, t.hours, t.is_paused, t.paused_until_ms,
    coalesce(o.version, 0) + coalesce(t.version, 0) AS orderability_version
  FROM stores AS s LEFT JOIN storefront_documents AS d ON d.store_id = s.store_id
    LEFT JOIN orderability_documents AS o ON o.location_id = s.location_id LEFT JOIN store_trading AS t ON t.store_id = s.store_id`;

const MENU = `SELECT f.position, f.variant_id, ${ITEM_HEAD} AS head, f.modifier_groups, f.bundle
  FROM stores AS s CROSS JOIN items_flat AS f ON f.store_id = s.store_id`;

/** What stands against the items of the same page: keyed rows of the projection. */
const orderabilitySql = (where: string) => `SELECT o.variant_id, o.reason_code, o.available_e4, o.snoozed_until_ms, o.reason_after
  FROM (SELECT s.location_id, f.variant_id FROM stores AS s CROSS JOIN items_flat AS f ON f.store_id = s.store_id
    WHERE ${where} AND f.position > ? ORDER BY f.position LIMIT ?) AS page
  CROSS JOIN orderability_projection AS o ON o.location_id = page.location_id AND o.variant_id = page.variant_id`;

const whereOf = (reference: StoreReference): [where: string, id: string] =>
  "store_id" in reference ? ["s.store_id = ?", reference.store_id] : ["s.location_id = ?", reference.location_id];

/** The store's one row: who it is, its versions and whether it sells. */
export function placeStatement(reference: StoreReference): Statement {
  const [where, id] = whereOf(reference);
  return statement(`${PLACE} WHERE ${where}`, id);
}

/** The store's row, a page of its menu (one row more, to know whether there is another page) and the orderability of that page. */
export function viewStatements(reference: StoreReference, afterPosition: number, limit: number): Statement[] {
  const [where, id] = whereOf(reference);
  return [
    placeStatement(reference),
    statement(`${MENU} WHERE ${where} AND f.position > ? ORDER BY f.position LIMIT ?`, id, afterPosition, limit + 1),
    statement(orderabilitySql(where), id, afterPosition, limit),
  ];
}

/**
 * A page of a store's menu with what can be ordered now and at what price. Two coarse reads (menu, orderability) in one request and one merge.
 * Throws NOT_FOUND for a store that does not exist or has no menu, BAD_REQUEST for a cursor of another list.
 */
export async function catalogView(scope: RequestScope, reference: StoreReference, page: ViewPage): Promise<Reply> {
  const after = page.cursor === undefined ? -1 : positionOf(page.cursor);
  const [places = [], menu = [], orderability = []] = await scope.db.read(viewStatements(reference, after, page.limit));
  const place = places[0];
  if (!place) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  if (place["menu_version"] === null) throw new AppError("NOT_FOUND", { detail: "No menu is published at this store yet." });
  const nowMs = scope.clock.now();
  const byVariant = new Map(orderability.map((row) => [row["variant_id"], row]));
  const shown = menu.slice(0, page.limit);
  const items = shown.map((row) => ({ ...row, ...byVariant.get(row["variant_id"] ?? null) }) as unknown as ItemRow);
  const last = shown.at(-1);
  const next = menu.length > page.limit && last ? encodeCursor([Number(last["position"])]) : null;
  return {
    status: 200,
    text: `${storeJson(place, nowMs)},"data":${itemsJson(items, place, nowMs)},"next_cursor":${JSON.stringify(next)}}`,
  };
}

function positionOf(cursor: string): number {
  const [position] = decodeCursor(cursor, 1);
  // A text would be greater than every position and end the list silently.
  if (typeof position === "number") return position;
  throw new AppError("BAD_REQUEST", { detail: "cursor is not one that this list gave; start again without it" });
}

/** A row of the menu with what stands against the item. */
export type ItemRow = MenuRow & Partial<OrderabilityRow>;

/** The JSON list of the items of a store, told of at a moment. */
export function itemsJson(rows: readonly ItemRow[], place: Row, nowMs: number): string {
  const reason = tradingAt(tradingOf(place), nowMs).reason;
  return `[${rows.map((row) => itemJson(row, itemOrderability(row, reason, nowMs))).join(",")}]`;
}

/** The beginning of the answer's JSON: the store, the versions, the time. */
export function storeJson(place: Row, nowMs: number): string {
  const reason = tradingAt(tradingOf(place), nowMs).reason;
  const selling = `"orderable":${reason === null}${reason === null ? "" : `,"reason":"${reason}"`}`;
  const store = `${String(place["store"]).slice(0, -1)},${selling}}`;
  const versions = `"menu_version":${place["menu_version"] ?? 0},"orderability_version":${place["orderability_version"] ?? 0}`;
  return `{"store":${store},${versions},"as_of":"${new Date(nowMs).toISOString()}","currency":${JSON.stringify(place["currency"])}`;
}
