import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Move, NOON_MS, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";

const RUNS = 12;
const codes = Array.from({ length: RUNS * 4 }, (_, index) => `v${index}`);

let shelf: Shelf;
let used = 0;
const freshCode = (): string => codes[used++] ?? "";

beforeAll(async () => {
  shelf = await newShelf(codes);
}, 60_000);

type What = { type: string; quantity: number };

const whats: fc.Arbitrary<What> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("purchase", "sale", "waste", "return", "adjustment"),
      quantity: fc.integer({ min: -90, max: 90 }).map((n) => n / 8),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("count"), quantity: fc.integer({ min: 0, max: 400 }).map((n) => n / 8) }) },
);

interface Written {
  movement_id: string;
  movement_type: string;
  occurred_at: string;
  quantity: number | null;
  quantity_delta: number | null;
}

/** What data-rules.md says of a ledger, in so many words. */
function fold(written: readonly Written[]): number {
  const inOrder = [...written].sort((a, b) =>
    a.occurred_at === b.occurred_at ? (a.movement_id < b.movement_id ? -1 : 1) : a.occurred_at < b.occurred_at ? -1 : 1,
  );
  const newest = inOrder.findLastIndex(({ movement_type }) => movement_type === "count");
  return inOrder.slice(newest + 1).reduce((sum, { quantity_delta }) => sum + (quantity_delta ?? 0), inOrder[newest]?.quantity ?? 0);
}

async function arrive(code: string, batches: readonly Move[][]): Promise<{ written: Written[]; on_hand: number }> {
  const written: Written[] = [];
  let onHand = 0;
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const { json } = await shelf.move(...batch.map(([, ...rest]) => [code, ...rest] as unknown as Move));
    written.push(...json.movements);
    onHand = json.positions[0].quantity_on_hand;
  }
  return { written, on_hand: onHand };
}

const inBatches = <T>(all: readonly T[], cuts: readonly number[]): T[][] => {
  const at = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => all.slice(start, at[index] ?? all.length));
};

describe("a position is the fold of its ledger", () => {
  test("whatever arrives in whatever pieces, also at the same moments", async () => {
    const moves = fc.array(fc.record({ what: whats, moment: fc.integer({ min: 0, max: 6 }) }), { minLength: 1, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(moves, fc.array(fc.nat(14), { maxLength: 5 }), async (given, cuts) => {
        const all = given.map(({ what, moment }): Move => ["", what.type, what.quantity, NOON_MS + moment]);
        const { written, on_hand } = await arrive(freshCode(), inBatches(all, cuts));
        expect(on_hand).toBeCloseTo(fold(written), 6);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test("the same movements come to the same in any order", async () => {
    const moves = fc.uniqueArray(fc.record({ what: whats, moment: fc.integer({ min: 0, max: 10_000 }) }), {
      minLength: 2,
      maxLength: 12,
      selector: ({ moment }) => moment,
    });
    const shuffled = moves.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    await fc.assert(
      fc.asyncProperty(shuffled, fc.array(fc.nat(12), { maxLength: 5 }), async ([one, other], cuts) => {
        const moved = (all: typeof one) => all.map(({ what, moment }): Move => ["", what.type, what.quantity, NOON_MS + moment]);
        const first = await arrive(freshCode(), inBatches(moved(one), cuts));
        const second = await arrive(freshCode(), inBatches(moved(other), [...cuts].reverse()));
        expect(second.on_hand).toBe(first.on_hand);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test("and a rebuild finds nothing to set right in all of that", async () => {
    const answer = await shelf.tenant.call("POST", "/api/v1/inventory/rebuilds?dry_run=true", { body: {}, idempotency_key: null });
    expect([answer.status, answer.json.drift, answer.json.positions_checked]).toEqual([200, [], used]);
  });
});
