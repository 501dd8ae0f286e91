import type { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import type { Reply } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { ITEM_HEAD, type ItemRow, itemsJson, placeStatement, storeJson } from "./catalog-view-reader.ts";
import type { CatalogViewItem } from "./catalog-view-schemas.ts";
import { searchQuery } from "./search-query.ts";

/**
 * Name, option and code weigh more than the description; what is twice on the menu is told once, where it stands first. Only what the store has is
 * ranked: of a large catalogue a short word finds half, and a rank costs far more than a look at the key.
 */
const FOUND = `WITH here AS MATERIALIZED (
    SELECT r.search_id, min(i.position) AS position FROM items_flat AS i CROSS JOIN catalog_search_rows AS r ON r.variant_id = i.variant_id
    WHERE i.store_id = ? GROUP BY r.search_id),
  best AS MATERIALIZED (
    SELECT here.position, bm25(catalog_search, 10.0, 6.0, 8.0, 1.0) AS place
    FROM catalog_search CROSS JOIN here ON here.search_id = catalog_search.rowid
    WHERE catalog_search MATCH ? ORDER BY 2, 1 LIMIT ?)
  SELECT f.position, f.variant_id, ${ITEM_HEAD} AS head, f.modifier_groups, f.bundle,
    o.reason_code, o.available_e4, o.snoozed_until_ms, o.reason_after
  FROM best
  CROSS JOIN items_flat AS f ON f.store_id = ? AND f.position = best.position
  CROSS JOIN stores AS s ON s.store_id = f.store_id
  LEFT JOIN orderability_projection AS o ON o.location_id = s.location_id AND o.variant_id = f.variant_id
  ORDER BY best.place, best.position`;

const foundStatement = (query: string, storeId: string, limit: number): Statement => statement(FOUND, storeId, query, limit, storeId);

/** An item of the menu with what may be told of its orderability. */
export type FoundItem = z.infer<typeof CatalogViewItem>;

interface Asked {
  q: string;
  limit: number;
}

/** The store's row and what was found. One request. Throws NOT_FOUND. */
async function find(scope: RequestScope, storeId: string, { q, limit }: Asked): Promise<{ place: Row; found: ItemRow[] }> {
  const query = searchQuery(q);
  const statements = [placeStatement({ store_id: storeId }), ...(query === null ? [] : [foundStatement(query, storeId, limit)])];
  const [[place] = [], found = []] = await scope.db.read(statements);
  if (!place) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  return { place, found: found as unknown as ItemRow[] };
}

/** What a store has live that a text finds, best first, marked with whether it can be ordered. One request. Throws NOT_FOUND. */
export async function searchStore(scope: RequestScope, storeId: string, asked: Asked): Promise<Reply> {
  const { place, found } = await find(scope, storeId, asked);
  const nowMs = scope.clock.now();
  const text = `${storeJson(place, nowMs)},"query":${JSON.stringify(asked.q)},"data":${itemsJson(found, place, nowMs)}}`;
  return { status: 200, text };
}

/** The same as items, for a page. */
export async function findItems(scope: RequestScope, storeId: string, asked: Asked): Promise<FoundItem[]> {
  const { place, found } = await find(scope, storeId, asked);
  return JSON.parse(itemsJson(found, place, scope.clock.now()));
}
