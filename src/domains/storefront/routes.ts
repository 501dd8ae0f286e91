import { z } from "zod";
import { sha256Hex } from "../../kernel/bytes.ts";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { documentResponse, viewResponse } from "./document-response.ts";
import { categoryCatalogue, itemView } from "./document-views.ts";
import { requireDocument } from "./find-menu.ts";
import { CategoryCatalogue, StorefrontItemView, StorefrontMenu } from "./schemas.ts";

// Not checked for its form: an address that cannot be a store's is answered like a store that does not exist.
const StoreParams = z.strictObject({ store_id: z.string() });

const CACHING =
  "Cached: `ETag` and `If-None-Match`, `Menu-Version` with every answer. A read with `Min-Menu-Version: n` never gets an older version; where the store " +
  "has not reached it, the answer is 409 with `Retry-After`.";
const NOT_MODIFIED = { description: "The client has this version" };

const menu = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/menu",
    tag: "Storefront",
    summary: "A store's menu",
    description: `${CACHING} Packed with gzip where the client takes it.`,
    access: "public",
    idempotency: "none",
    params: StoreParams,
    answers: { 200: { description: "The storefront document", schema: StorefrontMenu }, 304: NOT_MODIFIED },
    errors: ["BAD_REQUEST", "NOT_FOUND", "MENU_VERSION_NOT_REACHED"],
  },
  async (scope, { params: { store_id } }) => {
    const { menu, document } = await requireDocument(scope, store_id);
    return documentResponse(scope, store_id, menu, document);
  },
);

const item = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/items/{code}",
    tag: "Storefront",
    summary: "One item of a store's menu",
    description: CACHING,
    access: "public",
    idempotency: "none",
    params: StoreParams.extend({ code: z.string() }),
    answers: { 200: { description: "The item", schema: StorefrontItemView }, 304: NOT_MODIFIED },
    errors: ["BAD_REQUEST", "NOT_FOUND", "MENU_VERSION_NOT_REACHED"],
  },
  async (scope, { params: { store_id, code } }) => {
    const { menu, document } = await requireDocument(scope, store_id);
    const name = `item-${(await sha256Hex(code)).slice(0, 16)}`;
    return viewResponse(scope, store_id, menu, document, name, (parsed) => itemView(parsed, code));
  },
);

const categories = endpoint(
  {
    method: "get",
    path: "/v1/store/category",
    tag: "Storefront",
    summary: "The V1 category catalogue of a store",
    description: `Grouped by category; an item without one is absent. ${CACHING}`,
    access: "public",
    idempotency: "none",
    query: z.strictObject({ store_id: z.string().meta({ example: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11" }) }),
    answers: { 200: { description: "The categories with their items", schema: CategoryCatalogue }, 304: NOT_MODIFIED },
    errors: ["BAD_REQUEST", "NOT_FOUND", "MENU_VERSION_NOT_REACHED"],
  },
  async (scope, { query: { store_id } }) => {
    const { menu, document } = await requireDocument(scope, store_id);
    return viewResponse(scope, store_id, menu, document, "categories", categoryCatalogue);
  },
);

export const storefrontRoutes: Endpoint[] = [menu, item, categories];
