import { join } from "node:path";
import type { ApiClient } from "./api-client.ts";
import { type EnvironmentKeys, publicKeyPem } from "./keys.ts";
import { type SqldPair, type SqldRole, startSqld } from "./sqld.ts";
import { startWranglerDev, type WranglerDev } from "./wrangler-dev.ts";

export type StackPart = SqldRole | "worker";

export type LocalStackOptions = {
  /** Holds all state: `data/` of sqld, `wrangler/` of the Worker, logs. */
  dir: string;
  port: number;
  keys: EnvironmentKeys;
  /** How many tenants the cell is for; see SqldOptions. */
  cellTenants?: number;
  /** `host:port` that images may be fetched from though they are local; see IMAGE_HOSTS. */
  imageHosts?: readonly string[];
  /** A part ended that nobody stopped; the message carries the tail of its log. */
  onDeath?: (part: StackPart, message: string) => void;
  /** Told of each process group's leader as soon as it lives. */
  onStarted?: (pids: number[]) => void;
};

export type LocalStack = {
  base_url: string;
  sqld: SqldPair;
  worker: WranglerDev;
  /** The Worker anew, at the same address and over the same state: after `worker.kill()`, or in place of the one that runs. */
  restartWorker(): Promise<void>;
  stop(): Promise<void>;
};

/** sqld primary and replica, then the Worker over them: what one environment is, on this machine. Throws, with nothing left running, where a part does not come up. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { dir, port, keys, cellTenants, imageHosts, onDeath, onStarted } = options;
  const sqld = await startSqld({
    dir: join(dir, "data"),
    jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
    adminKey: keys.sqld_admin_key,
    detached: true,
    ...(cellTenants === undefined ? {} : { cellTenants }),
    ...(onDeath ? { onDeath } : {}),
  });
  onStarted?.(sqld.pids());
  const startWorker = () =>
    startWranglerDev({
      dir,
      port,
      keys,
      sqld,
      ...(imageHosts ? { imageHosts } : {}),
      ...(onDeath ? { onDeath: (message: string) => onDeath("worker", message) } : {}),
      onStarted: (pid) => onStarted?.([...sqld.pids(), pid]),
    });
  try {
    const worker = await startWorker();
    const stack: LocalStack = {
      base_url: worker.base_url,
      sqld,
      worker,
      restartWorker: async () => {
        await stack.worker.stop();
        stack.worker = await startWorker();
      },
      stop: async () => {
        // The Worker first: what it has in flight still finds its database.
        await stack.worker.stop();
        await sqld.stop();
      },
    };
    return stack;
  } catch (error) {
    await sqld.stop();
    throw error;
  }
}

/** Makes the central database and tells it where this stack's databases are; both may be done again. */
export async function registerLocalCell(operator: ApiClient, sqld: SqldPair): Promise<void> {
  await operator.post("/internal/central/migrate");
  await operator.put("/internal/cells/local", {
    driver: "sqld",
    primary_url: sqld.primary_url,
    admin_url: sqld.admin_url,
    replicas: [{ region: "local", url: sqld.replica_url }],
  });
}
