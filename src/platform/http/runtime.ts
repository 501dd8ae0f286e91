import { type Config, configOf } from "../../env.ts";
import type { Clock } from "../../kernel/clock.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import type { Version } from "../db/consistency-token.ts";
import { type DatabaseDeps, type DatabaseHandle, openDatabase } from "../db/database.ts";
import { DbMeter } from "../db/meter.ts";
import type { Database, Tenant } from "../db/tenant.ts";
import { logEvent } from "../observability/log.ts";
import type { RequestIds } from "../observability/trace.ts";
import { RequestLimits } from "../rate-limit/request-limits.ts";
import { Directory, forgetTenant } from "../tenancy/directory.ts";
import { writerClient } from "../writer/client.ts";
import type { Scope } from "./scope.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  newId: () => uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
};

/** What one invocation of the Worker has to hand: made once at each entry point, from the platform's own arguments. */
export interface Runtime {
  config: Config;
  bindings: Env;
  clock: Clock;
  meter: DbMeter;
  directory: Directory;
  central: DatabaseHandle;
  limits: RequestLimits;
  open(database: Database, atLeast?: Version | null): DatabaseHandle;
  wait_until(work: Promise<unknown>): void;
}

export function runtimeOf(
  bindings: Env,
  waitUntil: (work: Promise<unknown>) => void,
  regions: () => readonly string[] = () => [],
  clock: Clock = systemClock,
): Runtime {
  const config = configOf(bindings);
  const meter = new DbMeter();
  const writer = writerClient(bindings.TENANT_WRITER, config);
  const deps: DatabaseDeps = {
    clock,
    jwt_private_key: config.JWT_PRIVATE_KEY,
    regions,
    meter,
    commit: async (database, units) => {
      const results = await writer.commit(database, units);
      if (results.some(({ kind }) => kind === "moving")) forgetTenant(database.id);
      return results;
    },
    log: logEvent,
  };
  const { namespace, primary_url, replicas } = config.CENTRAL;
  const central = openDatabase(deps, { id: "central", namespace, primary_url, replicas, placed_at_ms: 0 });
  return {
    config,
    bindings,
    clock,
    meter,
    central,
    limits: new RequestLimits({ namespace: bindings.RATE_LIMITER, config, clock }),
    directory: new Directory(central, clock, waitUntil),
    open: (database, atLeast = null) => openDatabase(deps, database, atLeast),
    wait_until: waitUntil,
  };
}

/** The scope of work that no request asked for: queues and the clock. */
export function workScope(runtime: Runtime, tenant: Tenant, ids: RequestIds): Scope {
  return {
    tenant,
    db: runtime.open(tenant.database),
    clock: runtime.clock,
    config: runtime.config,
    bindings: runtime.bindings,
    wait_until: runtime.wait_until,
    ...ids,
  };
}
