import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { type EnvironmentKeys, writePrivateFile } from "./keys.ts";
import { logTail } from "./log-tail.ts";
import { endProcessGroup, killProcessGroup } from "./process-group.ts";

const root = resolve(import.meta.dirname, "..");
const startDeadlineMs = 60_000;

export type WranglerDevOptions = {
  /** Holds wrangler's state, its log and the secrets it reads. */
  dir: string;
  port: number;
  keys: EnvironmentKeys;
  sqld: { primary_url: string; admin_url: string; replica_url: string };
  /** Further `host:port` that images may be fetched from, beside this Worker's own. */
  imageHosts?: readonly string[];
  /** The Worker ended and nobody stopped it; the tail of its log says why. */
  onDeath?: (message: string) => void;
  /** Told of the process group's leader before the Worker answers. */
  onStarted?: (pid: number) => void;
};

export type WranglerDev = {
  base_url: string;
  pid: number;
  log_file: string;
  stop(): Promise<void>;
  /** The crash: every process of it at once, unasked. */
  kill(): void;
};

/** Runs the Worker of this checkout in the dev environment on 127.0.0.1 and waits until `/healthz` answers. */
export async function startWranglerDev(options: WranglerDevOptions): Promise<WranglerDev> {
  const { dir, port, imageHosts = [] } = options;
  mkdirSync(dir, { recursive: true });
  const envFile = join(dir, "dev.env");
  const variables = workerVariables(options);
  writePrivateFile(envFile, environmentFile(variables));
  const logFile = join(dir, "worker.log");
  const log = openSync(logFile, "w");
  const child = spawn(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      ...["--local", "--env", "dev", "--env-file", envFile],
      ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
      // Not in the file: of that wrangler reads only what wrangler.toml names. The demo's pictures are at the Worker's own address.
      ...["--var", `IMAGE_HOSTS:${JSON.stringify([`127.0.0.1:${port}`, `localhost:${port}`, ...imageHosts])}`],
      ...["--persist-to", join(dir, "wrangler"), "--show-interactive-dev-session=false", "--log-level", "log"],
    ],
    {
      cwd: root,
      stdio: ["ignore", log, log],
      // Its own group: wrangler has children and grandchildren, which are ended together by that group's id.
      detached: true,
      env: {
        // A variable of our own environment would go over the file's.
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in variables))),
        // The build command of wrangler.toml is a script for the Node of this checkout.
        PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_SEND_ERROR_REPORTS: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_LOG_PATH: join(dir, "wrangler-logs"),
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        DO_NOT_TRACK: "1",
        NO_COLOR: "1",
      },
    },
  );
  closeSync(log);
  const baseUrl = `http://127.0.0.1:${port}`;
  let stopping = false;
  const ended = new Promise<never>((_, reject) => {
    const end = (how: string) => {
      const message = `the Worker (wrangler dev) ${how}; ${logTail(logFile)}`;
      if (!stopping) options.onDeath?.(message);
      reject(new Error(message));
    };
    child.once("error", (error) => end(`did not start: ${error.message}`));
    child.once("exit", (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
  });
  ended.catch(() => {});
  const pid = child.pid;
  if (pid === undefined) return ended;
  options.onStarted?.(pid);
  const killNow = () => killProcessGroup(pid);
  process.once("exit", killNow);
  const worker: WranglerDev = {
    base_url: baseUrl,
    pid,
    log_file: logFile,
    stop: async () => {
      stopping = true;
      await endProcessGroup(pid);
      process.removeListener("exit", killNow);
    },
    kill: () => {
      stopping = true;
      killNow();
    },
  };
  try {
    await Promise.race([ended, untilHealthy(baseUrl, logFile)]);
    return worker;
  } catch (error) {
    await worker.stop();
    throw error;
  }
}

function workerVariables({ keys, sqld }: WranglerDevOptions): Record<string, string> {
  const central = {
    namespace: "central",
    primary_url: sqld.primary_url,
    admin_url: sqld.admin_url,
    replicas: [{ region: "local", url: sqld.replica_url }],
  };
  return {
    CENTRAL: JSON.stringify(central),
    JWT_PRIVATE_KEY: keys.jwt_private_key,
    SQLD_ADMIN_KEY: keys.sqld_admin_key,
    OPERATOR_KEY: keys.operator_key,
    TOKEN_SECRET: keys.token_secret,
    SECRETS_KEY: keys.secrets_key,
  };
}

/** Read by wrangler in place of .dev.vars; these go over the [vars] of the same name. */
function environmentFile(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

async function untilHealthy(baseUrl: string, logFile: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  let last = "no answer";
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(5000) });
      await response.arrayBuffer();
      if (response.ok) return;
      last = `status ${response.status}`;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the Worker did not answer /healthz within ${startDeadlineMs / 1000} s (${last}); ${logTail(logFile)}`);
}
