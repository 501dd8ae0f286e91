import { z } from "zod";
import { AppError } from "../../kernel/errors.ts";
import { openBreakers } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import { type Endpoint, type PlatformScope, platformEndpoint } from "./endpoint.ts";
import { ok } from "./reply.ts";

const State = z.enum(["ok", "down"]);

const healthz = platformEndpoint(
  {
    method: "get",
    path: "/healthz",
    tag: "Operations",
    summary: "Whether the process answers",
    access: "open",
    idempotency: "none",
    answers: { 200: { description: "It does", schema: z.object({ status: z.literal("ok") }) } },
  },
  async () => ok({ status: "ok" }),
);

const readyz = platformEndpoint(
  {
    method: "get",
    path: "/readyz",
    tag: "Operations",
    summary: "Whether everything it stands on answers, each with its state",
    description:
      "`degraded` still serves: a replica is away and reads go to the primary, or the primary is away and reads come from replicas.",
    access: "open",
    idempotency: "none",
    answers: {
      200: {
        description: "Serving",
        schema: z
          .object({ status: z.enum(["ok", "degraded", "down"]), dependencies: z.record(z.string(), State) })
          .meta({ id: "Readiness" }),
      },
      503: { description: "Not serving" },
    },
  },
  async (scope) => {
    const dependencies = Object.fromEntries(await Promise.all(probes(scope)));
    const isDown = (name: string) => dependencies[name] === "down";
    const databases = Object.keys(dependencies).filter((name) => name.startsWith("database."));
    const status = databases.every(isDown) ? "down" : Object.keys(dependencies).some(isDown) ? "degraded" : "ok";
    return { status: status === "down" ? 503 : 200, body: { status, dependencies } };
  },
);

type Probe = Promise<[name: string, state: z.infer<typeof State>]>;

function probes(scope: PlatformScope): Probe[] {
  const { database } = scope.central;
  const open = new Set(openBreakers(database, scope.clock.now()));
  const one = statement("SELECT 1 AS one");
  return [
    probe("database.primary", () => scope.central.read([one], { fresh: true })),
    ...database.replicas.map(({ region, url }) =>
      probe(`database.replica.${region}`, async () => {
        // The breaker's word where it is open, the node's own where it is not.
        if (open.has(region)) throw new AppError("UNAVAILABLE");
        await answers(`${url}/health`);
        await scope.central.read([one]);
        if (openBreakers(database, scope.clock.now()).includes(region)) throw new AppError("UNAVAILABLE");
      }),
    ),
    probe("objects.media", () => scope.bindings.MEDIA.head("readyz")),
  ];
}

async function probe(name: string, run: () => Promise<unknown>): Probe {
  try {
    await run();
    return [name, "ok"];
  } catch {
    return [name, "down"];
  }
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  await response.arrayBuffer();
  if (!response.ok) throw new AppError("UNAVAILABLE");
}

export const healthRoutes: Endpoint[] = [healthz, readyz];
