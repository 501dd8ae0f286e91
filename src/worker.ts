import { app, queueHandlers } from "./app.ts";
import { readyAnswer } from "./platform/http/ready-answers.ts";
import { runtimeOf } from "./platform/http/runtime.ts";
import { dispatch } from "./platform/queues/dispatch.ts";
import { sweepTenants } from "./platform/tenancy/sweep-tenants.ts";

export { RateLimiter } from "./platform/rate-limit/rate-limiter.object.ts";
export { TenantWriter } from "./platform/writer/tenant-writer.object.ts";

const handler: ExportedHandler<Env> = {
  fetch: (request, env, context) => readyAnswer(request, Date.now()) ?? app.fetch(request, env, context),
  queue: (batch, env, context) =>
    dispatch(
      runtimeOf(env, (work) => context.waitUntil(work)),
      batch,
      queueHandlers,
    ),
  scheduled: (controller, env, context) =>
    sweepTenants(
      runtimeOf(env, (work) => context.waitUntil(work)),
      controller.scheduledTime,
    ),
};

export default handler;
