import { join } from "node:path";
import { build } from "esbuild";
import { IDBKeyRange, indexedDB } from "fake-indexeddb";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiClient } from "../../scripts/api-client.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { hasBrowser } from "./has-browser.ts";
import { type CollectionName, type Doc, openRxTill, type RxTill, type RxTillOptions } from "./rxdb-till.ts";
import { openTillShop, type TillShop } from "./till-shop.ts";

const timeoutMs = 120_000;
const waits = { timeout: 45_000, interval: 200 };
/** Fewer than there are of products, so that RxDB has to ask again. */
const batch = 7;
let served: DemoStack;
let shop: TillShop;
let browser: Browser | undefined;
let script: string;

beforeAll(async () => {
  served = await startDemoStack();
  shop = await openTillShop(served);
  if (!hasBrowser) return;
  browser = await launchChromium();
  const entry = join(import.meta.dirname, "rxdb-till.ts");
  const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife", globalName: "rxdbTill", target: "es2022" });
  script = built.outputFiles[0]?.text ?? "";
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

type Options = Omit<RxTillOptions, "indexed_db" | "base_url" | "batch">;

interface Place {
  open(options: Options): Promise<RxTill>;
  /** What nobody caught. In Node vitest sees to that. */
  complaints: string[];
  close(): Promise<void>;
}

async function inNode(): Promise<Place> {
  return {
    open: (options) => openRxTill({ ...options, base_url: served.demo.base_url, batch, indexed_db: { indexedDB, IDBKeyRange } }),
    complaints: [],
    close: async () => {},
  };
}

/** Each call of the till is one into the page. */
async function inChromium(): Promise<Place> {
  if (!browser) throw new Error("there is no browser");
  const context = await browser.newContext();
  const complaints: string[] = [];
  context.on("weberror", (error) => complaints.push(error.error().stack ?? error.error().message));
  return {
    async open(options) {
      const page = await context.newPage();
      const base_url = served.originOf("kopi");
      await page.goto(`${base_url}/openapi.json`);
      await page.evaluate(script.replace("var rxdbTill", "globalThis.rxdbTill"));
      const call = (expression: string, argument: unknown) => page.evaluate(`(${expression})(${JSON.stringify(argument)})`);
      await call("async (options) => { globalThis.till = await rxdbTill.openRxTill(options); }", { ...options, base_url, batch });
      const method =
        (name: keyof RxTill) =>
        (...given: unknown[]): Promise<never> =>
          call(`(given) => globalThis.till.${name}(...given)`, given) as Promise<never>;
      return {
        ready: method("ready"),
        documents: method("documents"),
        write: method("write"),
        seen: method("seen"),
        use: method("use"),
        stop: async () => {
          await method("stop")();
          await page.close();
        },
      };
    },
    complaints,
    close: () => context.close(),
  };
}

const newTerminal = (name: string): Promise<{ terminal_id: string; token: string }> =>
  shop.office.post("/api/v1/terminals", { store_id: shop.store_id, name, device_id: crypto.randomUUID() });

type Listed = { id: string; name: string; visible: boolean; variants: { item_code: string }[] };

async function offered(): Promise<Listed[]> {
  const all: Listed[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page: { data: Listed[]; next_cursor: string | null } = await shop.office.get(`/api/v1/products?limit=50${query}`);
    all.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

async function edit(productId: string, body: object): Promise<void> {
  const kopi = served.demo.tenants.find(({ slug }) => slug === "kopi");
  const answer = await fetch(`${served.demo.base_url}/api/v1/products/${productId}`, {
    method: "PATCH",
    headers: { apikey: kopi?.admin_key ?? "", "x-tenant-id": "kopi", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const sorted = (texts: readonly unknown[]) => texts.map(String).sort();

describe.each([
  { where: "Node, Dexie over fake-indexeddb", start: inNode, is_there: true },
  { where: "Chromium, Dexie over IndexedDB", start: inChromium, is_there: hasBrowser },
])("RxDB in $where", { timeout: timeoutMs }, ({ where, start, is_there }) => {
  test.skipIf(!is_there)("has the catalogue, hears of changes, tells of customers, and outlives a revoked terminal", async () => {
    const place = await start();
    const terminal = await newTerminal(`RxDB ${where}`);
    const database = `kopi${where.length}`;
    const till = await place.open({ name: database, token: terminal.token });
    const found = async (collection: CollectionName, id: string): Promise<Doc | undefined> =>
      (await till.documents(collection)).find((document) => document.id === id);
    await till.ready();

    const products = await offered();
    expect(products.length).toBeGreaterThan(2 * batch);
    const copied = await till.documents("product");
    expect(sorted(copied.map(({ id, name }) => `${id} ${name}`))).toEqual(sorted(products.map(({ id, name }) => `${id} ${name}`)));
    const variants = products.flatMap((product) => product.variants);
    expect(sorted((await till.documents("variant")).map(({ item_code }) => item_code))).toEqual(
      sorted(variants.map(({ item_code }) => item_code)),
    );
    expect((await till.seen("product")).pulls).toBeGreaterThanOrEqual(Math.floor(products.length / batch) + 1);

    const [first, second] = products as [Listed, Listed];
    const name = `Renamed in ${where}`;
    await edit(first.id, { name });
    await expect.poll(async () => (await found("product", first.id))?.name, waits).toBe(name);
    await edit(second.id, { visible: false });
    await expect.poll(async () => (await found("product", second.id))?.visible, waits).toBe(false);
    await edit(second.id, { visible: true });
    await expect.poll(async () => (await found("product", second.id))?.visible, waits).toBe(true);

    const item_code = variants[0]?.item_code;
    const begins = new Date(Date.now() + 86_400_000).toISOString();
    const price = { item_code, channel: "pos", currency: "SGD", price: 777, effective_from: begins };
    const { id: priceId } = await shop.office.post<{ id: string }>("/api/v1/prices", price);
    await expect.poll(async () => (await found("price", priceId))?.price, waits).toBe(777);
    await shop.office.delete(`/api/v1/prices/${priceId}`);
    await expect.poll(() => found("price", priceId), waits).toBeUndefined();
    expect((await till.seen("price")).streamed).toBeGreaterThan(0);

    const colleague = await newTerminal(`Colleague of ${where}`);
    const other = apiClient(served.demo.base_url, { authorization: `Bearer ${colleague.token}` });
    const id = crypto.randomUUID();
    const known = async () => {
      const { changes } = await other.get<{ changes: { id: string; data: Doc }[] }>("/api/v1/sync/pull?entities=customer");
      return changes.find((change) => change.id === id)?.data.fields;
    };
    await till.write("customer", { id, fields: { name: "Anna", phone: "1" } });
    await expect.poll(known, waits).toEqual({ name: "Anna", phone: "1" });
    const operation = { id: uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10))), type: "customer.upsert" };
    const payload = { customer_id: id, fields: { phone: "2" } };
    await other.post("/api/v1/sync/push", { operations: [{ ...operation, occurred_at: new Date().toISOString(), payload }] });
    await expect.poll(async () => (await found("customer", id))?.fields, waits).toEqual({ name: "Anna", phone: "2" });
    await till.write("customer", { id, fields: { name: "Anne", phone: "2" } });
    await expect.poll(known, waits).toEqual({ name: "Anne", phone: "2" });
    expect((await till.seen("product")).errors).toEqual([]);

    await shop.office.delete(`/api/v1/terminals/${terminal.terminal_id}`);
    await till.write("customer", { id, fields: { name: "Anke", phone: "2" } });
    await expect.poll(async () => (await till.seen("customer")).errors, waits).toContain("UNAUTHENTICATED");
    const before = (await till.seen("customer")).errors.length;
    await expect.poll(async () => (await till.seen("customer")).errors.length, waits).toBeGreaterThan(before);
    await edit(first.id, { name: first.name });
    const { token } = await newTerminal(`RxDB again ${where}`);
    await till.use(token);
    await expect.poll(known, waits).toEqual({ name: "Anke", phone: "2" });
    await expect.poll(async () => (await found("product", first.id))?.name, waits).toBe(first.name);

    await till.stop();
    const reopened = await place.open({ name: database, token });
    expect(await reopened.documents("product")).toHaveLength(products.length);
    await reopened.ready();
    // It goes on where it was: once as it begins, once as the stream opens.
    expect((await reopened.seen("variant")).pulls).toBeLessThanOrEqual(3);
    expect(variants.length / batch).toBeGreaterThan(4);
    await reopened.stop();
    await place.close();
    expect(place.complaints).toEqual([]);
  });
});
