// Part of npm run verify: dependencies are what dependency-rules.ts asks for, are installed as locked, and have no known serious weakness.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { dependencyProblems, installedProblems, type Lock, type Manifest } from "./dependency-rules.ts";

const root = resolve(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const manifest: Manifest = JSON.parse(read("package.json"));
const lock: Lock = JSON.parse(read("package-lock.json"));

const advisories = await knownWeaknesses();
const problems = [
  ...dependencyProblems(manifest, lock, read(".npmrc")),
  ...installedProblems(lock, installedVersion),
  ...(advisories ?? []),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  const known = advisories === null ? "advisories could not be read: the registry in use does not answer for them" : "no serious advisory";
  console.log(`dependencies: ${Object.keys(lock.packages).length - 1} packages are in order; ${known}`);
}

function installedVersion(path: string): string | null {
  try {
    return JSON.parse(read(join(path, "package.json"))).version;
  } catch {
    return null;
  }
}

type Audit = { vulnerabilities?: Record<string, { severity: string; range: string }> };

/** High and critical ones of what is deployed; null where the registry has no advisories to give, as mirrors often have not. */
async function knownWeaknesses(): Promise<string[] | null> {
  const audit = promisify(execFile)("npm", ["audit", "--omit=dev", "--json", "--fetch-retries=0", "--fetch-timeout=5000"], {
    cwd: root,
    timeout: 15_000,
  });
  // It ends with 1 where it finds something, and where it cannot ask.
  const output = await audit.then(({ stdout }) => stdout).catch((error: { stdout?: string }) => error.stdout ?? "");
  let answer: Audit;
  try {
    answer = JSON.parse(output);
  } catch {
    return null;
  }
  if (!answer.vulnerabilities) return null;
  return Object.entries(answer.vulnerabilities)
    .filter(([, { severity }]) => severity === "high" || severity === "critical")
    .map(([name, { severity, range }]) => `${name} ${range} has a known ${severity} weakness: npm audit --omit=dev`);
}
