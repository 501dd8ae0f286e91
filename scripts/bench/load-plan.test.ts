import { describe, expect, it } from "vitest";
import { pathsOf, percentile } from "./load-plan.ts";

describe("pathsOf", () => {
  it("deals the list out to the connections, each path once", () => {
    const plan = { paths: ["a", "b", "c", "d", "e"], first_path: 0, connections: 2 };
    expect([pathsOf(plan, 0), pathsOf(plan, 1)]).toEqual([
      ["a", "c", "e"],
      ["b", "d"],
    ]);
  });

  it("goes on where the last stretch ended", () => {
    const plan = { paths: ["a", "b", "c", "d"], first_path: 3, connections: 2 };
    expect([pathsOf(plan, 0), pathsOf(plan, 1)]).toEqual([
      ["d", "b"],
      ["a", "c"],
    ]);
  });

  it("gives each connection something to ask", () => {
    expect(pathsOf({ paths: ["a"], first_path: 0, connections: 16 }, 15)).toEqual(["a"]);
  });
});

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  it("is the value that so many do not exceed", () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBe(0);
  });
});
