import { expect, test, vi } from "vitest";
import { expireReservations } from "../../src/domains/inventory/expire-reservations.ts";
import type { WantedMessage } from "../../src/platform/queues/messages.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import type { CallAnswer } from "../support/worker/tenant-fixture.ts";
import { chanceOf, MOST_MS, RUNS } from "./run-times.ts";

const UNITS = 50;
const OPERATIONS = 500;
const ORDERS = 90;
const AN_HOUR_S = 3_600;

const path = "/api/v1/inventory/reservations";

/** What an operation may say; anything else is a bug. */
const ANSWERS: Record<string, (string | undefined)[]> = {
  reserve: [undefined, "STOCK_INSUFFICIENT", "RESERVATION_DIFFERS"],
  commit: [undefined, "NOT_FOUND", "RESERVATION_NOT_ACTIVE", "RESERVATION_DIFFERS"],
  release: [undefined, "NOT_FOUND", "RESERVATION_NOT_ACTIVE"],
};

type Operation = (shelf: Shelf) => Promise<{ name: string; answer?: CallAnswer }>;

/** Reserves, releases, commits whole and short, and sweeps by a clock that is two hours ahead, so that what has an end has expired. */
function operationsOf(chance: () => number): Operation[] {
  const upTo = (most: number) => Math.floor(chance() * most);
  return Array.from({ length: OPERATIONS }, (_, n): Operation => {
    const order = `order-${upTo(ORDERS)}`;
    const kind = n < ORDERS ? 0 : chance();
    const quantity = 1 + upTo(3);
    const short = chance() < 0.3;
    const expires = chance() < 0.5 ? { expires_in_s: AN_HOUR_S } : {};
    if (kind < 0.45) return async (shelf) => ({ name: "reserve", answer: await shelf.reserve(order, { cake: quantity }, expires) });
    if (kind < 0.7) {
      return async (shelf) => {
        const picked = { location_id: shelf.location_id, lines: [{ item_code: "cake", quantity: 1 }] };
        return { name: "commit", answer: await shelf.post(`${path}/${order}/commit`, short ? picked : {}) };
      };
    }
    if (kind < 0.95) return async (shelf) => ({ name: "release", answer: await shelf.post(`${path}/${order}/release`, {}) });
    return async (shelf) => {
      await sweepTwoHoursOn(shelf);
      return { name: "expire" };
    };
  });
}

async function sweepTwoHoursOn(shelf: Shelf): Promise<void> {
  const { scope } = await shelf.tenant.scope();
  const clock = { ...scope.clock, now: () => Date.now() + 2 * AN_HOUR_S * 1000 };
  const message = { type: "wanted", tenant_id: shelf.tenant.tenant_id, kind: "expire_reservations", key: "all", requests: 1, payload: {} };
  // As the queue does: again where it failed.
  await vi.waitFor(() => expireReservations({ ...scope, clock }, message as WantedMessage), { timeout: 30_000, interval: 250 });
}

test.each(RUNS)(
  "500 reserves, releases, commits and expiries of 50 units at once keep the books (run %i)",
  async (run) => {
    const shelf = await newShelf(["cake"]);
    await shelf.move(["cake", "count", UNITS]);
    const done = await Promise.all(operationsOf(chanceOf(run)).map((operation) => operation(shelf)));

    for (const { name, answer } of done) if (answer) expect(ANSWERS[name], `${name}: ${answer.text}`).toContain(answer.json.code);
    const succeeded = new Set(done.filter(({ answer }) => !answer || answer.status < 300).map(({ name }) => name));
    expect(succeeded).toEqual(new Set(["reserve", "commit", "release", "expire"]));

    await expectSoundStock(shelf);
    const [totals] = await shelf.rows(
      `SELECT sum(iif(status = 'active', reserved_e4, 0)) / 10000 AS held, sum(committed_e4) / 10000 AS sold FROM stock_reservations`,
    );
    const [held, sold] = [Number(totals?.["held"]), Number(totals?.["sold"])];
    expect(sold).toBeGreaterThan(0);
    expect(await shelf.figures("cake")).toEqual([UNITS - sold, held, UNITS - sold - held]);
    await expectEventsTellTheSame(shelf, held, sold);
    const rebuilt = await shelf.post("/api/v1/inventory/rebuilds?dry_run=true", {});
    expect([rebuilt.json.drift, rebuilt.json.positions_checked]).toEqual([[], 1]);
  },
  MOST_MS,
);

/** Each event carries the figures of its moment: in none of them was there less than nothing, and together they come to the same. */
async function expectEventsTellTheSame(shelf: Shelf, held: number, sold: number): Promise<void> {
  const rows = await shelf.rows("SELECT event_type, data FROM outbox WHERE event_type LIKE 'inventory.stock.%' ORDER BY sequence");
  const events = rows.map(({ event_type, data }) => ({ type: String(event_type).split(".").at(-1), ...JSON.parse(String(data)) }));
  for (const event of events) {
    const figures = [event.quantity_on_hand, event.quantity_reserved, event.quantity_available];
    expect(Math.min(...figures), JSON.stringify(event)).toBeGreaterThanOrEqual(0);
  }
  const sum = (type: string, member = "quantity") =>
    events.filter((event) => event.type === type).reduce((total, event) => total + event[member], 0);
  expect(sum("committed")).toBe(sold);
  expect(sum("reserved") - sum("released") - sum("committed") - sum("committed", "quantity_freed")).toBe(held);
  expect(events.some(({ type, reason }) => type === "released" && reason === "expired")).toBe(true);
}
