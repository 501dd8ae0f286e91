import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../kernel/bytes.ts";
import { gunzip, gzip } from "../../kernel/gzip.ts";
import { answerHash, answerText, itemsAt, type StoreOrderability } from "../inventory/index.ts";
import { HeldOrderability } from "./orderability-state.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const HOUR_MS = 3_600_000;
type Items = NonNullable<StoreOrderability["items"]>;

const about = { as_of: new Date(NOW_MS - HOUR_MS).toISOString(), version: 7 };
const row = (given: Partial<StoreOrderability>): StoreOrderability => ({
  location_id: "l",
  trading: { timezone: "UTC", hours: null, is_paused: false, paused_until_ms: null },
  version: about.version,
  changed_at_ms: NOW_MS - HOUR_MS,
  store_updated_at_ms: 0,
  packed: null,
  items: null,
  ...given,
});

async function packedAt(items: Items, atMs: number): Promise<StoreOrderability["packed"]> {
  const { items: told, next_change_at_ms } = itemsAt(items, null, atMs);
  const text = answerText(about, told);
  return { gzip: await gzip(utf8(text)), hash: await answerHash(text), until_ms: next_change_at_ms };
}

const reason = fc.constantFrom("hidden" as const, "no_price" as const, "no_stock" as const, "modifier_unavailable" as const, null);
const someTime = fc.integer({ min: NOW_MS - HOUR_MS, max: NOW_MS + 3 * HOUR_MS });
const anItem = fc.oneof(
  reason.map((own): Items[string] => ["", own, null, null]),
  fc
    .tuple(someTime, fc.constantFrom("no_stock" as const, "modifier_unavailable" as const, null))
    .map(([until, after]): Items[string] => ["", "snoozed", until, after]),
);
const code = fc.oneof(fc.constantFrom("__proto__", "constructor", "10", "9", '"', "é"), fc.string({ minLength: 1, maxLength: 8 }));
const someItems = fc
  .uniqueArray(fc.tuple(code, anItem), { selector: ([one]) => one, maxLength: 8 })
  .map((entries): Items => Object.fromEntries(entries.map(([one, [, ...rest]], index) => [`v-${index}`, [one, ...rest]])));
const someTrading = fc.record({
  timezone: fc.constant("UTC"),
  hours: fc.constantFrom(null, { weekly: { fri: [["09:00", "13:00"] as const] }, exceptions: {} }),
  is_paused: fc.boolean(),
  paused_until_ms: fc.option(someTime),
});

describe("a store's orderability in memory", () => {
  it("is the same whether it was packed before or is made from its items, until it says it is over", async () => {
    await fc.assert(
      fc.asyncProperty(someItems, someTrading, fc.nat({ max: HOUR_MS }), fc.nat({ max: HOUR_MS }), async (items, trading, early, late) => {
        const packed = await packedAt(items, NOW_MS - early);
        const [one, other] = [new HeldOrderability(row({ items, trading })), new HeldOrderability(row({ packed, trading }))];
        const made = await one.at(NOW_MS);
        expect(JSON.parse(await made.text())).toMatchObject(about);
        expect(fromUtf8(await gunzip(await made.packed()))).toBe(await made.text());
        if (!other.isOver(NOW_MS)) {
          const read = await other.at(NOW_MS);
          expect(await read.text()).toBe(await made.text());
          expect([read.hash, await read.items()]).toEqual([made.hash, await made.items()]);
        }
        const laterMs = NOW_MS + late;
        expect(one.isAt(made, laterMs)).toBe(made.until_ms === null || laterMs < made.until_ms);
        if (one.isAt(made, laterMs))
          expect(await (await new HeldOrderability(row({ items, trading })).at(laterMs)).text()).toBe(await made.text());
      }),
      { numRuns: 200 },
    );
  });

  it("tells an item's own reason before the store's", async () => {
    const items: Items = { a: ["A", "no_stock", null, null], b: ["B", null, null, null], c: ["C", "snoozed", NOW_MS, null] };
    const trading = { timezone: "UTC", hours: null, is_paused: true, paused_until_ms: null };
    const told = await (await new HeldOrderability(row({ items, trading })).at(NOW_MS)).items();
    expect(told.map(([one, { reason: why }]) => [one, why])).toEqual([
      ["A", "no_stock"],
      ["B", "store_paused"],
      ["C", "store_paused"],
    ]);
  });
});
