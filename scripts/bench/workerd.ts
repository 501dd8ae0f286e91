import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { logTail } from "../log-tail.ts";
import { type CapnpValue, workerdConfigText } from "./capnp-text.ts";

const startDeadlineMs = 20_000;
const stopDeadlineMs = 5_000;

/** The package has no types; its default export is the binary's path. */
const workerd: { default: string; version: string } = createRequire(import.meta.url)("workerd");

export const workerdVersion: string = workerd.version;

export type WorkerdOptions = {
  /** Holds the config, what it embeds and the log. */
  dir: string;
  name: string;
  port: number;
  config: CapnpValue;
  /** The path that is asked until something answers. */
  probe: string;
  /** Where V8's inspector listens; a profile is taken through it. */
  inspectorPort?: number | undefined;
};

export type WorkerdProcess = {
  base_url: string;
  pid: number;
  log_file: string;
  stop(): Promise<void>;
};

/** Runs a bare workerd: no development proxy, no Node in the request's way. Throws with the log's tail where it does not come up. */
export async function startWorkerd({ dir, name, port, config, probe, inspectorPort }: WorkerdOptions): Promise<WorkerdProcess> {
  mkdirSync(dir, { recursive: true });
  let embedded = 0;
  const text = workerdConfigText(config, (content) => {
    const file = `${name}-${embedded++}.txt`;
    writeFileSync(join(dir, file), content);
    return file;
  });
  const configFile = join(dir, `${name}.capnp`);
  writeFileSync(configFile, text, { mode: 0o600 });
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, "w");
  const inspector = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  const child = spawn(workerd.default, ["serve", "--experimental", ...inspector, configFile], {
    stdio: ["ignore", log, log],
    env: { PATH: process.env.PATH },
  });
  closeSync(log);
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  const ended = new Promise<never>((_, reject) => {
    const end = (how: string) => {
      process.removeListener("exit", killNow);
      reject(new Error(`workerd (${name}) ${how}; ${logTail(logFile)}`));
    };
    child.once("error", (error) => end(`did not start: ${error.message}`));
    child.once("exit", (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
  });
  ended.catch(() => {});
  const pid = child.pid;
  if (pid === undefined) return ended;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const timer = setTimeout(killNow, stopDeadlineMs);
    child.kill("SIGTERM");
    await ended.catch(() => {});
    clearTimeout(timer);
  };
  const base_url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([ended, untilAnswers(`${base_url}${probe}`)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base_url, pid, log_file: logFile, stop };
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > deadline) throw new Error(`workerd did not answer ${url} within ${startDeadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
