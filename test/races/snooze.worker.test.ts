import { expect, test } from "vitest";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { decided, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import { chanceOf, MOST_MS, RUNS } from "./run-times.ts";

const CODES = Array.from({ length: 40 }, (_, n) => `item-${n}`);

/** One of each item, with a price, so that nothing else stands against it. */
async function pricedShelf(): Promise<Shelf> {
  const shelf = await newShelf(CODES);
  await writeSql(shelf.tenant, [
    `INSERT INTO variant_prices (variant_price_id, variant_id, currency, price_minor, effective_from_ms, created_at_ms)
     SELECT 'price-' || variant_id, variant_id, 'USD', 500, 0, 0 FROM variants`,
  ]);
  await shelf.move(...CODES.map((code) => [code, "count", 1] as const));
  return shelf;
}

const snooze = (shelf: Shelf, item_code: string) => shelf.post("/api/v1/inventory/snoozes", { item_code, location_id: shelf.location_id });

function endSnooze(shelf: Shelf, id: string) {
  const idempotency_key = crypto.randomUUID();
  return decided(() => shelf.tenant.call("DELETE", `/api/v1/inventory/snoozes/${id}`, { idempotency_key }));
}

/** What happened to each item, in the order of the events: what was held, and each turn of its orderability by its reason. */
async function storiesOf(shelf: Shelf): Promise<Record<string, string[]>> {
  const rows = await shelf.rows(
    `SELECT v.item_code, CASE o.event_type WHEN 'inventory.stock.reserved' THEN 'held' ELSE coalesce(o.data ->> 'reason_code', 'orderable') END AS what
     FROM outbox AS o JOIN variants AS v ON v.variant_id = o.data ->> 'variant_id'
     WHERE o.event_type IN ('inventory.stock.reserved', 'inventory.orderability.changed') ORDER BY o.sequence`,
  );
  const stories: Record<string, string[]> = Object.fromEntries(CODES.map((code) => [code, []]));
  for (const { item_code, what } of rows) stories[String(item_code)]?.push(String(what));
  return stories;
}

/** In the order of `chance` and all at once. */
async function atOnce(acts: readonly (() => Promise<{ status: number; text: string }>)[], chance: () => number): Promise<void> {
  const shuffled = acts.map((act) => ({ act, place: chance() })).sort((a, b) => a.place - b.place);
  const answers = await Promise.all(shuffled.map(({ act }) => act()));
  for (const { status, text } of answers) expect(status, text).toBeOneOf([200, 201, 204]);
}

const reasonsOf = async (shelf: Shelf): Promise<unknown[]> =>
  (await shelf.rows("SELECT DISTINCT reason_code, available_e4 FROM orderability_projection")).map((row) => [
    row["reason_code"],
    row["available_e4"],
  ]);

test.each(RUNS)(
  "a reserve and a snooze at once are one after the other in the events, and nothing else (run %i)",
  async (run) => {
    const chance = chanceOf(run);
    const shelf = await pricedShelf();
    await atOnce(
      CODES.flatMap((code) => [() => shelf.reserve(`order-${code}`, { [code]: 1 }), () => snooze(shelf, code)]),
      chance,
    );
    const reservedFirst = ["held", "no_stock", "snoozed"];
    // Snoozed outlasts sold out: the reason stays.
    const snoozedFirst = ["snoozed", "held"];
    for (const [code, story] of Object.entries(await storiesOf(shelf))) expect(story, code).toBeOneOf([reservedFirst, snoozedFirst]);
    expect(await reasonsOf(shelf)).toEqual([["snoozed", 0]]);
    await expectSoundStock(shelf);
  },
  MOST_MS,
);

test.each(RUNS)(
  "so are a release and the end of a snooze (run %i)",
  async (run) => {
    const chance = chanceOf(run);
    const shelf = await pricedShelf();
    const snoozed = await Promise.all(CODES.map(async (code) => (await snooze(shelf, code)).json.id));
    await Promise.all(CODES.map((code) => shelf.reserve(`order-${code}`, { [code]: 1 })));
    await atOnce(
      CODES.flatMap((code, n) => [
        () => shelf.post(`/api/v1/inventory/reservations/order-${code}/release`, {}),
        () => endSnooze(shelf, snoozed[n]),
      ]),
      chance,
    );
    const releasedFirst = ["snoozed", "held", "orderable"];
    const wokenFirst = ["snoozed", "held", "no_stock", "orderable"];
    for (const [code, story] of Object.entries(await storiesOf(shelf))) expect(story, code).toBeOneOf([releasedFirst, wokenFirst]);
    expect(await reasonsOf(shelf)).toEqual([[null, 10_000]]);
    await expectSoundStock(shelf);
  },
  MOST_MS,
);
