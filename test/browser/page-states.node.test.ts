import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../scripts/chromium.ts";
import { renderErrorPage } from "../../src/pages/error-page.tsx";
import { renderLandingPage } from "../../src/pages/landing-page.tsx";
import { renderStoreListPage } from "../../src/pages/store-list-page.tsx";
import { hasBrowser } from "./has-browser.ts";
import { layoutShift } from "./layout-shifts.ts";
import { aDocument, largeMenu, verboseMenu } from "./menu-documents.ts";
import { openRendered, renderStorefrontPage } from "./rendered-pages.ts";

const pictures = join(import.meta.dirname, "../../test-artifacts");
const height = 844;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  browser = await launchChromium();
});

afterAll(() => browser?.close());

const oneWord = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2);
const manyWords = "Slow-roasted shoulder of saltmarsh lamb with pickled walnuts, wild garlic and a glass of something cold "
  .repeat(3)
  .trim();
const arabic = "قهوة عربية بالهيل والزعفران تُقدَّم مع التمر الفاخر Arabica 100% والمكسرات المحمصة ".repeat(3).trim();
const hebrew = "קפה שחור עם הל ועוגיות תמרים תוצרת בית, מוגש חם עם כוס מים קרים ".repeat(3).trim();

const someStores = (name: string) => Array.from({ length: 12 }, (_, n) => ({ id: `store-${n}`, name: n === 0 ? name : `${n} ${name}` }));
const menu = (document: ReturnType<typeof verboseMenu>, name: string) =>
  renderStorefrontPage(document, { tenant_name: name, stores: someStores(name) });

const states: Record<string, string> = {
  "a menu of words without a break": menu(verboseMenu(oneWord), oneWord),
  "a menu of sentences": menu(verboseMenu(manyWords), manyWords),
  "an Arabic menu": menu(verboseMenu(arabic, { locale: "ar-EG", currency: "EGP" }), arabic),
  "a Hebrew menu": menu(verboseMenu(hebrew, { locale: "he-IL", currency: "ILS" }), hebrew),
  "prices with three decimals": menu(verboseMenu("كرك", { locale: "ar-KW", currency: "KWD" }), "كرك"),
  "an empty menu": menu(aDocument([], { name: oneWord }), oneWord),
  "an empty Arabic menu": menu(aDocument([], { name: arabic, locale: "ar-EG" }), arabic),
  "a list of stores": renderStoreListPage({
    tenant_name: oneWord,
    stores: [oneWord, arabic].map((name) => ({ id: name, name, locale: "en", address: { line1: name } })),
  }),
  "an error": renderErrorPage({ status: 503, title: oneWord, detail: manyWords, request_id: oneWord }),
  "a landing page": renderLandingPage({ base_url: "http://page.test", tenants: [{ name: oneWord, host_url: `http://${oneWord}.test` }] }),
};

describe.skipIf(!hasBrowser).each([320, 390, 1280])("at %i px nothing sticks out of", (width) => {
  test.each(Object.entries(states))("%s, folded or unfolded", async (name, html) => {
    const { page, complaints, close } = await openRendered(browser, html, { viewport: { width, height } });
    expect(await overflowing(page)).toEqual([]);
    if (width === 390) await page.screenshot({ path: join(pictures, `${name.replaceAll(" ", "-")}.png`), fullPage: true });
    await page.locator("details").evaluateAll((all) => {
      for (const details of all) (details as HTMLDetailsElement).open = true;
    });
    expect(await overflowing(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});

test.skipIf(!hasBrowser)("an Arabic menu is the mirror of an English one", async () => {
  const places = async (locale: string) => {
    const html = menu(verboseMenu("Kopi", { locale }), "Kopi");
    const { page, close } = await openRendered(browser, html, { viewport: { width: 390, height } });
    const sides = await page.evaluate(() =>
      [".list h3", ".list .choices bdi", ".cats li:first-child bdi", "h1", ".list .tile", ".list .price", ".stores summary"].map(
        (selector) => {
          const range = document.createRange();
          const element = document.querySelector(selector);
          if (element?.firstChild) range.selectNodeContents(element);
          else if (element) range.selectNode(element);
          const { left, right } = range.getBoundingClientRect();
          return { left: Math.round(left), right: Math.round(innerWidth - right) };
        },
      ),
    );
    await close();
    return sides;
  };
  const english = await places("en-US");
  const arabic = await places("ar-EG");
  const mirrored = english.map(({ left, right }) => ({ left: right, right: left }));
  // The last two are in other words and digits: only the side that they are aligned to is the same.
  expect(arabic.slice(0, 5)).toEqual(mirrored.slice(0, 5));
  expect(arabic[5]?.right).toBe(mirrored[5]?.right);
  expect(arabic[6]?.left).toBe(mirrored[6]?.left);
});

describe.skipIf(!hasBrowser).each(["LIST", "GRID"] as const)("a large menu as a %s", (viewType) => {
  const open = (count: number, width: number) =>
    openRendered(browser, menu(largeMenu(count, viewType), "Large"), { viewport: { width, height } });

  test.each([390, 1280])("of 300 items keeps still at %i px when it is read to the end", async (width) => {
    const { page, complaints, close } = await open(300, width);
    await page.evaluate(async () => {
      const frame = () => new Promise(requestAnimationFrame);
      while (scrollY + innerHeight < document.documentElement.scrollHeight - 1) {
        scrollBy(0, innerHeight);
        await frame();
      }
    });
    expect(await page.locator(".item").count()).toBe(300);
    expect(await layoutShift(page)).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test.each([390, 1280])("of 2,000 items is there within a second at %i px", async (width) => {
    const times: number[] = [];
    // A page that needs less needs less once in nine times even where others take the processor away.
    while (times.length < 9 && !times.some((time) => time < 1_000)) {
      const { page, close } = await open(2_000, width);
      times.push(await page.evaluate(loadingTime));
      await close();
    }
    expect(Math.min(...times), times.join(", ")).toBeLessThan(1_000);
  });

  test.each([390, 1280])("of 2,000 items has its links lead where they say at %i px", async (width) => {
    const { page, close } = await open(2_000, width);
    for (const index of [3, 10, 19, 0]) {
      await page.locator(".cats a").nth(index).click();
      const heading = page.locator("main section").nth(index).locator("h2");
      await expect.poll(() => heading.evaluate((element) => element.getBoundingClientRect().top)).toBeLessThan(120);
      expect(await heading.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThanOrEqual(0);
      await expect.poll(() => page.locator(".cats [aria-current]").textContent()).toBe(`Category ${index}`);
    }
    await close();
  });
});

/** Milliseconds from the first byte until all is loaded and something is painted. */
const loadingTime = (): number => {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  if (!navigation || !paint) return Number.POSITIVE_INFINITY;
  return Math.max(navigation.loadEventEnd, paint.startTime) - navigation.responseStart;
};

/** Elements that reach past the page's sides or whose text reaches past their own. Bars that scroll may hold more than they show. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : [];
    for (const element of document.querySelectorAll("body *")) {
      if (element.closest(".cats ul, .skip") || !element.checkVisibility()) continue;
      const { left, right } = element.getBoundingClientRect();
      const { display, overflowX } = getComputedStyle(element);
      const spills = display !== "inline" && overflowX === "visible" && element.scrollWidth > element.clientWidth + 1;
      if (left < -1 || right > clientWidth + 1 || spills) found.push(`${element.tagName} ${element.className}: ${left} to ${right}`);
    }
    return found;
  });
