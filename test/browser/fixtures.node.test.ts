import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, type ApiError, operatorClient, pages, tenantClient } from "../../scripts/api-client.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys } from "../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../scripts/local-stack.ts";
import { type FixtureFolder, PRESET_FOLDERS } from "../catalog/fixture-folders.ts";
import { SYSTEM_FOLDERS } from "../catalog/fixture-systems.ts";
import { hasBrowser } from "./has-browser.ts";
import { openPage } from "./opened-page.ts";

const fixtures = resolve(process.env.SERVERY_FIXTURES ?? "../shared/fixtures");
const pictures = join(import.meta.dirname, "../../test-artifacts");
/** A page of this many items shows what there is to see. */
const ITEMS_SHOWN = Number(process.env.FIXTURE_ITEMS ?? 120);
const canRun = hasBrowser && existsSync(fixtures);
let stack: LocalStack;
let operator: ApiClient;
let browser: Browser;
let dir: string;

beforeAll(async () => {
  if (!canRun) return;
  mkdirSync(pictures, { recursive: true });
  mkdirSync(".tmp", { recursive: true });
  dir = mkdtempSync(join(".tmp", "fixtures-"));
  const keys = generateKeys();
  stack = await startLocalStack({ dir, port: await freePort(), keys });
  operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

/** A replica may not have heard of it yet: an answer that is an error is asked for again. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask().catch((error: ApiError) => error);
    if (!(answer instanceof Error) && isSo(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`still not so: ${answer instanceof Error ? answer.message : JSON.stringify(answer).slice(0, 500)}`);
    await sleep(200);
  }
}

interface Product {
  visible: boolean;
  categories: { name: string }[];
  variants: { item_code: string; base_price: number | null; visible: boolean }[];
}

/** A merchant whose whole first file is taken in by one request, and sold from one store at the provider's prices. */
async function publishFolder(
  slug: string,
  { provider, currency, settings, cases }: FixtureFolder,
): Promise<{ storeId: string; sold: number }> {
  const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", { slug, name: slug, currency });
  const client = tenantClient(stack.base_url, slug, admin_key);
  const store = await until(
    () => client.post<{ id: string }>("/api/v1/stores", { name: `${slug} shop`, timezone: "UTC", currency }),
    () => true,
  );
  const [first] = cases;
  if (!first) throw new Error(`${slug} has nothing to take in`);
  const source = await client.post<{ id: string }>("/api/v1/source-systems", {
    source_type: "pos",
    name: "Provider",
    provider,
    settings: { ...settings, ...first.settings },
  });
  const texts = first.files.map((file) => readFileSync(join(fixtures, slug, file), "utf8"));
  const started = await client.post<{ id: string }>(
    `/api/v1/source-systems/${source.id}/ingestions`,
    (first.payload ?? ((text) => text ?? ""))(...texts),
    { headers: { "content-type": provider === "csv" ? "text/csv" : "application/json" } },
  );
  const run = await until(
    () => client.get<{ status: string; received: number }>(`/api/v1/ingestions/${started.id}`),
    ({ status }) => status !== "queued" && status !== "running",
  );
  expect(run).toMatchObject({ status: "completed", received: first.received });
  const sections = new Map<string, { item_code: string; price: number }[]>();
  let sold = 0;
  for await (const page of pages<Product>(client, "/api/v1/products")) {
    for (const { visible, categories, variants } of page) {
      if (sold >= ITEMS_SHOWN) break;
      const name = categories[0]?.name ?? "Everything";
      // What is hidden (all of medusa: drafts) is on the draft and left out of the menu.
      const items = variants.map(({ item_code, base_price }) => ({ item_code, price: base_price ?? 100 }));
      sections.set(name, [...(sections.get(name) ?? []), ...items]);
      sold += visible ? variants.filter((variant) => variant.visible).length : 0;
    }
  }
  const draft = await client.post<{ id: string }>("/api/v1/menus/drafts", {
    name: "All of it",
    currency,
    sections: [...sections].map(([name, items]) => ({ name, items })),
  });
  const { publish_id } = await client.post<{ publish_id: string }>("/api/v1/menus/publishes", {
    draft_ids: [draft.id],
    store_ids: [store.id],
  });
  await until(
    () => client.get<{ stores: { status: string }[] }>(`/api/v1/menus/publishes/${publish_id}`),
    ({ stores }) => stores.every(({ status }) => status === "live"),
  );
  return { storeId: store.id, sold };
}

describe.skipIf(!canRun)("a fixture folder, taken in and published", () => {
  test.each(Object.entries({ ...PRESET_FOLDERS, ...SYSTEM_FOLDERS }))("%s has a page that looks right", async (slug, folder) => {
    const { storeId, sold } = await publishFolder(slug, folder);
    const menu = await until(
      async () => await fetch(`${stack.base_url}/api/v1/stores/${storeId}/menu`, { headers: { "x-tenant-id": slug } }),
      ({ ok }) => ok,
    );
    const { categories } = (await menu.json()) as { categories: { items: { name: string }[] }[] };
    expect(categories.flatMap(({ items }) => items)).toHaveLength(sold);
    for (const width of [390, 1280]) {
      const url = `${stack.base_url.replace("127.0.0.1", `${slug}.localhost`)}/stores/${storeId}`;
      const { page, complaints, status, close } = await openPage(browser, url, { viewport: { width, height: 844 } }, async (page) => {
        // Other people's image hosts, which are out of reach here.
        await page.route(/./, (route) => (route.request().url().includes("localhost") ? route.continue() : route.abort()));
      });
      expect(status).toBe(200);
      expect((await page.locator("li.item").count()) > 0).toBe(sold > 0);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow).toBe(0);
      expect(await page.locator("main").innerText()).not.toMatch(
        /\bundefined\b|\bNaN\b|\[object |&(?:amp|#\d+);|\\u[\da-f]{4}|<\/?[a-z]+>/i,
      );
      expect(complaints.filter((text) => !/ERR_FAILED/.test(text))).toEqual([]);
      await page.screenshot({ path: join(pictures, `fixture-${slug}-${width}.png`) });
      await close();
    }
  });
});
