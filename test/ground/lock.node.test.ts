import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dependencyProblems } from "../../scripts/dependency-rules.ts";
import { missingEntries } from "../../scripts/lock-entries.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));

describe("package-lock.json", () => {
  it("is in order with package.json", () => {
    const npmrc = readFileSync(join(root, ".npmrc"), "utf8");
    expect(dependencyProblems(read("package.json"), read("package-lock.json"), npmrc)).toEqual([]);
  });
});

describe("entries that a registry does not carry", () => {
  it("are added with the platform that their name tells", () => {
    const packages = {
      "": {},
      "node_modules/a": {
        version: "1.0.0",
        dev: true,
        optionalDependencies: { "@a/cli-linux-x64-musl": "1.0.0", "@a/cli-windows-64": "1.0.0" },
      },
      "node_modules/b": { version: "1.0.0", optionalDependencies: { "b-linux-x64": "2.0.0" } },
      "node_modules/b/node_modules/b-linux-x64": { version: "2.0.0" },
    };
    expect(missingEntries(packages)).toEqual({
      "node_modules/@a/cli-linux-x64-musl": { version: "1.0.0", os: ["linux"], cpu: ["x64"], libc: ["musl"], dev: true, optional: true },
      "node_modules/@a/cli-windows-64": { version: "1.0.0", os: ["win32"], cpu: ["x64"], dev: true, optional: true },
    });
  });

  it("are not guessed", () => {
    expect(() => missingEntries({ "node_modules/a": { optionalDependencies: { fancy: "^1.0.0" } } })).toThrow("wants fancy");
  });
});
