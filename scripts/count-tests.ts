// Prints "<n> passed, <n> failed" from vitest's JSON report, for CI. A file that could not be run at all counts as one failed.
import { readFileSync } from "node:fs";

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: "passed" | "failed"; assertionResults: { status: string }[] }[];
};

const path = process.argv[2];
if (!path) throw new Error("usage: node scripts/count-tests.ts <vitest's JSON report>");
const report = readReport(path);
const notRun = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests + notRun.length} failed`);

/** Without a report vitest itself did not get through. */
function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
}
