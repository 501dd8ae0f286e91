import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { PageQuery } from "../../platform/http/fields.ts";
import { catalogView } from "./catalog-view-reader.ts";
import { CatalogView, DarkStoreView, SearchAnswer } from "./catalog-view-schemas.ts";
import { darkStoreView } from "./dark-store-view.ts";
import { searchStore } from "./search-store.ts";

/** Who may ask what other services are told. */
export const INTERNAL_READERS: Access = ["catalog", "inventory", "pos", "read"];

const storeId = z.string().meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11" });
const ViewQuery = PageQuery.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "Items a page", example: 50 }),
});

const view = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/catalog-view",
    tag: "Storefront",
    summary: "A store's menu with what can be ordered now and at what price",
    description:
      "Menu, orderability and price in effect, merged from one reading of each. `price` is the live menu's. Not cached: as new as the replica that " +
      "answers. An order is decided when it is placed, whatever is said here.",
    access: "public",
    idempotency: "none",
    params: z.strictObject({ store_id: storeId }),
    query: ViewQuery,
    answers: { 200: { description: "A page of items in the order of the menu", schema: CatalogView } },
    errors: ["BAD_REQUEST", "NOT_FOUND"],
  },
  (scope, { params, query }) => catalogView(scope, { store_id: params.store_id }, query),
);

const darkStore = endpoint(
  {
    method: "get",
    path: "/api/v1/dark-stores/{dark_store_id}/catalog-view",
    tag: "Storefront",
    summary: "A dark store's assortment with its status and what can be ordered now",
    description: "The assortment follows changes by events, within moments; what can be ordered is as it is now.",
    access: "public",
    idempotency: "none",
    params: z.strictObject({ dark_store_id: z.string().meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a91" }) }),
    query: ViewQuery,
    answers: { 200: { description: "A page of the assortment by code", schema: DarkStoreView } },
    errors: ["BAD_REQUEST", "NOT_FOUND"],
  },
  (scope, { params, query }) => darkStoreView(scope, params.dark_store_id, query),
);

const internalView = endpoint(
  {
    method: "get",
    path: "/internal/store-catalog-view",
    tag: "Internal",
    summary: "The catalogue view of the store at a location",
    access: INTERNAL_READERS,
    idempotency: "none",
    query: ViewQuery.extend({ location_id: z.string().meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12" }) }),
    answers: { 200: { description: "A page of items in the order of the menu", schema: CatalogView } },
    errors: ["BAD_REQUEST", "NOT_FOUND"],
  },
  (scope, { query: { location_id, ...page } }) => catalogView(scope, { location_id }, page),
);

const search = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/search",
    tag: "Storefront",
    summary: "Find items of a store's menu",
    description:
      "Every word must be found, from its beginning, in an item's name, option, code, barcode, description or tags; case and diacritics do not count. " +
      "Any text is a query: one without a letter or a digit finds nothing.",
    access: "public",
    idempotency: "none",
    params: z.strictObject({ store_id: storeId }),
    query: z.strictObject({
      q: z.string().max(200, "must be at most 200 characters").meta({ description: "What to look for", example: "iced lat" }),
      limit: z.coerce.number().int().min(1).max(50).default(20).meta({ description: "Items at most", example: 20 }),
    }),
    answers: { 200: { description: "What was found, best first", schema: SearchAnswer } },
    errors: ["NOT_FOUND"],
  },
  (scope, { params, query }) => searchStore(scope, params.store_id, query),
);

export const catalogViewRoutes: Endpoint[] = [view, darkStore, internalView, search];
