// The process that load comes from: takes a LoadPlan as a message and answers its LoadResult, one at a time.
import { randomUUID } from "node:crypto";
import autocannon, { type Setup } from "autocannon";
import { type LoadPlan, type LoadResult, pathsOf, percentile } from "./load-plan.ts";

const requestTimeoutS = 10;
const stopCheckMs = 50;

process.on("message", async (plan: LoadPlan) => {
  try {
    process.send?.({ result: await load(plan) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on("disconnect", () => process.exit(0));

/** A UUIDv7 without its last part, which who counts puts after it. */
function timeId(): string {
  const id = randomUUID();
  return `${id.slice(0, 14)}7${id.slice(15, 23)}`;
}

async function load(plan: LoadPlan): Promise<LoadResult> {
  const { method, headers, body } = plan;
  // autocannon puts its own text into a body too, and gets the length wrong.
  const setupRequest: Setup | undefined =
    plan.fresh_ids && body !== undefined && /\[<(?:id|v7)>\]/.test(body)
      ? (request) => ({ ...request, body: body.replaceAll("[<id>]", randomUUID()).replaceAll("[<v7>]", timeId()) })
      : undefined;
  let connection = 0;
  const times: number[] = [];
  let ended = 0;
  const cpuBefore = process.cpuUsage();
  const run = autocannon({
    url: plan.base_url,
    connections: plan.connections,
    duration: plan.seconds,
    sampleInt: stopCheckMs,
    timeout: requestTimeoutS,
    idReplacement: plan.fresh_ids,
    setupClient: (client) => {
      const paths = pathsOf(plan, connection++);
      client.setRequests(
        paths.map((path) => ({
          method,
          path,
          headers,
          ...(body === undefined ? {} : { body }),
          ...(setupRequest ? { setupRequest } : {}),
        })),
      );
    },
  });
  // Counted here: autocannon rounds times to milliseconds and the duration to its samples.
  const began = performance.now();
  run.on("response", (_client, _status, _bytes, ms: number) => {
    times.push(ms);
    ended = performance.now();
  });
  const result = await run;
  const cpu = process.cpuUsage(cpuBefore);
  const unexpected = Object.entries(result.statusCodeStats).filter(([status]) => status !== String(plan.expect_status));
  if (unexpected.length > 0 || result.errors > 0 || times.length === 0) {
    const counts = unexpected.map(([status, { count }]) => `${count} × status ${status}`);
    throw new Error(`${[...counts, `${result.errors} errors`].join(", ")} among ${times.length} answers of ${method} ${plan.paths[0]}`);
  }
  const seconds = (ended - began) / 1000;
  const sorted = Float64Array.from(times).sort();
  return {
    requests: times.length,
    requests_per_s: times.length / seconds,
    p50_ms: percentile(sorted, 0.5),
    p99_ms: percentile(sorted, 0.99),
    generator_cores: (cpu.user + cpu.system) / 1e6 / seconds,
  };
}
