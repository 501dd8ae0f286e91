import { inject } from "vitest";

export { chanceOf } from "../support/pure/chance.ts";

/** One entry a run of a race: `RACES_TIMES=20 npm run test:worker -- test/races` runs each twenty times, each with a tenant of its own. */
export const RUNS: number[] = Array.from({ length: inject("racesTimes") }, (_, run) => run + 1);

/** Hundreds of requests at once take their time on a busy machine. */
export const MOST_MS = 120_000;
