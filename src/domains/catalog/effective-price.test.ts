import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectivePrice, type PricePlace, type PriceRow } from "./effective-price.ts";

const row = (price_minor: number, from: number, to: number | null = null, more: Partial<PriceRow> = {}): PriceRow => ({
  variant_price_id: `id-${price_minor}`,
  location_id: null,
  channel: "default",
  currency: "SGD",
  price_minor,
  effective_from_ms: from,
  effective_to_ms: to,
  ...more,
});
const here = { location_id: "here" };
const there = { location_id: "there" };
const at = (at_ms: number): PricePlace => ({ location_id: "here", channel: "default", currency: "SGD", at_ms });

const standing = row(500, 0);
const weekend = row(400, 10, 20);

describe("what a variant costs", () => {
  test.each<[string, number | null, PriceRow[], number, [number, string, number | null] | null]>([
    ["nothing set", null, [], 5, null],
    ["the live menu's price goes before all", 650, [standing, row(300, 0, null, here)], 5, [650, "menu", null]],
    ["a menu may give it away", 0, [standing], 5, [0, "menu", null]],
    ["the price for everywhere", null, [standing], 5, [500, "price", null]],
    ["the location's own goes before it", null, [standing, row(450, 0, null, here)], 5, [450, "location_price", null]],
    ["even one that began earlier", null, [row(500, 4), row(450, 0, null, here)], 5, [450, "location_price", null]],
    ["another location's does not count", null, [row(450, 0, null, there)], 5, null],
    ["another channel's does not count", null, [row(450, 0, null, { channel: "delivery" })], 5, null],
    ["another currency's does not count", null, [row(450, 0, null, { currency: "MYR" })], 5, null],
    ["before it begins", null, [weekend], 9, null],
    ["from the moment it begins", null, [weekend], 10, [400, "price", 20]],
    ["until the moment it ends", null, [weekend], 19, [400, "price", 20]],
    ["not at its end", null, [weekend], 20, null],
    ["what begins later takes its place", null, [standing, weekend], 10, [400, "price", 20]],
    ["which is told before", null, [standing, weekend], 9, [500, "price", 10]],
    ["and gives it back", null, [standing, weekend], 20, [500, "price", null]],
    ["a location's own that comes is told too", null, [standing, row(450, 30, null, here)], 5, [500, "price", 30]],
    ["one for everywhere that comes is not", null, [row(450, 0, null, here), row(1, 7)], 5, [450, "location_price", null]],
  ])("%s", (_, menu, rows, atMs, expected) => {
    const found = effectivePrice(menu, rows, at(atMs));
    expect(found && [found.price_minor, found.source, found.effective_to_ms]).toEqual(expected);
  });

  const anyRow = fc.record({
    location_id: fc.constantFrom(null, "here", "there"),
    channel: fc.constantFrom("default", "delivery"),
    currency: fc.constantFrom("SGD", "MYR"),
    price_minor: fc.nat(1_000),
    effective_from_ms: fc.nat(20),
    lasts_ms: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null }),
  });
  // Of one scope no two begin at once: the table refuses it.
  const rowsOf = fc
    .uniqueArray(anyRow, {
      maxLength: 12,
      selector: (one) => [one.location_id, one.channel, one.currency, one.effective_from_ms].join(),
    })
    .map((found) =>
      found.map(({ lasts_ms, ...one }, index) => ({
        ...one,
        variant_price_id: `id-${index}`,
        effective_to_ms: lasts_ms === null ? null : one.effective_from_ms + lasts_ms,
      })),
    );

  /** Writes every price of a scope over the timeline in the order in which they begin. */
  function painted(rows: readonly PriceRow[], location: string | null): (PriceRow | undefined)[] {
    const timeline = new Array<PriceRow | undefined>(40).fill(undefined);
    const own = rows.filter((one) => one.location_id === location && one.channel === "default" && one.currency === "SGD");
    for (const one of own.sort((a, b) => a.effective_from_ms - b.effective_from_ms)) {
      timeline.fill(one, one.effective_from_ms, Math.max(one.effective_from_ms, one.effective_to_ms ?? 40));
    }
    return timeline;
  }

  /** The naive model: the newest of a scope that has not ended, which painting over is not where a later one ends first. */
  function modelAt(rows: readonly PriceRow[], atMs: number): PriceRow | undefined {
    const active = (location: string | null) =>
      painted(
        rows.filter((one) => one.effective_to_ms === null || one.effective_to_ms > atMs),
        location,
      )[atMs];
    return active("here") ?? active(null);
  }

  test("is what the naive model says, and stays so until the time that is told", () => {
    fc.assert(
      fc.property(rowsOf, fc.nat(35), (rows, atMs) => {
        const found = effectivePrice(null, rows, at(atMs));
        expect(found?.variant_price_id).toBe(modelAt(rows, atMs)?.variant_price_id);
        if (!found) return;
        for (let later = atMs; later < Math.min(found.effective_to_ms ?? 40, 40); later++) {
          expect(modelAt(rows, later)?.variant_price_id).toBe(found.variant_price_id);
        }
        if (found.effective_to_ms !== null && found.effective_to_ms < 40) {
          expect(modelAt(rows, found.effective_to_ms)?.variant_price_id).not.toBe(found.variant_price_id);
        }
      }),
    );
  });
});
