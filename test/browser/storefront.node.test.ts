import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../scripts/chromium.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { hasBrowser } from "./has-browser.ts";
import { type OpenedPage, openPage } from "./opened-page.ts";

const pictures = join(import.meta.dirname, "../../test-artifacts");
const widths = [390, 1280];
let served: DemoStack;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  served = await startDemoStack();
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

async function open(url: string, width: number, javaScriptEnabled = true): Promise<OpenedPage> {
  const opened = await openPage(browser, url, { viewport: { width, height: 844 }, javaScriptEnabled });
  expect(opened.status, url).toBe(200);
  return opened;
}

/** What the page says is on the menu, as the API would: variants that share a card by their full names. */
const shownCategories = (page: Page) =>
  page.locator("main section").evaluateAll((sections) =>
    sections.map((section) => ({
      name: section.querySelector("h2")?.textContent,
      items: [...section.querySelectorAll("li.item")].flatMap((card) => {
        const title = card.querySelector("h3")?.textContent;
        const choices = [...card.querySelectorAll(".choices bdi")];
        return choices.length > 0 ? choices.map((choice) => `${title} – ${choice.textContent}`) : [title];
      }),
    })),
  );

const storesOf = (slug: string) => served.demo.tenants.find((tenant) => tenant.slug === slug)?.stores ?? [];

describe.skipIf(!hasBrowser).each(widths)("at %i px", (width) => {
  test("every demo store shows its menu, whole, without a complaint or a sideways scroll", async () => {
    for (const { slug } of served.demo.tenants) {
      for (const [index, store] of storesOf(slug).entries()) {
        const answer = await fetch(`${served.demo.base_url}/api/v1/stores/${store.id}/menu`, { headers: { "x-tenant-id": slug } });
        const menu = (await answer.json()) as { categories: { name: string; items: { name: string }[] }[] };
        const { page, complaints, close } = await open(`${served.originOf(slug)}/stores/${store.id}`, width);
        expect(await page.locator("h1").innerText()).toBe(store.name);
        const onMenu = menu.categories.map(({ name, items }) => ({ name, items: items.map((item) => item.name) }));
        expect(await shownCategories(page)).toEqual(onMenu);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow).toBe(0);
        expect(complaints).toEqual([]);
        if (index === 0) await page.screenshot({ path: join(pictures, `${slug}-${width}.png`) });
        await close();
      }
    }
  });

  test("a category link leads to its category, with JavaScript and without", async () => {
    const [store] = storesOf("grocer");
    for (const javaScript of [true, false]) {
      const { page, close } = await open(`${served.originOf("grocer")}/stores/${store?.id}`, width, javaScript);
      const link = page.locator("nav a[href^='#']").nth(4);
      const target = (await link.getAttribute("href")) as string;
      await link.click();
      await expect
        .poll(() => page.locator(target).evaluate((element) => Math.abs(element.getBoundingClientRect().top)), { timeout: 5_000 })
        .toBeLessThan(200);
      await close();
    }
  });
});

test.skipIf(!hasBrowser)("a tenant's host lists its stores; a stranger's has the landing page; an unknown store says so", async () => {
  const { page, close } = await open(`${served.originOf("kopi")}/`, 390);
  for (const store of storesOf("kopi")) expect(await page.locator("main").innerText()).toContain(store.name);
  await page
    .locator(`a[href$='${storesOf("kopi")[0]?.id}']`)
    .first()
    .click();
  await page.waitForURL(/\/stores\//);
  await close();

  const landing = await open(`${served.stack.base_url}/`, 390);
  expect(await landing.page.locator("main").innerText()).toContain("Servery");
  await landing.close();

  const lost = await fetch(`${served.demo.base_url}/stores/00000000-0000-7000-8000-000000000000`, { headers: { "x-tenant-id": "kopi" } });
  expect(lost.status).toBe(404);
  expect(lost.headers.get("content-type")).toContain("text/html");
});

test.skipIf(!hasBrowser)("/docs shows every route of the OpenAPI document", async () => {
  const { page, complaints, close } = await open(`${served.stack.base_url}/docs`, 1280);
  const document = (await (await fetch(`${served.stack.base_url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const routes = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
  // A long reference is drawn where it is looked at.
  const shown = new Set<string>();
  const walk = async () => {
    for (const id of await page.locator(".opblock").evaluateAll((blocks) => blocks.map((block) => block.id))) shown.add(id);
    await page.mouse.wheel(0, 600);
    return shown.size;
  };
  await expect.poll(walk, { timeout: 20_000, interval: 60 }).toBe(routes);
  expect(complaints).toEqual([]);
  await page.screenshot({ path: join(pictures, "docs-1280.png") });
  await close();
});
