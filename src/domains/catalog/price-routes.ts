import { z } from "zod";
import { type Access, type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { createPrice } from "./create-price.ts";
import { deletePrice, updatePrice } from "./end-price.ts";
import { listPrices, readPrice } from "./price-reader.ts";
import { CreatePrice, Price, PricePage, PriceQuery, UpdatePrice } from "./price-schemas.ts";

const tag = "Prices";
const READERS: Access = ["catalog", "menu", "inventory", "pos", "read"];
const PriceParams = z.strictObject({ price_id: Id });

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/prices",
    tag,
    summary: "Set what a variant costs at a location or everywhere",
    description:
      "Where a store's live menu has the item, the menu's price is paid. Else the location's own price goes before the one for everywhere, and of " +
      "several in effect the one that began last holds: a price for a weekend stands over the standing one and gives it back.",
    access: ["catalog", "menu"],
    idempotency: "required",
    body: CreatePrice,
    answers: { 201: { description: "The price", schema: Price } },
    errors: ["VARIANT_UNKNOWN", "LOCATION_UNKNOWN", "PRICE_START_TAKEN"],
  },
  async (scope, { body }) => replyOf(await createPrice(scope, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/prices",
    tag,
    summary: "Prices, oldest first",
    access: READERS,
    idempotency: "none",
    query: PriceQuery,
    answers: { 200: { description: "A page of prices", schema: PricePage } },
  },
  async (scope, { query }) => ok(await listPrices(scope.db, query)),
);

const price = endpoint(
  {
    method: "get",
    path: "/api/v1/prices/{price_id}",
    tag,
    summary: "One price",
    access: READERS,
    idempotency: "none",
    params: PriceParams,
    answers: { 200: { description: "The price", schema: Price } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readPrice(scope.db, params.price_id)),
);

const update = endpoint(
  {
    method: "patch",
    path: "/api/v1/prices/{price_id}",
    tag,
    summary: "Say when a price ends",
    access: ["catalog", "menu"],
    idempotency: "accepted",
    params: PriceParams,
    body: UpdatePrice,
    answers: { 200: { description: "The price", schema: Price } },
    errors: ["NOT_FOUND", "CONFLICT"],
  },
  async (scope, { params, body }) =>
    replyOf(await updatePrice(scope, params.price_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const remove = endpoint(
  {
    method: "delete",
    path: "/api/v1/prices/{price_id}",
    tag,
    summary: "Take back a price that has not begun, or end one now",
    access: ["catalog", "menu"],
    idempotency: "accepted",
    params: PriceParams,
    answers: { 204: { description: "It is not paid any more" } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => replyOf(await deletePrice(scope, params.price_id).catch((failure) => refuse(scope, scope.db, failure))),
);

export const priceRoutes: Endpoint[] = [create, list, price, update, remove];
