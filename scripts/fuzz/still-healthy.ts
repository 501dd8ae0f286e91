import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tenantClient } from "../api-client.ts";
import type { Demo } from "../state-directory.ts";

type Queues = { wanted: { kind: string; waiting: number }[]; dead_letters: { queue: string; message: unknown }[] };

const SETTLE_MS = 60_000;

/** What the Worker's log says of work that nobody was waiting for, and that went wrong. */
const FAILED_BEHIND =
  /Uncaught|"event":"(?:events\.set_aside|queue\.message_failed|queue\.message_unreadable|writer\.(?:delivery_failed|unreachable))"/;

/** What was left broken: parts that are down, menus that are not served, work that failed, does not finish or was given up. */
export async function stillHealthy(origin: string, demo: Demo, logFile: string): Promise<string[]> {
  const problems: string[] = [];
  const ready = (await (await fetch(`${origin}/readyz`)).json()) as { status: string };
  if (ready.status !== "ok") problems.push(`/readyz says ${JSON.stringify(ready)}`);
  for (const tenant of demo.tenants) {
    const client = tenantClient(origin, tenant.slug, tenant.admin_key);
    const until = Date.now() + SETTLE_MS;
    let queues = await client.get<Queues>("/api/v1/ops/queues");
    while (queues.wanted.length > 0 && Date.now() < until) {
      await sleep(250);
      queues = await client.get<Queues>("/api/v1/ops/queues");
    }
    if (queues.wanted.length > 0) problems.push(`${tenant.slug} still has work waiting: ${JSON.stringify(queues.wanted)}`);
    for (const { queue, message } of queues.dead_letters)
      problems.push(`${tenant.slug} has a dead letter in ${queue}: ${JSON.stringify(message)}`);
    for (const { id, name } of tenant.stores) {
      const menu = await fetch(`${origin}/api/v1/stores/${id}/menu`, { headers: { "x-tenant-id": tenant.slug } });
      await menu.arrayBuffer();
      if (!menu.ok) problems.push(`the menu of ${tenant.slug}'s ${name} answers ${menu.status}`);
    }
  }
  const failures = readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => FAILED_BEHIND.test(line));
  return [...problems, ...failures.slice(0, 20).map((line) => `the log says ${line.slice(0, 1_000)}`)];
}
