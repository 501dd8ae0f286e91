import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { createDarkStore } from "./create-dark-store.ts";
import { listDarkStores, readDarkStore } from "./dark-store-reader.ts";
import {
  AssortmentAnswer,
  CreateDarkStore,
  DarkStore,
  DarkStorePage,
  DarkStoreStatus,
  PutAssortment,
  UpdateDarkStore,
} from "./dark-store-schemas.ts";
import { putAssortment } from "./put-assortment.ts";
import { updateDarkStore } from "./update-dark-store.ts";

const tag = "Dark stores";
const DarkStoreParams = z.strictObject({ dark_store_id: Id });
const READERS: Access = ["inventory", "pos", "reports", "read"];

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/dark-stores",
    tag,
    summary: "Make a store one that is picked from",
    description: "Its stock, menu and prices are the store's.",
    access: ["admin"],
    idempotency: "required",
    body: CreateDarkStore,
    answers: { 201: { description: "The dark store", schema: DarkStore } },
    errors: ["STORE_UNKNOWN", "CONFLICT"],
  },
  async (scope, { body }) => replyOf(await createDarkStore(scope, body)),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/dark-stores",
    tag,
    summary: "The tenant's dark stores, oldest first",
    access: READERS,
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of dark stores", schema: DarkStorePage } },
  },
  async (scope, { query }) => ok(await listDarkStores(scope.db, query)),
);

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/dark-stores/{dark_store_id}",
    tag,
    summary: "One dark store",
    access: READERS,
    idempotency: "none",
    params: DarkStoreParams,
    answers: { 200: { description: "The dark store", schema: DarkStore } },
  },
  async (scope, { params }) => ok(await readDarkStore(scope.db, params.dark_store_id)),
);

const update = endpoint(
  {
    method: "patch",
    path: "/api/v1/dark-stores/{dark_store_id}",
    tag,
    summary: "Change a dark store's status or capacity",
    access: ["admin"],
    idempotency: "accepted",
    params: DarkStoreParams,
    body: UpdateDarkStore,
    answers: { 200: { description: "The dark store", schema: DarkStore } },
    errors: ["CONFLICT"],
  },
  async (scope, { params, body }) =>
    replyOf(await updateDarkStore(scope, params.dark_store_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const assortment = endpoint(
  {
    method: "put",
    path: "/api/v1/dark-stores/{dark_store_id}/assortment",
    tag,
    summary: "Say which items a dark store sells and how much they matter there",
    description: "An item that is on its menu or was ever counted there is part of its assortment; this says the rest of it.",
    access: ["catalog"],
    idempotency: "accepted",
    params: DarkStoreParams,
    body: PutAssortment,
    answers: { 200: { description: "How many were written", schema: AssortmentAnswer } },
    errors: ["VARIANT_UNKNOWN"],
  },
  async (scope, { params, body }) => replyOf(await putAssortment(scope, params.dark_store_id, body)),
);

const internalStatus = endpoint(
  {
    method: "get",
    path: "/internal/dark-store-status/{dark_store_id}",
    tag: "Internal",
    summary: "Whether a dark store takes orders, and how many",
    access: READERS,
    idempotency: "none",
    params: DarkStoreParams,
    answers: { 200: { description: "Its status", schema: DarkStoreStatus } },
  },
  async (scope, { params }) => {
    const { id, store_id, status, is_active, capacity, updated_at } = await readDarkStore(scope.db, params.dark_store_id);
    return ok({ id, store_id, status, is_active, capacity, updated_at });
  },
);

export const darkStoreRoutes: Endpoint[] = [create, list, read, update, assortment, internalStatus];
