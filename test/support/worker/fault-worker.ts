import worker, { TenantWriter as PlainWriter } from "../../../src/worker.ts";

// The other classes as they are; the writer below goes over its own name.
export * from "../../../src/worker.ts";

export { RateLimiter } from "../../../src/worker.ts";

/** The writer with the one thing that only the platform can do to it: all of its memory goes, whatever is in flight. */
export class TenantWriter extends PlainWriter {
  evict(): void {
    this.ctx.abort("evicted by the fault driver");
  }
}

/**
 * The Worker as it is, and what the fault driver (scripts/faults) asks of the platform: `/faults/evict?id=` of an object, `/faults/sweep?at_ms=` as
 * the clock's trigger. Never deployed.
 */
export default {
  ...worker,
  async fetch(request, env, context) {
    const url = URL.parse(request.url);
    if (url?.pathname === "/faults/evict") {
      const writer = env.TENANT_WRITER.getByName(url.searchParams.get("id") ?? "") as unknown as { evict(): Promise<void> };
      await writer.evict().catch(() => {});
      return new Response("evicted");
    }
    if (url?.pathname === "/faults/sweep") {
      const scheduledTime = Number(url.searchParams.get("at_ms"));
      await worker.scheduled?.({ scheduledTime, cron: "* * * * *", noRetry() {} }, env, context);
      return new Response("swept");
    }
    return (await worker.fetch?.(request, env, context)) as Response;
  },
} satisfies ExportedHandler<Env>;
