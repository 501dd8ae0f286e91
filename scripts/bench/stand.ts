import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiClient, operatorClient } from "../api-client.ts";
import type { DemoTenant } from "../demo/demo-tenant.ts";
import { loadDemoTenant } from "../demo/load-demo.ts";
import { freePort } from "../free-port.ts";
import { type EnvironmentKeys, generateKeys, publicKeyPem } from "../keys.ts";
import { registerLocalCell } from "../local-stack.ts";
import { type SqldPair, startSqld } from "../sqld.ts";
import type { LoadedTenant } from "../state-directory.ts";
import { buildWorker } from "./build-worker.ts";
import type { Measurement, Side } from "./contest.ts";
import { type FloorName, startFloor } from "./floor.ts";
import { type Load, startLoad } from "./load.ts";
import type { LoadPlan } from "./load-plan.ts";
import { startRawWorkerd } from "./raw-workerd.ts";
import { type TenantDatabase, tenantDatabase } from "./tenant-database.ts";
import type { WorkerdProcess } from "./workerd.ts";

export type StandTenant = LoadedTenant & {
  /** What a request carries to mean this tenant, as a storefront's does. */
  host_header: string;
  primary: TenantDatabase;
  replica: TenantDatabase;
};

/** All that rows measure on: databases, the Worker, the load generator. */
export type Stand = {
  worker: WorkerdProcess;
  inspector_port: number | undefined;
  /** Brought in through the API on first use. */
  tenant(wanted: DemoTenant): Promise<StandTenant>;
  floor(name: FloorName, bindings: Record<string, string | Uint8Array>): Promise<WorkerdProcess>;
  /** A side that is measured by load on one process. The list of paths goes on from round to round. */
  underLoad(target: WorkerdProcess, plan: Omit<LoadPlan, "base_url" | "seconds" | "first_path">): Side;
  stop(): Promise<void>;
};

export type StandOptions = {
  dir: string /** With an inspector, and with the names of the source. */;
  profiled: boolean;
  progress: (line: string) => void;
};

/** Builds the Worker and starts it with its databases, all new. Throws, with nothing left running, where a part does not come up. */
export async function startStand({ dir, profiled, progress }: StandOptions): Promise<Stand> {
  const bundle = await buildWorker(join(dir, "bundle"), { minify: !profiled });
  progress("the Worker is built");
  const keys = generateKeys();
  const sqld = await startSqld({
    dir: join(dir, "data"),
    jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
    adminKey: keys.sqld_admin_key,
    fresh: true,
  });
  let worker: WorkerdProcess | undefined;
  let load: Load | undefined;
  const stop = async () => {
    load?.stop();
    await worker?.stop();
    await sqld.stop();
  };
  try {
    const inspectorPort = profiled ? await freePort() : undefined;
    worker = await startRawWorkerd({ dir, port: await freePort(), bundle, variables: variablesOf(keys, sqld), inspectorPort });
    const operator = operatorClient(worker.base_url, keys.operator_key);
    await registerLocalCell(operator, sqld);
    progress("databases and Worker are up");
    load = startLoad();
    return standOn({ dir, keys, sqld, worker, load, operator, inspectorPort, progress, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

type Parts = {
  dir: string;
  keys: EnvironmentKeys;
  sqld: SqldPair;
  worker: WorkerdProcess;
  load: Load;
  operator: ApiClient;
  inspectorPort: number | undefined;
  progress: (line: string) => void;
  stop: () => Promise<void>;
};

function standOn({ dir, keys, sqld, worker, load, operator, inspectorPort, progress, stop }: Parts): Stand {
  const tenants = new Map<string, Promise<StandTenant>>();
  const bringIn = async (wanted: DemoTenant): Promise<StandTenant> => {
    const loaded = await loadDemoTenant(operator, wanted, (line) => progress(`${wanted.slug}: ${line}`));
    const database = (url: string, access: "ro" | "rw") => tenantDatabase(url, keys.jwt_private_key, `t-${wanted.slug}`, access);
    return {
      ...loaded,
      host_header: `${loaded.host}:${new URL(worker.base_url).port}`,
      primary: database(sqld.primary_url, "rw"),
      replica: database(sqld.replica_url, "ro"),
    };
  };
  return {
    worker,
    inspector_port: inspectorPort,
    stop,
    floor: (name, bindings) => startFloor(dir, name, bindings),
    tenant(wanted) {
      const known = tenants.get(wanted.slug) ?? bringIn(wanted);
      tenants.set(wanted.slug, known);
      return known;
    },
    underLoad(target, plan) {
      let next = 0;
      return async (seconds): Promise<Measurement> => {
        const cpuBefore = cpuSeconds(target.pid);
        const result = await load.run({ ...plan, base_url: target.base_url, seconds, first_path: next });
        next = (next + result.requests) % plan.paths.length;
        const { requests_per_s, p50_ms, p99_ms, generator_cores } = result;
        const cpu_us = ((cpuSeconds(target.pid) - cpuBefore) / result.requests) * 1e6;
        return { requests_per_s, p50_ms, p99_ms, generator_cores, cpu_us };
      };
    },
  };
}

export function variablesOf(keys: EnvironmentKeys, sqld: SqldPair): Record<string, string> {
  const replicas = [{ region: "local", url: sqld.replica_url }];
  return {
    CENTRAL: JSON.stringify({ namespace: "central", primary_url: sqld.primary_url, admin_url: sqld.admin_url, replicas }),
    JWT_PRIVATE_KEY: keys.jwt_private_key,
    SQLD_ADMIN_KEY: keys.sqld_admin_key,
    OPERATOR_KEY: keys.operator_key,
    TOKEN_SECRET: keys.token_secret,
    SECRETS_KEY: keys.secrets_key,
  };
}

const ticksPerSecond = 100;

/** User and system time that a process has used, all threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
