import { describe, expect, it } from "vitest";
import { type Contest, type Measurement, median, runContest, summarise } from "./contest.ts";

const measured = (requests_per_s: number, cpu_us = 100): Measurement => ({
  requests_per_s,
  p50_ms: 1,
  p99_ms: 2,
  cpu_us,
  generator_cores: 0.2,
});

describe("summarise", () => {
  it("takes the ratio of each round, not of the medians: rounds differ more than sides do", () => {
    const rounds = [
      { ours: measured(900), floor: measured(1_000) },
      { ours: measured(80), floor: measured(100) },
      { ours: measured(500), floor: measured(1_000) },
    ];
    const summary = summarise(rounds);
    expect(summary).toMatchObject({ ratio: 0.8, lowest_ratio: 0.5, highest_ratio: 0.9 });
    expect(summary.ours.requests_per_s).toBe(500);
    expect(summary.floor.requests_per_s).toBe(1_000);
  });

  it("says how much of the floor's CPU ours is", () => {
    expect(summarise([{ ours: measured(1, 200), floor: measured(1, 50) }]).cpu_ratio).toBe(0.25);
  });

  it("keeps what was not measured", () => {
    const whole: Measurement = { ...measured(10), p50_ms: null, p99_ms: null };
    expect(summarise([{ ours: whole, floor: whole }]).ours).toMatchObject({ p50_ms: null, p99_ms: null });
  });
});

describe("median", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %d", (numbers, expected) => expect(median(numbers)).toBe(expected));
});

it("measures both sides in turn, in the other order each round, and drops the first", async () => {
  const calls: string[] = [];
  const side = (name: string) => async () => {
    calls.push(name);
    return measured(calls.length);
  };
  const contest: Contest = { ours: side("ours"), floor: side("floor"), stop: async () => {} };
  const rounds = await runContest(contest, { rounds: 2, seconds: 1 });
  expect(calls).toEqual(["ours", "floor", "floor", "ours", "ours", "floor"]);
  expect(rounds.map(({ ours, floor }) => [ours.requests_per_s, floor.requests_per_s])).toEqual([
    [4, 3],
    [5, 6],
  ]);
});
