import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { membersOf } from "../../scripts/process-group.ts";
import { readRun } from "../../scripts/state-directory.ts";

const script = join(import.meta.dirname, "../../scripts/start.ts");

type Started = { child: ChildProcess; output: () => string; exit: Promise<number | null>; says(text: string): Promise<void> };

let stateDir: string;
const started: Started[] = [];

beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), "servery-start-"));
});

afterAll(async () => {
  for (const { child } of started) child.kill("SIGTERM");
  await Promise.all(started.map(({ exit }) => exit));
  rmSync(stateDir, { recursive: true, force: true });
});

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, SERVERY_STATE_DIR: stateDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const run: Started = {
    child,
    output: () => text,
    exit,
    says: async (wanted) => {
      await expect.poll(() => text.includes(wanted) || child.exitCode !== null, { timeout: 60_000, interval: 50 }).toBe(true);
      expect(text).toContain(wanted);
    },
  };
  started.push(run);
  return run;
}

describe("npm start", () => {
  it("explains itself and refuses what it does not know", async () => {
    const help = start("--help");
    expect(await help.exit).toBe(0);
    expect(help.output()).toContain("--reset");
    const unknown = start("--prot", "1");
    expect(await unknown.exit).toBe(2);
    expect(unknown.output()).toContain("Unknown option '--prot'");
    const wrong = start("--port", "80000");
    expect(await wrong.exit).toBe(2);
    expect(wrong.output()).toContain('--port takes a number from 1 to 65535, not "80000"');
  });

  it("names a port that is taken, and the flag that chooses another", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    const refused = start("--port", String(port));
    expect(await refused.exit).toBe(1);
    expect(refused.output()).toContain(`Port ${port} is taken.`);
    expect(refused.output()).toContain("npm start -- --port");
    server.close();
  });

  it("runs, lets no second one near its data, and leaves no process when it is ended", async () => {
    const port = await freePort();
    const stack = start("--no-demo", "--port", String(port));
    await stack.says("Ctrl-C ends it.");
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    const ready = (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as { status: string };
    expect(ready.status).toBe("ok");

    const second = start("--port", String(await freePort()));
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`Servery already runs at http://127.0.0.1:${port} (process ${stack.child.pid})`);

    const groups = readRun(stateDir)?.child_pids ?? [];
    expect(groups).toHaveLength(3);
    expect(groups.flatMap(membersOf).length).toBeGreaterThan(3);
    stack.child.kill("SIGINT");
    expect(await stack.exit).toBe(0);
    expect(groups.flatMap(membersOf)).toEqual([]);
    expect(readRun(stateDir)).toBeNull();
  });

  it("keeps its keys, cleans up after a start that was killed, and starts again what died", async () => {
    const keys = readFileSync(join(stateDir, "keys.json"), "utf8");
    const killed = start("--no-demo", "--port", String(await freePort()));
    await killed.says("Ctrl-C ends it.");
    const orphans = readRun(stateDir)?.child_pids ?? [];
    killed.child.kill("SIGKILL");
    await killed.exit;
    expect(orphans.flatMap(membersOf).length).toBeGreaterThan(3);

    const stack = start("--no-demo", "--port", String(await freePort()));
    await stack.says("Ctrl-C ends it.");
    expect(stack.output()).toContain("ended 3 process groups that an earlier start had left");
    expect(orphans.flatMap(membersOf)).toEqual([]);
    expect(readFileSync(join(stateDir, "keys.json"), "utf8")).toBe(keys);

    const [primary = 0] = readRun(stateDir)?.child_pids ?? [];
    // Process 0 would be this very group.
    expect(primary).toBeGreaterThan(1);
    process.kill(primary, "SIGKILL");
    await stack.says("sqld primary ended with SIGKILL; the end of its log");
    await stack.says("It is started again in 15 s.");
    await stack.says("the primary is back");
    const groups = readRun(stateDir)?.child_pids ?? [];
    expect(groups).toHaveLength(3);
    expect(groups).not.toContain(primary);
    stack.child.kill("SIGINT");
    expect(await stack.exit).toBe(0);
    expect(groups.flatMap(membersOf)).toEqual([]);
  });
}, 120_000);
