// Part of npm run lock: makes package-lock.json one that `npm ci` accepts and that names no registry. See missingEntries.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { missingEntries, type Packages } from "./lock-entries.ts";

const file = resolve(process.argv[2] ?? "package-lock.json");
const lock: { packages: Packages } = JSON.parse(readFileSync(file, "utf8"));
const added = missingEntries(lock.packages);
const packages = { ...lock.packages, ...added };
for (const entry of Object.values(packages)) delete entry.resolved;
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: ${Object.keys(added).length} entries added`);
