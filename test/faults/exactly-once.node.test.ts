import { beforeAll, describe, expect, test } from "vitest";
import { type FaultReport, runFaults, scenarios } from "../../scripts/faults/run-faults.ts";

/** The short form of `npm run faults`. One seed, so that a commit passes or fails for itself; the long form takes a new one each time. */
const seed = 1;
let report: FaultReport;

beforeAll(async () => {
  report = await runFaults({ seed, only: [], short: true, progress: () => {} });
}, 180_000);

describe("every write takes effect once and is answered as it stands", () => {
  for (const { name, about } of scenarios) {
    test(`${name}: ${about}`, () => {
      const rows = report.rows.filter(({ scenario }) => scenario === name);
      expect(rows).not.toEqual([]);
      for (const { fault, lost, doubled, wrong } of rows)
        expect({ fault, lost, doubled, wrong }).toEqual({ fault, lost: 0, doubled: 0, wrong: [] });
    });
  }

  test("and the faults were made", () => {
    const crowd = report.rows.filter(({ scenario }) => scenario === "crowd");
    // Of a stall's eight seconds a short run has one or none.
    const unmade = crowd.filter(({ fault, count }) => count === 0 && !fault.includes("deadline"));
    expect(unmade.map(({ fault }) => fault)).toEqual([]);
    expect(crowd.at(-1)?.effects).toBeGreaterThan(500);
  });
});
