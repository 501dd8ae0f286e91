import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { pauseStore, resumeStore, setHours } from "./change-trading.ts";
import { readTrading } from "./trading-reader.ts";
import { PauseStore, SetHours, StoreTrading } from "./trading-schemas.ts";

const StoreParams = z.strictObject({ store_id: Id });

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/stores/{store_id}/trading",
    tag: "Stores",
    summary: "When a store sells, and whether it does now",
    access: "public",
    idempotency: "none",
    params: StoreParams,
    answers: { 200: { description: "Its hours and pause", schema: StoreTrading } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readTrading(scope.db, params.store_id, scope.clock.now())),
);

const hours = endpoint(
  {
    method: "put",
    path: "/api/v1/stores/{store_id}/hours",
    tag: "Stores",
    summary: "Set a store's opening hours",
    description: "Outside of them nothing can be ordered there: `store_closed`. Without hours a store is always open.",
    access: ["admin"],
    idempotency: "accepted",
    params: StoreParams,
    body: SetHours,
    answers: { 200: { description: "What holds now", schema: StoreTrading.pick({ store_id: true, hours: true }) } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) => replyOf(await setHours(scope, params.store_id, body.hours)),
);

const Pause = StoreTrading.pick({ store_id: true, paused: true, paused_until: true });

const pause = endpoint(
  {
    method: "put",
    path: "/api/v1/stores/{store_id}/pause",
    tag: "Stores",
    summary: "Pause a store",
    description: "Nothing can be ordered there at once: `store_paused`, until the end given or until it is resumed.",
    access: ["inventory", "pos", "kitchen"],
    idempotency: "accepted",
    params: StoreParams,
    body: PauseStore,
    answers: { 200: { description: "What holds now", schema: Pause } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) =>
    replyOf(await pauseStore(scope, params.store_id, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const resume = endpoint(
  {
    method: "delete",
    path: "/api/v1/stores/{store_id}/pause",
    tag: "Stores",
    summary: "End a store's pause",
    access: ["inventory", "pos", "kitchen"],
    idempotency: "accepted",
    params: StoreParams,
    answers: { 200: { description: "What holds now", schema: Pause } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => replyOf(await resumeStore(scope, params.store_id)),
);

export const tradingRoutes: Endpoint[] = [read, hours, pause, resume];
