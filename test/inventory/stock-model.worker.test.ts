import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { expireReservations } from "../../src/domains/inventory/expire-reservations.ts";
import type { WantedMessage } from "../../src/platform/queues/messages.ts";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { writeSql } from "../support/worker/menu-fixture.ts";
import { addLocation, at, NOON_MS, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import { type Act, ITEMS, type Item, LOCATIONS, type Location, StockModel } from "./stock-model.ts";

const RUNS = 15;

let shelf: Shelf;
let places: Record<Location, string>;
let run = 0;

beforeAll(async () => {
  shelf = await newShelf(Array.from({ length: RUNS + 200 }, (_, n) => ITEMS.map((item) => `${item}${n + 1}`)).flat());
  places = { here: shelf.location_id, there: await addLocation(shelf.tenant) };
}, 60_000);

const location = fc.constantFrom(...LOCATIONS);
const item = fc.constantFrom(...ITEMS);
const order = fc.constantFrom("o1", "o2", "o3");
const lines = fc
  .dictionary(item, fc.integer({ min: 1, max: 4 }), { minKeys: 1 })
  .map((given) => ({ ...given }) as Partial<Record<Item, number>>);

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant("move" as const), location, item, delta: fc.integer({ min: -3, max: 8 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("count" as const), location, item, quantity: fc.nat(9), late: fc.boolean() }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constant("reserve" as const), order, location, lines, ends: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant("commit" as const), order, location, picked: fc.option(lines, { freq: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("release" as const), order, location }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("transfer" as const), from: location, lines }) },
  { weight: 1, arbitrary: fc.constant<Act>({ act: "expire" }) },
);

const named = (quantities: Partial<Record<Item, number>>) =>
  Object.entries(quantities).map(([name, quantity]) => ({ item_code: `${name}${run}`, quantity }));

/** Does it over HTTP; "ok" or the code of the refusal. */
async function perform(act: Act, n: number): Promise<string> {
  const inventory = "/api/v1/inventory";
  const send = async (path: string, body: unknown): Promise<string> => {
    const { status, json } = await shelf.post(`${inventory}${path}`, body);
    return status < 300 ? "ok" : String(json.code);
  };
  const place = "location" in act ? places[act.location] : "";
  const ofOrder = (name: string) => `/reservations/run-${run}-${name}`;
  switch (act.act) {
    case "move":
    case "count": {
      await scheduler.wait(2);
      const isCount = act.act === "count";
      const what = isCount
        ? { movement_type: "count", quantity: act.quantity }
        : { movement_type: "adjustment", quantity_delta: act.delta };
      const occurred_at = at(isCount && act.late ? NOON_MS + n : Date.now());
      const answer = await send("/movements", {
        movements: [{ item_code: `${act.item}${run}`, location_id: place, ...what, occurred_at }],
      });
      await scheduler.wait(2);
      return answer;
    }
    case "reserve": {
      const end = act.ends ? { expires_in_s: 3_600 } : {};
      return send("/reservations", { order_id: `run-${run}-${act.order}`, location_id: place, lines: named(act.lines), ...end });
    }
    case "commit":
      return send(`${ofOrder(act.order)}/commit`, { location_id: place, ...(act.picked ? { lines: named(act.picked) } : {}) });
    case "release":
      return send(`${ofOrder(act.order)}/release`, { location_id: place });
    case "transfer": {
      const to = act.from === "here" ? "there" : "here";
      return send("/transfers", { from_location_id: places[act.from], to_location_id: places[to], lines: named(act.lines) });
    }
    case "expire":
      await hourPasses();
      return "ok";
  }
}

async function hourPasses(): Promise<void> {
  await writeSql(shelf.tenant, [
    "UPDATE stock_reservations SET expires_at_ms = 1000 WHERE status = 'active' AND expires_at_ms IS NOT NULL AND order_id LIKE ?",
    `run-${run}-%`,
  ]);
  const { scope } = await shelf.tenant.scope();
  const message = { type: "wanted", tenant_id: shelf.tenant.tenant_id, kind: "expire_reservations", key: "all", requests: 1, payload: {} };
  await expireReservations(scope, message as WantedMessage);
}

async function figuresOf(): Promise<unknown> {
  const rows = await shelf.rows(
    `SELECT p.location_id, v.item_code, p.on_hand_e4 / 10000.0 AS on_hand, p.reserved_e4 / 10000.0 AS reserved
     FROM stock_positions AS p JOIN variants AS v ON v.variant_id = p.variant_id WHERE v.item_code IN (?, ?)`,
    ...ITEMS.map((name) => `${name}${run}`),
  );
  const figures = LOCATIONS.flatMap((where) =>
    ITEMS.map((name) => {
      const row = rows.find(({ location_id, item_code }) => location_id === places[where] && item_code === `${name}${run}`);
      return [`${where} ${name}`, row ? [row["on_hand"], row["reserved"]] : null];
    }),
  );
  return Object.fromEntries(figures);
}

test("any sequence of movements, counts, reserves, commits, releases, transfers and expiries answers and comes to what the rules say", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 8, maxLength: 30, size: "max" }), async (sequence) => {
      run += 1;
      const model = new StockModel();
      for (const [n, act] of sequence.entries()) {
        const expected = model.apply(act);
        expect(await perform(act, n), `${n}: ${JSON.stringify(act)}`).toBe(expected);
        const figures = LOCATIONS.flatMap((where) => ITEMS.map((name) => [`${where} ${name}`, model.figures(where, name)]));
        expect(await figuresOf(), `${n}: after ${JSON.stringify(act)}`).toEqual(Object.fromEntries(figures));
      }
    }),
    { numRuns: RUNS },
  );
  await expectSoundStock(shelf);
  const rebuilt = await shelf.post("/api/v1/inventory/rebuilds?dry_run=true", {});
  expect(rebuilt.json.drift).toEqual([]);
}, 180_000);
