// Part of npm run verify: every file that README.md and docs/ point at is there.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { mentionsOf } from "./doc-links.ts";

const root = resolve(import.meta.dirname, "..");
const documents = globSync(["README.md", "docs/**/*.md"], { cwd: root }).sort();
let mentions = 0;
let missing = 0;
for (const document of documents) {
  for (const { line, path, relative_to } of mentionsOf(readFileSync(join(root, document), "utf8"))) {
    mentions++;
    if (existsSync(resolve(root, relative_to === "document" ? dirname(document) : "", path))) continue;
    missing++;
    console.error(`${document}:${line} points at ${path}, which is not there`);
  }
}
if (missing > 0) process.exitCode = 1;
else console.log(`docs: ${mentions} paths in ${documents.length} documents are there`);
