// Part of npm run verify: no file of this repository holds a secret. What only looks like one is allowed below, with the reason.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Allowed, secretsIn } from "./secret-rules.ts";

const allowed: Allowed[] = [
  { path: "vitest.config.ts", kind: "assignment", reason: "secrets of the tests' own Worker, which serves nobody else" },
];

const root = resolve(import.meta.dirname, "..");
const used = new Set<Allowed>();
let problems = 0;
const files = repositoryFiles();
for (const path of files) {
  for (const { kind, line, shown } of secretsIn(path, textOf(path))) {
    const allowance = allowed.find((entry) => entry.path === path && entry.kind === kind);
    if (allowance) {
      used.add(allowance);
      continue;
    }
    problems++;
    console.error(`${path}:${line} holds what looks like a secret (${kind}): ${shown}`);
  }
}
for (const { path, kind } of allowed.filter((entry) => !used.has(entry))) {
  problems++;
  console.error(`${path} is allowed a ${kind} in scripts/check-secrets.ts and has none`);
}
if (problems > 0) process.exitCode = 1;
else console.log(`secrets: none in ${files.length} files`);

/** What is committed and what would be with the next `git add`. */
function repositoryFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  return list.split("\0").filter((path) => path !== "" && (statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false));
}

/** Empty for a file that is no text. */
function textOf(path: string): string {
  const bytes = readFileSync(join(root, path));
  return bytes.subarray(0, 8_000).includes(0) ? "" : bytes.toString("utf8");
}
