import { z } from "zod";
import { HIGHEST_RATE_LIMIT, RATE_CLASSES, TENANT_RATE_CLASS_NAMES } from "../../kernel/rate-classes.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import { type Endpoint, type PlatformScope, platformEndpoint } from "../http/endpoint.ts";
import { ok, replyOf } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";
import { policyOf } from "../rate-limit/route-class.ts";
import { forgetDirectory } from "./directory.ts";
import { requireTenant } from "./require-tenant.ts";

const Limit = z.int().min(1).max(HIGHEST_RATE_LIMIT);

const OwnLimits = z
  .strictObject(Object.fromEntries(TENANT_RATE_CLASS_NAMES.map((name) => [name, Limit.optional()])))
  .meta({ id: "TenantRateLimits", description: "By route class; what is not named is the environment's", example: { public_booking: 20 } });

const RateLimitsInForce = z
  .object({
    own: OwnLimits,
    in_force: z.array(z.object({ rate_class: z.enum(TENANT_RATE_CLASS_NAMES), limit: z.int(), window_s: z.int() })),
  })
  .meta({ id: "RateLimitsInForce" });

const shared = {
  tag: "Operator",
  access: "operator",
  path: "/internal/tenants/{slug}/rate-limits",
  params: z.strictObject({ slug: z.string() }),
} as const;

const inForce = (scope: PlatformScope, own: Tenant["rate_limits"]) => ({
  own,
  in_force: TENANT_RATE_CLASS_NAMES.map((rate_class) => ({
    rate_class,
    limit: policyOf(rate_class, scope.config.RATE_LIMITS, own).limit,
    window_s: RATE_CLASSES[rate_class].window_s,
  })),
});

const showRateLimits = platformEndpoint(
  {
    ...shared,
    method: "get",
    summary: "A tenant's rate limits: its own, and all that are in force",
    idempotency: "none",
    answers: { 200: { description: "The limits", schema: RateLimitsInForce } },
  },
  async (scope, { params }) => ok(inForce(scope, (await requireTenant(scope, params.slug)).rate_limits)),
);

const putRateLimits = platformEndpoint(
  {
    ...shared,
    method: "put",
    summary: "Give a tenant rate limits of its own; they hold everywhere within ten seconds",
    description: "All of them at once: a class that is not named is the environment's again.",
    idempotency: "accepted",
    body: OwnLimits,
    answers: { 200: { description: "The limits", schema: RateLimitsInForce } },
  },
  async (scope, { params, body }) => {
    const tenant = await requireTenant(scope, params.slug);
    const own = JSON.stringify(body);
    const answer = JSON.stringify(inForce(scope, body));
    const result = await scope.central.write(
      unitOf(scope, {
        steps: [statement("UPDATE tenants SET rate_limits = ? WHERE tenant_id = ?", own, tenant.tenant_id)],
        answer: { status: 200, select: statement("SELECT json(?)", answer) },
      }),
    );
    forgetDirectory();
    return replyOf(result);
  },
);

export const rateLimitRoutes: Endpoint[] = [showRateLimits, putRateLimits];
