import { type Row, statement } from "../../platform/db/statement.ts";
import { EdgeCache } from "../../platform/edge-cache/edge-cache.ts";
import type { Scope } from "../../platform/http/scope.ts";
import { StoredDocument } from "./stored-document.ts";

/** What a store shows: a document, or none yet (it exists and nothing was published to it). */
export type StoreMenu = { document: StoredDocument | null };

const ENTRY_BYTES = 512;

/** The menus that this isolate remembers, of all tenants. With orderability (12 MiB) and the answers kept ready (8 MiB) it stays at 64. */
const cache = new EdgeCache<StoreMenu>({
  max_bytes: 44 * 1024 * 1024,
  fresh_ms: 5_000,
  max_age_ms: 10_000,
  miss_ms: 2_000,
  size_of: ({ document }) => ENTRY_BYTES + (document?.held_bytes ?? 0),
});

const keyOf = (scope: Scope, storeId: string): string => `${scope.tenant.tenant_id}/${storeId}`;

/**
 * One row at most: the document, or where there is none the store. The body comes only where it is another version than the one held; the
 * second half is not reached where the first gives a row.
 */
const MENU_ROW = `SELECT menu_version, content_hash, body_bytes, CASE WHEN menu_version = ?2 AND content_hash = ?3 THEN NULL ELSE body END AS body
  FROM storefront_documents WHERE store_id = ?1
  UNION ALL SELECT NULL, NULL, NULL, NULL FROM stores WHERE store_id = ?1 LIMIT 1`;

async function load(scope: Scope, storeId: string, previous: StoreMenu | undefined, fresh: boolean): Promise<StoreMenu | "same" | null> {
  const held = previous?.document ?? null;
  const [rows] = await scope.db.read([statement(MENU_ROW, storeId, held?.menu_version ?? null, held?.content_hash ?? null)], { fresh });
  const row = rows?.[0];
  if (!row) return null;
  if (row["menu_version"] === null) return held === null && previous ? "same" : { document: null };
  return row["body"] === null ? "same" : { document: documentOf(row) };
}

const documentOf = (row: Row): StoredDocument =>
  new StoredDocument({
    menu_version: Number(row["menu_version"]),
    content_hash: String(row["content_hash"]),
    body_bytes: Number(row["body_bytes"]),
    gzip: row["body"] as Uint8Array,
  });

/** What the store shows, from memory where that is young enough; null: there is no such store. */
export const cachedMenu = (scope: Scope, storeId: string): Promise<StoreMenu | null> =>
  cache.get(keyOf(scope, storeId), scope, (previous) => load(scope, storeId, previous, false));

/** The same from the database, past memory: the nearest replica, or with `fresh` the primary. */
export const currentMenu = (scope: Scope, storeId: string, fresh: boolean): Promise<StoreMenu | null> =>
  cache.reload(keyOf(scope, storeId), scope, (previous) => load(scope, storeId, previous, fresh));

/** After unpacking: memory is counted by what it holds. */
export const remeasureMenu = (scope: Scope, storeId: string, menu: StoreMenu): void => cache.remeasure(keyOf(scope, storeId), menu);

/** Whether memory still answers with this menu, without asking. */
export function isCurrentMenu(scope: Scope, storeId: string, menu: StoreMenu): () => boolean {
  const key = keyOf(scope, storeId);
  const { clock } = scope;
  return () => cache.isFresh(key, menu, clock.now());
}

/** Makes this isolate's next answer come from the database. */
export const dropCachedMenu = (scope: Scope, storeId: string): void => cache.drop(keyOf(scope, storeId));
