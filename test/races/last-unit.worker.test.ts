import { describe, expect, test } from "vitest";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { addBundle, addOption, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import type { CallAnswer } from "../support/worker/tenant-fixture.ts";
import { MOST_MS, RUNS } from "./run-times.ts";

const CLIENTS = 200;

/** One cake, and all the ways there are to want it: by code, by id, in a bundle, as a choice with something untracked. */
async function oneCake(): Promise<{ shelf: Shelf; ways: Record<string, unknown>[] }> {
  const shelf = await newShelf(["cake", "box", "tea"]);
  await shelf.move(["cake", "count", 1]);
  await addBundle(shelf.tenant, shelf.variants["box"] ?? "", { cake: 1 });
  const option_id = await addOption(shelf.tenant, "cake");
  const ways = [
    { item_code: "cake", quantity: 1 },
    { variant_id: shelf.variants["cake"], quantity: 1 },
    { item_code: "box", quantity: 1 },
    { item_code: "tea", quantity: 1, modifiers: [{ option_id }] },
  ];
  return { shelf, ways };
}

const reserve = ({ post, location_id }: Shelf, order_id: string, lines: unknown[], key?: string): Promise<CallAnswer> =>
  post("/api/v1/inventory/reservations", { order_id, location_id, lines }, key);

const statuses = (answers: readonly CallAnswer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

function expectShort(shelf: Shelf, { json }: CallAnswer, requested: number): void {
  expect(json).toMatchObject({ code: "STOCK_INSUFFICIENT", status: 409, location_id: shelf.location_id });
  expect(json.lines).toMatchObject([{ item_code: "cake", variant_id: shelf.variants["cake"], requested }]);
}

describe("the last unit", () => {
  test.each(RUNS)(
    "goes to one of 200 orders that want it at once; the others are told what is short (run %i)",
    async () => {
      const { shelf, ways } = await oneCake();
      const answers = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => reserve(shelf, `order-${n}`, [ways[n % ways.length]])));
      expect(statuses(answers)).toEqual({ 201: 1, 409: CLIENTS - 1 });
      for (const answer of answers.filter(({ status }) => status === 409)) {
        expectShort(shelf, answer, 1);
        expect(answer.json.lines[0].available).toBe(0);
      }
      expect(await shelf.figures("cake")).toEqual([1, 1, 0]);
      const winner = answers.find(({ status }) => status === 201)?.json.order_id;
      expect(await shelf.events("inventory.stock.reserved")).toContainEqual(
        expect.objectContaining({ order_id: winner, variant_id: shelf.variants["cake"], quantity_available: 0 }),
      );
      expect(await shelf.rows("SELECT DISTINCT order_id FROM stock_reservations")).toEqual([{ order_id: winner }]);
      await expectSoundStock(shelf);
    },
    MOST_MS,
  );

  test.each(RUNS)(
    "is not shared by two lines of one request, whoever else wants it meanwhile (run %i)",
    async () => {
      const { shelf, ways } = await oneCake();
      const pairs = Array.from({ length: 100 }, (_, n) => [ways[n % ways.length], ways[Math.floor(n / ways.length) % ways.length]]);
      const before = await Promise.all(pairs.map((lines, n) => reserve(shelf, `pair-${n}`, lines)));
      expect(statuses(before)).toEqual({ 409: pairs.length });
      for (const answer of before) {
        expectShort(shelf, answer, 2);
        expect(answer.json.lines[0]).toMatchObject({ available: 1, line_numbers: [0, 1] });
      }
      expect(await shelf.figures("cake")).toEqual([1, 0, 1]);

      const [single, ...others] = await Promise.all([
        reserve(shelf, "single", [ways[0]]),
        ...pairs.map((lines, n) => reserve(shelf, `late-pair-${n}`, lines)),
      ]);
      expect([single?.status, statuses(others)]).toEqual([201, { 409: pairs.length }]);
      expect(await shelf.rows("SELECT order_id FROM stock_reservations")).toEqual([{ order_id: "single" }]);
      await expectSoundStock(shelf);
    },
    MOST_MS,
  );

  test.each(RUNS)(
    "is taken once by 200 deliveries of one request, with its key or without (run %i)",
    async () => {
      const { shelf, ways } = await oneCake();
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, n) => reserve(shelf, "order", [ways[0]], n % 2 === 0 ? "the-key" : undefined)),
      );
      expect(statuses(answers)).toEqual({ 201: CLIENTS });
      expect(await shelf.events("inventory.stock.reserved")).toHaveLength(1);
      expect(await shelf.figures("cake")).toEqual([1, 1, 0]);
      await expectSoundStock(shelf);
    },
    MOST_MS,
  );
});
