import { describe, expect, test } from "vitest";
import { completed, inSteps, type Steps, takingTurns } from "./steps.ts";

function* sum(numbers: readonly number[]): Steps<number> {
  let total = 0;
  yield* inSteps(numbers, (number) => {
    total += number;
  });
  return total;
}

const numbers = Array.from({ length: 250 }, (_, index) => index);

describe("work in steps", () => {
  test("comes to the same at once and in turns", async () => {
    let turns = 0;
    const inTurns = await takingTurns(sum(numbers), async () => {
      turns += 1;
    });
    expect(completed(sum(numbers))).toBe(31_125);
    expect([inTurns, turns]).toEqual([31_125, 2]);
  });

  test("fails where a step fails", async () => {
    function* failing(): Steps<never> {
      yield;
      throw new Error("no");
    }
    expect(() => completed(failing())).toThrow("no");
    await expect(takingTurns(failing(), async () => undefined)).rejects.toThrow("no");
  });
});
