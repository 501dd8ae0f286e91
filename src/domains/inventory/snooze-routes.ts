import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id } from "../../platform/http/fields.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { endSnooze } from "./end-snooze.ts";
import { snoozeItem } from "./snooze-item.ts";
import { listSnoozes } from "./snooze-reader.ts";
import { CreateSnooze, Snooze, SnoozePage, SnoozeQuery } from "./snooze-schemas.ts";

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/inventory/snoozes",
    tag: "Inventory",
    summary: 'Take an item off sale for a while ("86")',
    description:
      "At a location or everywhere, until a time or until further notice; also what is not published yet. Where the item is snoozed there " +
      "already, that snooze gets the new end and note.",
    access: ["inventory", "pos", "kitchen"],
    idempotency: "required",
    body: CreateSnooze,
    answers: { 201: { description: "The snooze", schema: Snooze } },
    errors: ["VARIANT_UNKNOWN", "LOCATION_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await snoozeItem(scope, body).catch((failure) => refuse(scope, scope.db, failure))),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/inventory/snoozes",
    tag: "Inventory",
    summary: "What is snoozed now, oldest first",
    access: ["inventory", "pos", "kitchen", "read"],
    idempotency: "none",
    query: SnoozeQuery,
    answers: { 200: { description: "A page of snoozes", schema: SnoozePage } },
  },
  async (scope, { query }) => ok(await listSnoozes(scope.db, query, scope.clock.now())),
);

const end = endpoint(
  {
    method: "delete",
    path: "/api/v1/inventory/snoozes/{snooze_id}",
    tag: "Inventory",
    summary: "End a snooze",
    access: ["inventory", "pos", "kitchen"],
    idempotency: "accepted",
    params: z.strictObject({ snooze_id: Id }),
    answers: { 204: { description: "It is on sale again, where nothing else stands against it" } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => replyOf(await endSnooze(scope, params.snooze_id).catch((failure) => refuse(scope, scope.db, failure))),
);

export const snoozeRoutes: Endpoint[] = [create, list, end];
