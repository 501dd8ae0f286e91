import { beforeAll, describe, expect, test } from "vitest";
import { type FaultReport, runFaults, scenarios } from "../../scripts/faults/run-faults.ts";

/** The short form of `npm run faults`. One seed, so that a commit passes or fails for itself; the long form takes a new one each time. */
const seed = 6;
let report: FaultReport;

beforeAll(async () => {
  report = await runFaults({ seed, only: [], short: true, progress: () => {} });
}, 300_000);

describe("every write takes effect once and is answered as it stands", () => {
  for (const { name, about } of scenarios) {
    test(`${name}: ${about}`, () => {
      const rows = report.rows.filter(({ scenario }) => scenario === name);
      expect(rows).not.toEqual([]);
      const unsound = rows.filter(({ lost, doubled, wrong }) => lost > 0 || doubled > 0 || wrong.length > 0);
      expect(unsound.map(({ fault, lost, doubled, wrong }) => JSON.stringify({ fault, lost, doubled, wrong }))).toEqual([]);
    });
  }

  test("and the faults were made", () => {
    const crowd = report.rows.filter(({ scenario }) => scenario === "crowd");
    // Of a stall's eight seconds a short run has one or none.
    const unmade = crowd.filter(({ fault, count }) => count === 0 && !fault.includes("deadline"));
    expect(unmade.map(({ fault }) => fault)).toEqual([]);
    // Every other write is a store, which tells of itself.
    expect(crowd.at(-1)).toMatchObject({ fault: "all of these, on events", effects: 500 });
  });
});
