import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ApiClient, operatorClient } from "../api-client.ts";
import { buildWorker } from "../bench/build-worker.ts";
import { rawWorkerdConfig } from "../bench/raw-workerd.ts";
import { variablesOf } from "../bench/stand.ts";
import { type TenantDatabase, tenantDatabase } from "../bench/tenant-database.ts";
import { startWorkerd, type WorkerdProcess } from "../bench/workerd.ts";
import { freePort } from "../free-port.ts";
import { generateKeys, publicKeyPem } from "../keys.ts";
import { registerLocalCell } from "../local-stack.ts";
import { type SqldPair, startSqld } from "../sqld.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

const root = resolve(import.meta.dirname, "../..");

/** A workerd with the Worker and its objects' storage; it may be killed and started again over the same storage. */
export interface FaultWorker {
  base_url: string;
  /** The crash, and the start after it. */
  killAndRestart(): Promise<void>;
  /** An object loses its memory, in mid-flight. */
  evict(id: string): Promise<void>;
  /** The clock's trigger, at the minute that is this tenant's. */
  sweep(tenantId: string): Promise<void>;
  stop(): Promise<void>;
}

export interface FaultTenant {
  slug: string;
  tenant_id: string;
  key: string;
  /** Past the proxy. */
  database: TenantDatabase;
}

export interface FaultStand {
  sqld: SqldPair;
  proxy: FaultProxy;
  operator: ApiClient;
  operator_key: string;
  worker: FaultWorker;
  /** Beside the first, with storage of its own: as when an object was moved and the old one does not know. */
  secondWorker(): Promise<FaultWorker>;
  central: TenantDatabase;
  tenant(slug: string): Promise<FaultTenant>;
  /** The crash of the primary, and the start after it. */
  killDatabase(): Promise<void>;
  stop(): Promise<void>;
}

/** All new: sqld primary and replica, the proxy before the primary, the Worker on a bare workerd. Throws, with nothing left running, where a part does not come up. */
export async function startFaultStand(progress: (line: string) => void): Promise<FaultStand> {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  const dir = mkdtempSync(join(root, ".tmp", "exactly-once-"));
  const forget = () => rmSync(dir, { recursive: true, force: true });
  process.once("exit", forget);
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
    process.removeListener("exit", forget);
    forget();
  };
  try {
    const bundle = await buildWorker(join(dir, "bundle"), { minify: false, entry: join(root, "test/support/worker/fault-worker.ts") });
    progress("the Worker is built");
    const keys = generateKeys();
    const sqld = await startSqld({
      dir: join(dir, "data"),
      jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
      adminKey: keys.sqld_admin_key,
      fresh: true,
    });
    ends.push(() => sqld.stop());
    const proxy = await startFaultProxy(await freePort(), sqld.primary_url);
    ends.push(() => proxy.stop());
    const proxied = { ...sqld, primary_url: proxy.url };
    const start = async (name: string) => {
      const options = { dir: join(dir, name), port: await freePort(), bundle, variables: variablesOf(keys, proxied) };
      const worker = await startFaultWorker(options.dir, options.port, await rawWorkerdConfig(options));
      ends.push(() => worker.stop());
      return worker;
    };
    const worker = await start("worker");
    const operator = operatorClient(worker.base_url, keys.operator_key);
    await registerLocalCell(operator, proxied);
    progress("databases and Worker are up");
    const database = (namespace: string) => tenantDatabase(sqld.primary_url, keys.jwt_private_key, namespace, "rw");
    let second: FaultWorker | undefined;
    return {
      sqld,
      proxy,
      operator,
      operator_key: keys.operator_key,
      worker,
      central: database("central"),
      async secondWorker() {
        second ??= await start("second");
        return second;
      },
      async tenant(slug) {
        const made = await operator.post<{ tenant_id: string; admin_key: string }>("/internal/tenants", {
          slug,
          name: slug,
          currency: "USD",
        });
        return { slug, tenant_id: made.tenant_id, key: made.admin_key, database: database(`t-${slug}`) };
      },
      async killDatabase() {
        await sqld.killPrimary("SIGKILL");
        await sqld.startPrimary();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startFaultWorker(dir: string, port: number, config: Parameters<typeof startWorkerd>[0]["config"]): Promise<FaultWorker> {
  const start = (): Promise<WorkerdProcess> => startWorkerd({ dir, name: "worker", port, config, probe: "/healthz" });
  let running = await start();
  let restarting: Promise<void> | undefined;
  const ask = async (path: string) => {
    // Whatever it answers, or nothing: the call may be cut by what it asks for.
    await fetch(`${running.base_url}${path}`, { signal: AbortSignal.timeout(10_000) }).then(
      (response) => response.arrayBuffer(),
      () => {},
    );
  };
  const killAndRestart = async () => {
    process.kill(running.pid, "SIGKILL");
    // Gone, and its port free.
    await running.stop();
    running = await start();
  };
  return {
    base_url: running.base_url,
    killAndRestart() {
      restarting ??= killAndRestart().finally(() => {
        restarting = undefined;
      });
      return restarting;
    },
    evict: (id) => ask(`/faults/evict?id=${id}`),
    sweep: (tenantId) => ask(`/faults/sweep?at_ms=${minuteOf(tenantId) * 60_000}`),
    async stop() {
      await restarting;
      await running.stop();
    },
  };
}

/** Of the hour, at which a tenant is swept; as src/platform/tenancy/sweep-tenants.ts counts. */
const minuteOf = (tenantId: string): number =>
  (tenantId.charCodeAt(tenantId.length - 1) * 16 + tenantId.charCodeAt(tenantId.length - 2)) % 60;
