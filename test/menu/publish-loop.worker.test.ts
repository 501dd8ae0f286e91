import { expect, it } from "vitest";
import { statement } from "../../src/platform/db/statement.ts";
import { addItems, addStore, menuOf, pricesOf } from "../support/worker/menu-fixture.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

const PUBLISHES = 200;

// Again where vitest lost the module that it serves a request from (see onUnhandledError in vitest.config.ts): that hangs the request.
const again = { retry: 1, timeout: 120_000 };

it("200 publishes of one store in a loop: the last wins, no reader sees a mix, regenerations are far fewer", again, async () => {
  const tenant = await newTenant();
  const codes = ["A", "B", "C", "D"];
  await addItems(tenant, codes);
  const store = await addStore(tenant, "One");
  const draftOf = (price: number) => ({
    name: "Menu",
    currency: "USD",
    sections: ["First", "Second"].map((name, at) => ({
      name,
      display_type: "list",
      items: codes.slice(at * 2, at * 2 + 2).map((item_code) => ({ item_code, price })),
    })),
  });
  const draft = (await tenant.call("POST", "/api/v1/menus/drafts", { body: draftOf(0) })).json.id;

  let publishing = true;
  let last = { version: 0, price: -1 };
  const mixed: unknown[] = [];
  const readers = Array.from({ length: 3 }, async () => {
    while (publishing) {
      const menu = await menuOf(tenant, store, { "min-menu-version": String(last.version) });
      if (menu.status === 200) {
        const prices = new Set(Object.values(pricesOf(menu.json)).flatMap((section) => Object.values(section)));
        const items = menu.json.categories.flatMap((category: { items: unknown[] }) => category.items);
        if (prices.size !== 1 || items.length !== codes.length) mixed.push(menu.json);
        if (menu.json.menu_version > last.version) last = { version: menu.json.menu_version, price: [...prices][0] ?? -1 };
      }
      await scheduler.wait(5);
    }
  });
  const reading = Promise.all(readers);
  // Told where it is awaited.
  reading.catch(() => undefined);
  try {
    for (let price = 1; price <= PUBLISHES; price++) {
      await tenant.call("PUT", `/api/v1/menus/drafts/${draft}`, { body: draftOf(price) });
      const answer = await tenant.call("POST", "/api/v1/menus/publishes", { body: { draft_ids: [draft], store_ids: [store] } });
      expect(answer.status).toBe(202);
    }
    await tenant.settled();
  } finally {
    publishing = false;
  }
  await reading;
  expect(mixed).toEqual([]);

  const db = await tenant.db();
  const [[live] = [], [document] = [], [statuses] = []] = await db.read(
    [
      statement("SELECT live_revision FROM store_menus"),
      statement("SELECT menu_version FROM storefront_documents"),
      statement("SELECT count(*) AS n FROM publish_stores WHERE status = 'queued'"),
    ],
    { fresh: true },
  );
  // Messages may overtake one another; what was overtaken is superseded.
  expect(Number(live?.["live_revision"])).toBeLessThanOrEqual(PUBLISHES);
  expect(statuses?.["n"]).toBe(0);
  const version = Number(document?.["menu_version"]);
  expect(version).toBeLessThan(PUBLISHES / 5);
  const final = await menuOf(tenant, store, { "min-menu-version": String(version) });
  expect(pricesOf(final.json)).toEqual({ First: { A: PUBLISHES, B: PUBLISHES }, Second: { C: PUBLISHES, D: PUBLISHES } });
});
