import { AppError } from "../../kernel/errors.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { cachedMenu, currentMenu, type StoredDocument, type StoreMenu } from "../menu/index.ts";

/** The Min-Menu-Version header; null where there is none. Throws BAD_REQUEST. */
export function minMenuVersion(header: string | null): number | null {
  if (header === null) return null;
  const version = Number(header);
  if (!/^\d{1,15}$/.test(header)) throw new AppError("BAD_REQUEST", { detail: "Min-Menu-Version must be a whole number." });
  return version;
}

const versionOf = (menu: StoreMenu | null): number => menu?.document?.menu_version ?? 0;

/**
 * What the store shows: memory, else one row of the nearest replica. A request that carries a consistency token goes past memory; one that asks
 * for a version goes as far as it must, to the primary at last. null: there is no such store. Throws MENU_VERSION_NOT_REACHED.
 */
export async function findMenu(scope: RequestScope, storeId: string): Promise<StoreMenu | null> {
  const least = minMenuVersion(scope.headers.get("min-menu-version")) ?? 0;
  const hasToken = scope.db.seenVersion() !== null;
  let menu = hasToken ? null : await cachedMenu(scope, storeId);
  if (hasToken || versionOf(menu) < least) menu = await currentMenu(scope, storeId, false);
  if (versionOf(menu) < least) menu = await currentMenu(scope, storeId, true);
  if (menu && versionOf(menu) < least) {
    throw new AppError("MENU_VERSION_NOT_REACHED", {
      detail: `The store is at version ${versionOf(menu)}.`,
      extensions: { menu_version: versionOf(menu) },
      retry_after_s: 1,
    });
  }
  return menu;
}

/** The same where there must be a document; throws NOT_FOUND, telling an unknown store from one without a menu. */
export async function requireDocument(scope: RequestScope, storeId: string): Promise<{ menu: StoreMenu; document: StoredDocument }> {
  const menu = await findMenu(scope, storeId);
  if (!menu) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  if (!menu.document) throw new AppError("NOT_FOUND", { detail: "No menu is published at this store yet." });
  return { menu, document: menu.document };
}
