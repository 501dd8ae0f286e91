import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { createStore } from "./create-store.ts";
import { listStores, publicStore, readStore } from "./reader.ts";
import { CreateStore, Store, StorePage, UpdateStore, VisibleStore } from "./schemas.ts";
import { updateStore } from "./update-store.ts";

const StoreParams = z.strictObject({ store_id: Id });

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/stores",
    tag: "Stores",
    summary: "Create a store and its location",
    access: ["admin"],
    idempotency: "required",
    body: CreateStore,
    answers: { 201: { description: "The store", schema: Store } },
    errors: ["STORE_CODE_TAKEN"],
  },
  async (scope, { body }) => replyOf(await createStore(scope, body)),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/stores",
    tag: "Stores",
    summary: "The tenant's stores, oldest first",
    description: "Without a credential only the public fields.",
    access: "public",
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of stores", schema: StorePage } },
  },
  async (scope, { query }) => {
    const page = await listStores(scope.db, query);
    return ok(scope.principal ? page : { ...page, data: page.data.map(publicStore) });
  },
);

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}",
    tag: "Stores",
    summary: "One store",
    description: "Without a credential only the public fields.",
    access: "public",
    idempotency: "none",
    params: StoreParams,
    answers: { 200: { description: "The store", schema: VisibleStore } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => {
    const store = await readStore(scope.db, params.store_id);
    return ok(scope.principal ? store : publicStore(store));
  },
);

const update = endpoint(
  {
    method: "patch",
    path: "/api/v1/stores/{store_id}",
    tag: "Stores",
    summary: "Change a store's particulars",
    description: "Its storefront shows the change as soon as it is regenerated. The currency cannot change.",
    access: ["admin"],
    idempotency: "accepted",
    params: StoreParams,
    body: UpdateStore,
    answers: { 200: { description: "The store", schema: Store } },
    errors: ["NOT_FOUND", "STORE_CODE_TAKEN"],
  },
  async (scope, { params, body: { currency: _, ...given } }) =>
    replyOf(await updateStore(scope, params.store_id, given).catch((failure) => refuse(scope, scope.db, failure))),
);

export const storeRoutes: Endpoint[] = [create, list, read, update];
