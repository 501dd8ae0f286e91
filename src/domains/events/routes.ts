import { AppError } from "../../kernel/errors.ts";
import { type Endpoint, endpoint } from "../../platform/http/endpoint.ts";
import { refuse } from "../../platform/http/refuse.ts";
import { ok, replyOf } from "../../platform/http/reply.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { readEvents } from "./read-events.ts";
import { type Projection, rebuildProjection } from "./rebuild-projection.ts";
import { EventPage, EventsQuery, ProjectionParams, Rebuilt } from "./schemas.ts";

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/events",
    tag: "Events",
    summary: "What happened, in order and without a gap",
    description:
      "Everything that changed for the tenant, by `sequence`, which counts up by one. Ask again with `after` = `next_after` until a page is empty: " +
      "one of large events ends early. Events are kept for 90 " +
      "days; who asks for older ones gets 410 with where they begin.",
    access: ["admin"],
    idempotency: "none",
    query: EventsQuery,
    answers: { 200: { description: "A page of events", schema: EventPage } },
    errors: ["EVENTS_GONE"],
  },
  async (scope, { query }) => ok(await readEvents(scope.db, scope.tenant.tenant_id, query.after, query.limit)),
);

const rebuild = (projections: readonly Projection[]): Endpoint =>
  endpoint(
    {
      method: "post",
      path: "/api/v1/ops/projections/{name}/rebuild",
      tag: "Operations",
      summary: "Make a projection from the tables again",
      description:
        `Projections: ${projections.map(({ name }) => `\`${name}\``).join(", ")}. Goes over it in bounded steps while it is read and written; ` +
        "where events were applied as they should be, nothing is added, changed or removed.",
      access: ["admin"],
      operator_too: true,
      idempotency: "required",
      params: ProjectionParams,
      answers: { 200: { description: "What it had to put right", schema: Rebuilt } },
    },
    async (scope, { params }) => {
      const projection = projections.find(({ name }) => name === params.name);
      return replyOf(await (projection ? rebuildProjection(scope, projection) : unknownProjection(scope, params.name)));
    },
  );

const unknownProjection = (scope: RequestScope, name: string) =>
  refuse(scope, scope.db, new AppError("NOT_FOUND", { detail: `There is no projection ${JSON.stringify(name)}.` }));

/** The slice's routes; `projections` are those that the application has. */
export const eventRoutes = (projections: readonly Projection[]): Endpoint[] => [list, rebuild(projections)];
