import { inject } from "vitest";

/** One entry a run of a race: `RACES_TIMES=20 npm run test:worker -- test/races` runs each twenty times, each with a tenant of its own. */
export const RUNS: number[] = Array.from({ length: inject("racesTimes") }, (_, run) => run + 1);

/** Hundreds of requests at once take their time on a busy machine. */
export const MOST_MS = 120_000;

/** Numbers that look like chance and are the same for the same run. */
export function chanceOf(run: number): () => number {
  let state = run * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
