import fc from "fast-check";
import { expect, test } from "vitest";
import { FAULT_KINDS, FAULT_WORDS, faultChooser } from "./fault-choice.ts";

const drawn = (seed: number, share: number, times: number) => {
  const choose = faultChooser(seed, share);
  return Array.from({ length: times }, () => choose());
};

test("the same seed chooses the same faults", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
      expect(drawn(seed, share, 50)).toEqual(drawn(seed, share, 50));
    }),
  );
});

test("three of ten requests meet a fault, and every kind of it occurs", () => {
  const faults = drawn(7, 0.3, 20_000).filter((fault) => fault !== null);
  expect(faults.length / 20_000).toBeCloseTo(0.3, 1);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
  expect(Object.keys(FAULT_WORDS).sort()).toEqual([...FAULT_KINDS].sort());
});

test("a bounded kind is chosen no oftener, and the others take its place", () => {
  const choose = faultChooser(7, 1, { stall: 2, late: 0 });
  const kinds = Array.from({ length: 5_000 }, () => choose()?.kind);
  expect(kinds.filter((kind) => kind === "stall")).toHaveLength(2);
  expect(kinds).not.toContain("late");
  expect(kinds).not.toContain(undefined);
});
