import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeBatch } from "./batch.ts";

const entries = (...sizes: number[]) => sizes.map((bytes, place) => ({ bytes, place }));

describe("takeBatch", () => {
  it("takes what fits, in order", () => {
    const limits = { operations: 3, bytes: 100 };
    expect(takeBatch(entries(10, 10, 10, 10), limits)).toHaveLength(3);
    expect(takeBatch(entries(60, 60, 1), limits)).toEqual(entries(60));
    expect(takeBatch([], limits)).toEqual([]);
  });

  it("lets one that is too large go alone", () => {
    expect(takeBatch(entries(500, 1), { operations: 3, bytes: 100 })).toHaveLength(1);
  });

  it("always gets on, from the front, within the limits", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (sizes, operations) => {
        const all = entries(...sizes);
        const batch = takeBatch(all, { operations, bytes: 300 });
        const bytes = batch.reduce((sum, entry) => sum + entry.bytes + 1, 0);
        return (
          batch.length > 0 && batch.length <= operations && (bytes <= 300 || batch.length === 1) && batch.every((e, i) => e === all[i])
        );
      }),
    );
  });
});
