import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { PageQuery } from "../../platform/http/fields.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import { listDrafts, listPublishes, readDraft, readPublish } from "./reader.ts";
import { requestRegeneration } from "./request-regeneration.ts";
import { createDraft, replaceDraft } from "./save-draft.ts";
import { Draft, DraftPage, Publish, PublishPage, Regenerate, Regenerating, SaveDraft, StartedPublish, StartPublish } from "./schemas.ts";
import { startPublish } from "./start-publish.ts";

const DraftParams = z.strictObject({ draft_id: z.string() });
const PublishParams = z.strictObject({ publish_id: z.string() });

const create = endpoint(
  {
    method: "post",
    path: "/api/v1/menus/drafts",
    tag: "Menus",
    summary: "Compose a menu",
    description:
      "Everything that is wrong is told at once. An item may stand in two sections, but not twice in one. Item codes that do not exist yet and " +
      "missing prices are accepted and told in `problems`; a publish fails on them.",
    access: ["admin", "menu"],
    idempotency: "required",
    body: SaveDraft,
    answers: { 201: { description: "The draft", schema: Draft } },
  },
  async (scope, { body }) => replyOf(await createDraft(scope, body)),
);

const replace = endpoint(
  {
    method: "put",
    path: "/api/v1/menus/drafts/{draft_id}",
    tag: "Menus",
    summary: "Replace a draft",
    description: "What was published of it stays as it is until the next publish.",
    access: ["admin", "menu"],
    idempotency: "accepted",
    params: DraftParams,
    body: SaveDraft,
    answers: { 200: { description: "The draft", schema: Draft } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params, body }) => replyOf(await replaceDraft(scope, params.draft_id, body)),
);

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/menus/drafts",
    tag: "Menus",
    summary: "The drafts, oldest first",
    access: ["admin", "menu", "read"],
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of drafts", schema: DraftPage } },
  },
  async (scope, { query }) => ok(await listDrafts(scope.db, query)),
);

const read = endpoint(
  {
    method: "get",
    path: "/api/v1/menus/drafts/{draft_id}",
    tag: "Menus",
    summary: "One draft",
    access: ["admin", "menu", "read"],
    idempotency: "none",
    params: DraftParams,
    answers: { 200: { description: "The draft", schema: Draft } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readDraft(scope.db, params.draft_id)),
);

const publish = endpoint(
  {
    method: "post",
    path: "/api/v1/menus/publishes",
    tag: "Menus",
    summary: "Publish drafts to stores, or roll back",
    description:
      "Each store's live menus become exactly these drafts, in this order, all or nothing per store. With `publish_id` the structure and prices of " +
      "an earlier publish come back; names and images stay current.",
    access: ["admin", "menu"],
    idempotency: "required",
    body: StartPublish,
    answers: { 202: { description: "Recorded; ask for the publish to see what becomes of it", schema: StartedPublish } },
    errors: ["DRAFT_UNKNOWN", "STORE_UNKNOWN", "PUBLISH_UNKNOWN"],
  },
  async (scope, { body }) => replyOf(await startPublish(scope, body)),
);

const publishes = endpoint(
  {
    method: "get",
    path: "/api/v1/menus/publishes",
    tag: "Menus",
    summary: "The publishes, newest first",
    access: ["admin", "menu", "read"],
    idempotency: "none",
    query: PageQuery,
    answers: { 200: { description: "A page of publishes", schema: PublishPage } },
  },
  async (scope, { query }) => ok(await listPublishes(scope.db, query)),
);

const status = endpoint(
  {
    method: "get",
    path: "/api/v1/menus/publishes/{publish_id}",
    tag: "Menus",
    summary: "What became of a publish at each store",
    access: ["admin", "menu", "read"],
    idempotency: "none",
    params: PublishParams,
    answers: { 200: { description: "The publish", schema: Publish } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => ok(await readPublish(scope, params.publish_id)),
);

const regenerate = endpoint(
  {
    method: "post",
    path: "/v1/items-flat/regenerate",
    tag: "Menus",
    summary: "Rebuild a store's storefront from its live menu and the catalogue as it is now",
    description: "Server to server. Many requests in a short time become few regenerations; the same content raises no version.",
    access: ["kds"],
    idempotency: "none",
    body: Regenerate,
    answers: { 202: { description: "Asked for", schema: Regenerating } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { body }) => replyOf(await requestRegeneration(scope, body.store_id)),
);

export const menuRoutes: Endpoint[] = [create, list, read, replace, publish, publishes, status, regenerate];
