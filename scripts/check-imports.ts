// Part of npm run verify: holds src/ to the import table of scripts/import-rules.ts.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { databaseWordLines, importProblem, importsOf } from "./import-rules.ts";

const root = resolve(import.meta.dirname, "..");
const packages = new Set(Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies));
const files = globSync("src/**/*.{ts,tsx}", { cwd: root }).sort();
const problems = files.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...importsOf(file, text).flatMap((found) => {
      const problem = importProblem(found, packages);
      return problem ? [`${file}:${found.line} imports "${found.specifier}": ${problem}`] : [];
    }),
    ...databaseWordLines(file, text).map((line) => `${file}:${line} speaks to a database: only platform/db does`),
  ];
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`imports: ${files.length} files keep to the table`);
