import { z } from "zod";
import { type Endpoint, platformEndpoint } from "../http/endpoint.ts";
import { ok } from "../http/reply.ts";
import { beginMove } from "./begin-move.ts";
import { cancelMove } from "./cancel-move.ts";
import { dropCopy } from "./drop-copy.ts";
import { requireMove } from "./move.ts";
import { requireTenant } from "./require-tenant.ts";
import { switchMove } from "./switch-move.ts";

const MoveView = z
  .object({
    tenant_id: z.string(),
    from_cell_id: z.string(),
    from_namespace: z.string(),
    to_cell_id: z.string(),
    to_namespace: z.string(),
    state: z.enum(["copying", "cancelling", "switched"]),
    started_at_ms: z.int(),
    switched_at_ms: z.int().nullable(),
  })
  .meta({ id: "Move" });

const params = z.strictObject({ slug: z.string() });
const operator = { tag: "Operator", access: "operator", idempotency: "none", params } as const;

const showMove = platformEndpoint(
  {
    ...operator,
    method: "get",
    path: "/internal/tenants/{slug}/move",
    summary: "A tenant's move, until the copy that it left is dropped",
    answers: { 200: { description: "The move", schema: MoveView } },
  },
  async (scope, { params }) => {
    const tenant = await requireTenant(scope, params.slug);
    return ok(await requireMove(scope.central, tenant.tenant_id));
  },
);

const begin = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/move",
    summary: "Close a tenant's database to writes and make an empty one in another cell",
    description: "The first step of npm run tenant -- move, which copies the one into the other. Again, it starts over.",
    body: z.strictObject({ to_cell_id: z.string() }),
    answers: { 200: { description: "The database may be copied; or the move was switched already", schema: MoveView } },
    errors: ["CONFLICT"],
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    return ok(await beginMove(scope, tenant, body.to_cell_id));
  },
);

const switchOver = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/move/switch",
    summary: "Serve the tenant from the new cell, where its copy is complete",
    body: z.strictObject({ to_namespace: z.string().meta({ description: "The database that was filled and verified" }) }),
    answers: { 200: { description: "It lives there from now on", schema: MoveView } },
    errors: ["CONFLICT"],
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    return ok(await switchMove(scope, tenant, body.to_namespace));
  },
);

const cancel = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/move/cancel",
    summary: "Leave the tenant where it is and open its database to writes again",
    answers: { 204: { description: "It stays" } },
    errors: ["CONFLICT"],
  },
  async (scope, { params }) => {
    await cancelMove(scope, await requireTenant(scope, params.slug));
    return { status: 204 };
  },
);

const dropLeftCopy = platformEndpoint(
  {
    ...operator,
    method: "post",
    path: "/internal/tenants/{slug}/move/drop-copy",
    summary: "Drop the copy in the cell that the tenant has left",
    description: "Refused for a minute after the switch, in which it may still be read, unless `now` is true.",
    body: z.strictObject({ now: z.boolean().default(false) }),
    answers: { 200: { description: "The move that left it, which is over", schema: MoveView } },
    errors: ["CONFLICT"],
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    return ok(await dropCopy(scope, tenant, body.now));
  },
);

export const moveRoutes: Endpoint[] = [showMove, begin, switchOver, cancel, dropLeftCopy];
