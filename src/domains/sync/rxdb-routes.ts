import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { JSON_LIMIT_BYTES, parseJson, parsePart } from "../../platform/http/read-body.ts";
import { ok } from "../../platform/http/reply.ts";
import { requireTerminal } from "../../platform/http/scope.ts";
import { FEED_ENTITIES, type FeedEntity } from "./feed-data.ts";
import { pullDocuments, pushDocuments, streamDocuments } from "./rxdb-documents.ts";

/** Raised when a field of a document changes its meaning; clients with an older one are told to update. */
const SCHEMA_VERSION = 0;

const common = { tag: "Sync for RxDB", access: ["terminal"], idempotency: "none", marks_errors: true } as const;
const errors = ["TERMINAL_REQUIRED", "NOT_FOUND", "CLIENT_OUTDATED"] as const;

const Params = z.strictObject({
  collection: z.string().meta({ description: `One of ${FEED_ENTITIES.join(", ")}`, example: "product" }),
  schema_version: z.string().meta({ description: "The collection's schema version", example: "0" }),
});

function collectionOf({ collection, schema_version }: z.output<typeof Params>): FeedEntity {
  const version = Number(schema_version);
  if (version < SCHEMA_VERSION) throw new AppError("CLIENT_OUTDATED", { detail: `The schema's version is ${SCHEMA_VERSION} now.` });
  if (version !== SCHEMA_VERSION || !(FEED_ENTITIES as string[]).includes(collection))
    throw new AppError("NOT_FOUND", { detail: `There is no collection ${collection} of version ${schema_version}.` });
  return collection as FeedEntity;
}

const RxDocument = z.looseObject({ id: z.string().max(300), _deleted: z.boolean() });
const documentExample = { id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11", name: "Coffee", _deleted: false };

const pull = endpoint(
  {
    ...common,
    method: "get",
    path: "/api/v1/sync/rxdb/{collection}/{schema_version}/pull",
    summary: "What of a collection changed after a checkpoint, for RxDB's replication",
    description: "`limit` is honoured exactly: a page with fewer documents is the last.",
    params: Params,
    query: z.strictObject({
      lwt: z.coerce.number().int().min(0).default(0).meta({ example: 0 }),
      id: z
        .string()
        .regex(/^[A-Za-z0-9_-]{0,80}$/)
        .default("")
        .meta({ example: "" }),
      limit: z.coerce.number().int().min(1).max(1_000, "must be at most 1000; choose a smaller batchSize").default(100),
    }),
    answers: {
      200: {
        description: "Documents and the checkpoint after them",
        schema: z.object({ documents: z.array(RxDocument), checkpoint: z.object({ id: z.string(), lwt: z.int() }) }).meta({
          id: "RxDocuments",
          example: { documents: [documentExample], checkpoint: { id: "7b1c_812", lwt: 812 } },
        }),
      },
    },
    errors: [...errors, "RESYNC_REQUIRED"],
  },
  async (scope, { params, query: { limit, ...from } }) => {
    const collection = collectionOf(params);
    return ok(await pullDocuments(scope, requireTerminal(scope), collection, from, limit));
  },
);

const PushedRows = z
  .array(z.looseObject({ newDocumentState: RxDocument, assumedMasterState: RxDocument.optional() }))
  .max(500, "must be at most 500");

const push = endpoint(
  {
    ...common,
    method: "post",
    path: "/api/v1/sync/rxdb/{collection}/{schema_version}/push",
    summary: "What an RxDB client changed; answers the master's documents that differ",
    description:
      "Only `customer` is written here, field by field. Of other collections the server wins. Sales go through /api/v1/sync/push.",
    params: Params,
    body: {
      content_types: ["application/json"],
      max_bytes: JSON_LIMIT_BYTES,
      examples: { "application/json": [{ newDocumentState: { id: "anna", fields: { name: "Anna" }, _deleted: false } }] },
    },
    answers: { 200: { description: "Conflicting master documents", schema: z.array(RxDocument).meta({ id: "RxConflicts", example: [] }) } },
    errors,
  },
  async (scope, { params, body }) => {
    const collection = collectionOf(params);
    const terminal = requireTerminal(scope);
    return ok(await pushDocuments(scope, terminal, collection, parsePart(PushedRows, "body", parseJson(body.bytes))));
  },
);

const stream = endpoint(
  {
    ...common,
    method: "get",
    path: "/api/v1/sync/rxdb/{collection}/{schema_version}/pullStream",
    summary: "Server-sent events of what changes in a collection",
    description: "Closes after five minutes; the client opens it again and pulls.",
    params: Params,
    answers: {
      200: {
        description: "Events, each with a page of documents and the checkpoint after them",
        content_type: "text/event-stream",
        schema: z.string(),
        example: `data: {"documents":[${JSON.stringify(documentExample)}],"checkpoint":{"id":"7b1c_812","lwt":813}}\n\n`,
      },
    },
    errors,
  },
  async (scope, { params }) => {
    const collection = collectionOf(params);
    const body = streamDocuments(scope, requireTerminal(scope), collection);
    return new Response(body, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-accel-buffering": "no" },
    });
  },
);

export const rxdbRoutes: Endpoint[] = [pull, push, stream];
