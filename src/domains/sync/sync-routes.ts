import { z } from "zod";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { Id, PageQuery, pageOf, Timestamp } from "../../platform/http/fields.ts";
import { ok } from "../../platform/http/reply.ts";
import { requireTerminal } from "../../platform/http/scope.ts";
import { FEED_ENTITIES, type FeedEntity } from "./feed-data.ts";
import { notePull } from "./note-pull.ts";
import { POLICIES } from "./policies.ts";
import { pullChanges } from "./pull-changes.ts";
import { pushOperations } from "./push-operations.ts";
import { Push, Pushed } from "./push-schemas.ts";
import { listRejections } from "./rejection-reader.ts";

const tag = "Sync";
const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";

const Entities = z
  .string()
  .optional()
  .transform((text) => [...new Set(text === undefined || text === "" ? [] : text.split(","))].sort())
  .refine((names): names is FeedEntity[] => names.every((name) => (FEED_ENTITIES as string[]).includes(name)), {
    message: `must be a comma list of ${FEED_ENTITIES.join(", ")}`,
  })
  .meta({ description: `A comma list of ${FEED_ENTITIES.join(", ")}. Default: all`, example: "product,variant" });

const Changes = z
  .object({
    changes: z.array(
      z.object({
        entity: z.enum(FEED_ENTITIES),
        id: z.string(),
        version: z.int(),
        deleted: z.boolean(),
        data: z.unknown().meta({ description: "By entity; see docs/sync.md. null: it is gone" }),
      }),
    ),
    cursor: z.string(),
    has_more: z.boolean(),
  })
  .meta({
    id: "SyncChanges",
    example: {
      changes: [{ entity: "category", id, version: 812, deleted: false, data: { id, name: "Coffee", parent_id: null, position: 0 } }],
      cursor: "WyI3ZjAx…",
      has_more: false,
    },
  });

const pull = endpoint(
  {
    method: "get",
    path: "/api/v1/sync/pull",
    tag,
    summary: "What changed for this till since a cursor",
    description:
      "Without a cursor everything its store has. Keep each change under its entity and id; `has_more` asks for the next page at once.",
    access: ["terminal"],
    idempotency: "none",
    query: z.strictObject({
      cursor: z.string().max(1_000).optional().meta({ description: "Of the page before" }),
      limit: z.coerce.number().int().min(1).max(1_000).default(500).meta({ example: 500 }),
      entities: Entities,
    }),
    answers: { 200: { description: "A page of changes", schema: Changes } },
    errors: ["TERMINAL_REQUIRED", "RESYNC_REQUIRED"],
  },
  async (scope, { query }) => {
    const terminal = requireTerminal(scope);
    const { text, from_sequence } = await pullChanges(scope, terminal, query);
    if (from_sequence !== null && query.entities.length === 0) notePull(scope, terminal, from_sequence);
    return { status: 200, text };
  },
);

const push = endpoint(
  {
    method: "post",
    path: "/api/v1/sync/push",
    tag,
    summary: "What happened at this till, in order; each operation takes effect once",
    description:
      "One result an operation. What cannot be taken is kept with its money and holds up only what builds on it. Sending the same again is safe, for good.",
    access: ["terminal"],
    idempotency: "none",
    body: Push,
    answers: { 200: { description: "What became of each", schema: Pushed } },
    errors: ["TERMINAL_REQUIRED"],
  },
  async (scope, { body }) => ok(await pushOperations(scope, requireTerminal(scope), body)),
);

const policies = endpoint(
  {
    method: "get",
    path: "/api/v1/sync/policies",
    tag,
    summary: "Which conflict is decided how, by entity",
    access: "public",
    idempotency: "none",
    answers: {
      200: {
        description: "The policies",
        schema: z
          .object({
            data: z.array(
              z.object({
                entity: z.array(z.string()),
                policy: z.enum(["server_wins", "last_writer_by_field", "additive", "append_only", "dated_correction"]),
                operations: z.array(z.string()),
                on_conflict: z.enum(["applied", "conflict", "rejected"]),
                code: z.string().nullable(),
                description: z.string(),
              }),
            ),
          })
          .meta({ id: "SyncPolicies", example: { data: [POLICIES[2]] } }),
      },
    },
  },
  async () => ok({ data: POLICIES }),
);

const rejections = endpoint(
  {
    method: "get",
    path: "/api/v1/sync/rejections",
    tag,
    summary: "What tills pushed that was not taken, with the money in it",
    access: ["pos", "reports"],
    idempotency: "none",
    query: PageQuery.extend({ terminal_id: Id.optional(), store_id: Id.optional(), acknowledged: z.enum(["true", "false"]).optional() }),
    answers: {
      200: {
        description: "A page, oldest first",
        schema: pageOf(
          z.object({
            id: z.string(),
            terminal_id: Id,
            store_id: Id,
            status: z.enum(["conflict", "rejected"]),
            code: z.string(),
            detail: z.string().nullable(),
            amount: z.int().nullable(),
            currency: z.string().nullable(),
            shift_id: z.string().nullable(),
            operation: z.unknown(),
            rejected_at: Timestamp,
            acknowledged_at: Timestamp.nullable().meta({ description: "When the till took note of it" }),
          }),
        ).meta({ id: "SyncRejectionPage", example: { data: [], next_cursor: null } }),
      },
    },
  },
  async (scope, { query }) => ok(await listRejections(scope.db, query)),
);

export const syncRoutes: Endpoint[] = [pull, push, policies, rejections];
