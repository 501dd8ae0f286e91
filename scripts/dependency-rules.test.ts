import { describe, expect, test } from "vitest";
import { dependencyProblems, installedProblems, type Lock, type Manifest } from "./dependency-rules.ts";
import type { LockEntry } from "./lock-entries.ts";

const sound: LockEntry = { version: "1.2.3", integrity: "sha512-AAAA", license: "MIT" };
const manifest: Manifest = { dependencies: { a: "1.2.3" }, devDependencies: {} };
const lockOf = (packages: Record<string, LockEntry>): Lock => ({ packages: { "": {}, "node_modules/a": sound, ...packages } });
const problemsOf = (packages: Record<string, LockEntry>, wanted = manifest): string[] =>
  dependencyProblems(wanted, lockOf(packages), "ignore-scripts=true\n");

describe("dependencies", () => {
  test("in order are no problem", () => {
    expect(
      problemsOf({
        "node_modules/zod": sound,
        "node_modules/esbuild": { ...sound, dev: true, hasInstallScript: true },
        "node_modules/b-darwin-arm64": { version: "1.0.0", optional: true, os: ["darwin"] },
        "node_modules/c": { ...sound, license: "(MIT OR GPL-3.0)" },
        "node_modules/d": { ...sound, license: "LGPL-3.0-or-later", dev: true },
      }),
    ).toEqual([]);
  });

  test.each<[what: string, packages: Record<string, LockEntry>, problem: string]>([
    ["an address", { "node_modules/b": { ...sound, resolved: "https://registry.example/b.tgz" } }, "names a registry"],
    ["no checksum", { "node_modules/b": { version: "1.0.0", license: "MIT" } }, "has no sha512"],
    ["a weak checksum", { "node_modules/b": { ...sound, integrity: "sha1-AAAA" } }, "has no sha512"],
    ["a second copy", { "node_modules/zod": sound, "node_modules/b/node_modules/zod": sound }, "2 copies of zod"],
    ["an install script", { "node_modules/b": { ...sound, dev: true, hasInstallScript: true } }, "has an install script"],
    ["no licence", { "node_modules/b": { version: "1.0.0", integrity: "sha512-AAAA" } }, "no licence"],
    ["a licence that asks for more", { "node_modules/b": { ...sound, license: "MIT AND AGPL-3.0" } }, "is under MIT AND AGPL-3.0"],
    ["another version than wanted", { "node_modules/a": { ...sound, version: "1.2.4" } }, "package-lock.json has 1.2.4"],
    ["a platform's package left out", { "node_modules/b": { ...sound, optionalDependencies: { "b-linux-x64": "1.0.0" } } }, "is missing"],
  ])("with %s are told", (_, packages, problem) => {
    expect(problemsOf(packages)).toEqual([expect.stringContaining(problem)]);
  });

  test.each(["^1.2.3", "~1.2.3", "1.2", "latest", "*", "file:../a", "git+ssh://host/a"])("as a range, %s, are told", (version) => {
    expect(problemsOf({}, { dependencies: { a: version }, devDependencies: {} })).toEqual([expect.stringContaining("not one version")]);
  });

  test("whose scripts would be run are told", () => {
    expect(dependencyProblems(manifest, lockOf({}), "fund=false\n")).toEqual([expect.stringContaining("ignore-scripts")]);
  });

  test("installed in another version, or not at all, are told", () => {
    const lock = lockOf({ "node_modules/b": sound, "node_modules/c-win32-x64": { ...sound, optional: true } });
    const versions: Record<string, string> = { "node_modules/a": "1.2.3", "node_modules/b": "1.2.4" };
    expect(installedProblems(lock, (path) => versions[path] ?? null)).toEqual([expect.stringContaining("is installed as 1.2.4")]);
    expect(installedProblems(lock, () => null)).toHaveLength(2);
  });
});
