import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, tenantClient } from "../../scripts/api-client.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { hasBrowser } from "./has-browser.ts";
import { layoutShift, watchLayoutShifts } from "./layout-shifts.ts";
import { openPage } from "./opened-page.ts";

const pictures = join(import.meta.dirname, "../../test-artifacts");
let served: DemoStack;
let browser: Browser;
let client: ApiClient;
let storeId: string;
let locationId: string;
/** Codes of the first cards: one by itself, and all variants of another. */
let lone: string;
let choices: string[];

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  served = await startDemoStack();
  browser = await launchChromium();
  const kopi = served.demo.tenants.find(({ slug }) => slug === "kopi");
  client = tenantClient(served.demo.base_url, "kopi", kopi?.admin_key ?? "");
  storeId = kopi?.stores[0]?.id ?? "";
  locationId = (await client.get<{ location_id: string }>(`/api/v1/stores/${storeId}`)).location_id;
  const { page, close } = await openPage(browser, address(), { viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  const cards = await page
    .locator(".item")
    .evaluateAll((all) =>
      all.map((card) => [...card.querySelectorAll("[data-code]")].map((line) => (line as HTMLElement).dataset["code"] ?? "")),
    );
  lone = cards.find((codes) => codes.length === 1)?.[0] ?? "";
  choices = cards.find((codes) => codes.length > 1) ?? [];
  await close();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

const address = (): string => `${served.originOf("kopi")}/stores/${storeId}`;

const snooze = (item_code: string) =>
  client.post<{ id: string }>("/api/v1/inventory/snoozes", { item_code, location_id: locationId }, { idempotencyKey: crypto.randomUUID() });

/** What is said on the line of a code; null where nothing is. */
const noteOf = (page: Page, code: string): Promise<string | null> =>
  page
    .locator(`[data-code="${code}"]`)
    .first()
    .evaluate((line) => line.querySelector(".gone")?.textContent ?? null);

const cardIsGrey = (page: Page, code: string): Promise<boolean> =>
  page
    .locator(`[data-code="${code}"]`)
    .first()
    .evaluate((line) => line.closest(".item")?.classList.contains("out") ?? false);

const axeViolations = (page: Page): Promise<string[]> =>
  page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`);

describe.skipIf(!hasBrowser).each([390, 1280])("the open page at %i px", (width) => {
  test("greys what goes off sale within two seconds, says why, and takes it back, without a reload or a shift", async () => {
    const { page, complaints, close } = await openPage(
      browser,
      address(),
      { viewport: { width, height: 844 }, reducedMotion: "reduce" },
      watchLayoutShifts,
    );
    await page.evaluate("globalThis.sameDocument = true");
    expect(await noteOf(page, lone)).toBeNull();

    const made = await snooze(lone);
    const startedMs = Date.now();
    await expect.poll(() => noteOf(page, lone), { interval: 50, timeout: 5_000 }).toBe("Not right now");
    const tookMs = Date.now() - startedMs;
    expect(tookMs).toBeLessThan(2_000);
    expect(await cardIsGrey(page, lone)).toBe(true);

    // Of a product's variants the card is grey only when all of them are gone.
    const some = [];
    for (const [index, code] of choices.entries()) {
      some.push(await snooze(code));
      await expect.poll(() => noteOf(page, code), { timeout: 5_000 }).toBe("Not right now");
      expect(await cardIsGrey(page, code)).toBe(index === choices.length - 1);
    }
    await page.evaluate(axe.source);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await axeViolations(page)).join("\n"), colorScheme).toBe("");
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator(`[data-code="${lone}"]`).first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(pictures, `sold-out-${width}.png`) });

    for (const { id } of [made, ...some]) {
      await fetch(`${served.demo.base_url}/api/v1/inventory/snoozes/${id}`, { method: "DELETE", headers: headersOf() });
    }
    for (const code of [lone, ...choices]) await expect.poll(() => noteOf(page, code), { timeout: 5_000 }).toBeNull();
    expect(await cardIsGrey(page, lone)).toBe(false);
    expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
    expect(await layoutShift(page)).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test("asks by entity tag, and is answered 304 where nothing changed", async () => {
    const answers: number[] = [];
    const { page, close } = await openPage(browser, address(), { viewport: { width, height: 844 } }, async (page) => {
      page.on("response", (response) => {
        if (response.url().includes("/orderability")) answers.push(response.status());
      });
    });
    await expect.poll(() => answers.length, { timeout: 8_000 }).toBeGreaterThanOrEqual(3);
    expect(answers[0]).toBe(200);
    expect(answers.slice(1).every((status) => status === 304)).toBe(true);
    await page.close();
    await close();
  });
});

test.skipIf(!hasBrowser)("without JavaScript the page is as it was: it asks for nothing and greys nothing", async () => {
  const made = await snooze(lone);
  let asked = 0;
  const { page, close } = await openPage(
    browser,
    address(),
    { viewport: { width: 390, height: 844 }, javaScriptEnabled: false },
    async (page) => {
      page.on("request", (request) => {
        if (request.url().includes("/orderability")) asked++;
      });
    },
  );
  await sleep(1_200);
  expect(asked).toBe(0);
  expect(await page.locator(".gone, .out").count()).toBe(0);
  await close();
  await fetch(`${served.demo.base_url}/api/v1/inventory/snoozes/${made.id}`, { method: "DELETE", headers: headersOf() });
});

test.skipIf(!hasBrowser)("a store that is paused says so on every item", async () => {
  const { page, close } = await openPage(browser, address(), { viewport: { width: 390, height: 844 } });
  // The demo's own shelves: sold out is sold out, whether or not the store sells.
  await expect.poll(() => page.locator(".item.out").count(), { timeout: 5_000 }).toBeGreaterThan(0);
  const soldOut = await page.locator(".item.out").count();
  expect(new Set(await page.locator(".gone").allTextContents())).toEqual(new Set(["Sold out"]));
  const pause = (method: string, body?: string) =>
    fetch(`${served.demo.base_url}/api/v1/stores/${storeId}/pause`, { method, headers: headersOf(), ...(body ? { body } : {}) });
  expect((await pause("PUT", "{}")).status).toBe(200);
  await expect.poll(() => page.locator(".item:not(.out)").count(), { timeout: 5_000 }).toBe(0);
  expect(new Set(await page.locator(".gone").allTextContents())).toEqual(new Set(["Sold out", "Store paused"]));
  expect((await pause("DELETE")).status).toBe(200);
  await expect.poll(() => page.locator(".item.out").count(), { timeout: 5_000 }).toBe(soldOut);
  await close();
});

function headersOf(): Record<string, string> {
  const key = served.demo.tenants.find(({ slug }) => slug === "kopi")?.admin_key ?? "";
  return { apikey: key, "x-tenant-id": "kopi", "content-type": "application/json" };
}
