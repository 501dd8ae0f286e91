import { expect, test } from "vitest";
import { expectSoundStock } from "../support/worker/expect-sound-stock.ts";
import { addDraft, menuOf, pricesOf, publish, writeSql } from "../support/worker/menu-fixture.ts";
import { decided, newShelf, type Shelf } from "../support/worker/stock-fixture.ts";
import { MOST_MS, RUNS } from "./run-times.ts";

const CODES = ["tea", "cake", "bun"];
const UNITS = 60;
const OLD = 500;
const NEW = 700;

interface Seen {
  menu_version: number;
  prices: unknown;
}

const draftAt = (shelf: Shelf, price: number) =>
  addDraft(shelf.tenant, [{ name: "All", items: CODES.map((item_code) => ({ item_code, price })) }]);
const allAt = (price: number) => ({ All: Object.fromEntries(CODES.map((code) => [code, price])) });

async function seenIn(shelf: Shelf, view: "menu" | "catalog-view"): Promise<Seen> {
  if (view === "menu") {
    const { json } = await decided(() => menuOf(shelf.tenant, shelf.store_id));
    return { menu_version: json.menu_version, prices: pricesOf(json) };
  }
  const { json } = await decided(() => shelf.tenant.call("GET", `/api/v1/stores/${shelf.store_id}/catalog-view`, { key: null }));
  const prices = json.data.map(({ code, price }: { code: string; price: number }) => [code, price]);
  return { menu_version: json.menu_version, prices: { All: Object.fromEntries(prices) } };
}

/**
 * A reservation has no price; the order that takes it will have the one that the shop showed. So what holds is that whoever orders while
 * prices change sees all of the old ones or all of the new ones, whichever way they look, one version one price, and that neither waits for
 * nor takes anything from the other.
 */
test.each(RUNS)(
  "whoever orders while prices change has the old prices or the new ones, not some of each (run %i)",
  async () => {
    const shelf = await newShelf(CODES);
    await writeSql(shelf.tenant, ["UPDATE catalog_state SET revision = revision + 1"]);
    await shelf.move(...CODES.map((code) => [code, "count", UNITS] as const));
    await publish(shelf.tenant, { draft_ids: [await draftAt(shelf, OLD)], store_ids: [shelf.store_id] });
    const raised = await draftAt(shelf, NEW);
    await expect.poll(async () => (await seenIn(shelf, "menu")).prices).toEqual(allAt(OLD));

    const seen: Seen[] = [];
    const ordered: number[] = [];
    const shopper = async (n: number) => {
      const shown = await seenIn(shelf, n % 2 === 0 ? "menu" : "catalog-view");
      ordered.push((await shelf.reserve(`order-${n}`, Object.fromEntries(CODES.map((code) => [code, 1])))).status);
      seen.push(shown, await seenIn(shelf, n % 2 === 0 ? "catalog-view" : "menu"));
    };
    const shoppers = Array.from({ length: UNITS + 20 }, async (_, n) => {
      await scheduler.wait(n * 5);
      return shopper(n);
    });
    const published = await Promise.all([publish(shelf.tenant, { draft_ids: [raised], store_ids: [shelf.store_id] }), ...shoppers]);
    expect(published[0].stores).toMatchObject([{ status: "live" }]);

    for (const { prices } of seen) expect(prices).toBeOneOf([allAt(OLD), allAt(NEW)]);
    const ofVersions = new Set(seen.map(({ menu_version, prices }) => `${menu_version} ${JSON.stringify(prices)}`));
    expect(ofVersions.size).toBe(new Set(seen.map(({ menu_version }) => menu_version)).size);
    expect(ordered.filter((status) => status === 201)).toHaveLength(UNITS);
    expect(ordered.filter((status) => status === 409)).toHaveLength(20);
    for (const code of CODES) expect(await shelf.figures(code)).toEqual([UNITS, UNITS, 0]);
    await expectSoundStock(shelf);
    await expect.poll(async () => (await seenIn(shelf, "catalog-view")).prices).toEqual(allAt(NEW));
  },
  MOST_MS,
);
