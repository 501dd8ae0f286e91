import { z } from "zod";
import { remeasureMenu, type StorefrontDocument } from "../domains/menu/index.ts";
import { findItems, findMenu, STOREFRONT_CACHE_CONTROL } from "../domains/storefront/index.ts";
import { findStores, type Store } from "../domains/stores/index.ts";
import { AppError } from "../kernel/errors.ts";
import { EdgeCache } from "../platform/edge-cache/edge-cache.ts";
import { type Endpoint, endpoint } from "../platform/http/endpoint.ts";
import type { RequestScope } from "../platform/http/scope.ts";
import { QUERY_LENGTH } from "./menu-search.tsx";
import { pageHeaders } from "./page-headers.ts";
import { renderStoreListPage } from "./store-list-page.tsx";
import { renderStorefrontPage } from "./storefront-page.tsx";

const STORE_BYTES = 1_000;
/** Items on a page of what was found. */
const MOST_FOUND = 50;

/** Each tenant's stores, which every page names. */
const storeLists = new EdgeCache<Store[]>({
  max_bytes: 4 * 1024 * 1024,
  fresh_ms: 5_000,
  max_age_ms: 10_000,
  miss_ms: 0,
  size_of: (stores) => STORE_BYTES * (stores.length + 1),
});

async function storesOf(scope: RequestScope): Promise<Store[]> {
  if (scope.db.seenVersion() !== null) return currentStores(scope);
  return (await storeLists.get(scope.tenant.tenant_id, scope, () => findStores(scope.db))) ?? [];
}

/** Past memory. */
const currentStores = async (scope: RequestScope): Promise<Store[]> =>
  (await storeLists.reload(scope.tenant.tenant_id, scope, () => findStores(scope.db))) ?? [];

async function page(html: string): Promise<Response> {
  // The same address is another shop's where the tenant is named by header.
  const headers = { ...(await pageHeaders()), "cache-control": STOREFRONT_CACHE_CONTROL, vary: "x-tenant-id" };
  return new Response(html, { headers });
}

/** The tenant's stores as HTML. */
async function storeListPage(scope: RequestScope): Promise<Response> {
  return page(renderStoreListPage({ tenant_name: scope.tenant.name, stores: await storesOf(scope) }));
}

/**
 * A store's menu as HTML, or what of it a text finds, or a page that says that there is none yet. Throws NOT_FOUND, which is answered as a page
 * too.
 */
async function storefrontPageFor(scope: RequestScope, storeId: string, text: string): Promise<Response> {
  // A guest's text is cut, never refused.
  const query = text.toWellFormed().trim().slice(0, QUERY_LENGTH).toWellFormed();
  const [menu, remembered, items] = await Promise.all([
    findMenu(scope, storeId),
    storesOf(scope),
    query === "" ? null : findItems(scope, storeId, { q: query, limit: MOST_FOUND }),
  ]);
  // A store that was just created may not be on the list that is remembered.
  const stores = menu && !remembered.some(({ id }) => id === storeId) ? await currentStores(scope) : remembered;
  const document = (await menu?.document?.document()) ?? emptyDocument(stores, storeId, scope.clock.now());
  if (menu) remeasureMenu(scope, storeId, menu);
  const search = items === null ? undefined : { query, items };
  return page(renderStorefrontPage(document, { tenant_name: scope.tenant.name, stores, search }));
}

/** What a store shows to which nothing was published. */
function emptyDocument(stores: readonly Store[], storeId: string, nowMs: number): StorefrontDocument {
  const store = stores.find((candidate) => candidate.id === storeId);
  if (!store) throw new AppError("NOT_FOUND", { detail: "There is no such store." });
  const { id, location_id, name, code, timezone, locale, currency, address } = store;
  const asOf = new Date(nowMs).toISOString();
  return {
    store: { id, location_id, name, code, timezone, locale, currency, address },
    menu_version: 0,
    as_of: asOf,
    currency,
    categories: [],
  };
}

const storefrontPage = endpoint(
  {
    method: "get",
    path: "/stores/{store_id}",
    tag: "Pages",
    summary: "A store's menu as a page",
    description: "With `?q=` what a search of the menu finds, in place of the menu.",
    access: "public",
    idempotency: "none",
    params: z.strictObject({ store_id: z.string() }),
    answers: { 200: { description: "HTML" } },
    page: true,
    errors: ["NOT_FOUND"],
  },
  // Not by a schema: whatever else a link carries (utm_source) is no fault of the guest's.
  (scope, { params }) => storefrontPageFor(scope, params.store_id, scope.url.searchParams.get("q") ?? ""),
);

const storesPage = endpoint(
  {
    method: "get",
    path: "/",
    tag: "Pages",
    summary: "The tenant's stores as a page",
    access: "public",
    idempotency: "none",
    answers: { 200: { description: "HTML" } },
    page: true,
  },
  (scope) => storeListPage(scope),
);

export const storefrontPageRoutes: Endpoint[] = [storefrontPage, storesPage];
