import { type ChildProcess, spawn } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { openReaderShell, type ReaderShell } from "../support/node/reader-shell.ts";
import { shownCommands } from "../support/node/shown-commands.ts";
import { expectShown } from "../support/node/shown-output.ts";

/** Runs what README.md and docs/ show, against a fresh `npm start`. How blocks are marked is said in docs/README.md. */
const root = resolve(import.meta.dirname, "../..");
const documents = globSync(["README.md", "docs/**/*.md"], { cwd: root }).sort();

let dir: string;
let port: number;
let started: ChildProcess;
let startOutput = "";
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  mkdirSync(join(root, ".tmp"), { recursive: true });
  dir = mkdtempSync(join(root, ".tmp/docs-"));
  port = await freePort();
  env = {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    SERVERY_STATE_DIR: dir,
    NO_COLOR: "1",
    // Without the lines that npm puts before a script's own.
    npm_config_loglevel: "silent",
  };
  started = spawn(process.execPath, [join(root, "scripts/start.ts"), "--port", String(port)], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [started.stdout, started.stderr]) stream?.on("data", (chunk) => (startOutput += chunk));
  await vi.waitUntil(() => startOutput.includes("Ctrl-C ends it.") || started.exitCode !== null, { timeout: 90_000, interval: 50 });
  expect(startOutput).toContain("Ctrl-C ends it.");
}, 120_000);

afterAll(async () => {
  if (started?.exitCode === null) {
    const ended = new Promise((end) => started.once("close", end));
    started.kill("SIGTERM");
    await ended;
  }
  if (dir) rmSync(dir, { recursive: true, force: true });
}, 30_000);

/** The documents speak of the usual port and state directory; this run has its own. */
const here = (text: string): string => text.replaceAll(":8787", `:${port}`).replaceAll(".servery/", `${relative(root, dir)}/`);

for (const document of documents) {
  const blocks = shownCommands(readFileSync(join(root, document), "utf8"));
  if (blocks.length === 0) continue;
  describe(document, () => {
    let shell: ReaderShell;
    beforeAll(() => {
      shell = openReaderShell({ cwd: root, dir, env });
    });
    afterAll(() => shell.end());
    for (const { line, mark, commands, output } of blocks) {
      it(`line ${line}: ${commands.split("\n")[0]}`, async () => {
        const printed = mark === "start" ? startOutput : await shell.run(here(commands));
        if (output) expectShown({ ...output, shown: here(output.shown) }, printed);
      }, 60_000);
    }
  });
}

it("starts sqld in docs/deploy.md with the flags that it has here", () => {
  const flagsOf = (text: string) => [...new Set([...text.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([flag]) => flag))].sort();
  const shown = [...readFileSync(join(root, "docs/deploy.md"), "utf8").matchAll(/^sqld -d (?:.*\\\n)*.*$/gm)].map(([command]) => command);
  expect(shown).toHaveLength(2);
  expect(flagsOf(shown.join("\n"))).toEqual(flagsOf(readFileSync(join(root, "scripts/sqld.ts"), "utf8")));
});
