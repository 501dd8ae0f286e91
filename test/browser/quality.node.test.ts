import { setTimeout as sleep } from "node:timers/promises";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tenantClient } from "../../scripts/api-client.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { hasBrowser } from "./has-browser.ts";
import { layoutShift, watchLayoutShifts } from "./layout-shifts.ts";
import { openPage } from "./opened-page.ts";
import { readingOrder } from "./reading-order.ts";

const slugs = ["kopi", "grocer"];
const widths = [390, 1280];
const height = 844;
let served: DemoStack;
let browser: Browser;
let emptyStoreId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  served = await startDemoStack();
  browser = await launchChromium();
  const { slug, admin_key } = tenant("kopi");
  const emptyStore = { name: "Opening soon", timezone: "Asia/Singapore", currency: "SGD" };
  const made = await tenantClient(served.demo.base_url, slug, admin_key).post<{ id: string }>("/api/v1/stores", emptyStore);
  emptyStoreId = made.id;
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

function tenant(slug: string) {
  const found = served.demo.tenants.find((candidate) => candidate.slug === slug);
  if (!found) throw new Error(`no demo tenant ${slug}`);
  return found;
}

const storeAddress = (slug: string): string => `${served.originOf(slug)}/stores/${tenant(slug).stores[0]?.id}`;

const pages: { name: string; status: number; address: () => string; says: string }[] = [
  { name: "kopi's menu", status: 200, address: () => storeAddress("kopi"), says: "Kopi & teh" },
  { name: "the grocer's menu", status: 200, address: () => storeAddress("grocer"), says: "Vegetables" },
  { name: "the list of stores", status: 200, address: () => `${served.originOf("kopi")}/`, says: "Choose a store" },
  { name: "the landing page", status: 200, address: () => `${served.stack.base_url}/`, says: "For developers" },
  { name: "an error", status: 404, address: () => `${served.originOf("kopi")}/stores/none`, says: "There is no such store" },
  { name: "an empty menu", status: 200, address: () => `${served.originOf("kopi")}/stores/${emptyStoreId}`, says: "no menu yet" },
];

/** Every width with every scheme, and each of them once with all that folds open. */
const views = [
  { width: 390, colorScheme: "light", unfolded: false },
  { width: 390, colorScheme: "dark", unfolded: true },
  { width: 1280, colorScheme: "light", unfolded: true },
  { width: 1280, colorScheme: "dark", unfolded: false },
] as const;

describe.skipIf(!hasBrowser)("axe-core finds nothing against", () => {
  test.each(pages)("$name", async ({ address, status, says }) => {
    const opened = await openPage(browser, address(), { viewport: { width: 390, height }, reducedMotion: "reduce" });
    const { page } = opened;
    expect(opened.status).toBe(status);
    expect(await page.locator("main").innerText()).toContain(says);
    await page.evaluate(axe.source);
    for (const { width, colorScheme, unfolded } of views) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await unfoldAll(page, unfolded);
      expect(await axeViolations(page), `${width} px, ${colorScheme}, unfolded: ${unfolded}`).toEqual([]);
    }
    await opened.close();
  });
});

describe.skipIf(!hasBrowser).each(slugs)("%s's menu", (slug) => {
  test.each(widths)("keeps still at %i px while pictures come late or not at all", async (width) => {
    let asked = 0;
    const { page, close } = await openPage(
      browser,
      storeAddress(slug),
      { viewport: { width, height }, reducedMotion: "reduce" },
      async (page) => {
        await watchLayoutShifts(page);
        await page.route("**/media/**", async (route) => {
          const turn = asked++;
          await sleep(100 * (turn % 4));
          await (turn % 3 === 2 ? route.abort() : route.continue());
        });
      },
    );
    for (let screen = 0; screen < 40; screen++) {
      await page.mouse.wheel(0, height);
      await sleep(40);
    }
    await page.waitForLoadState("networkidle");
    expect(asked).toBeGreaterThan(5);
    expect(await layoutShift(page)).toBe(0);
    // A picture that did not come leaves the letter of its item, not a broken icon.
    expect(await page.evaluate(() => [...document.images].filter((image) => image.complete && image.naturalWidth === 0).length)).toBe(0);
    await close();
  });

  test("is small: what a phone gets before it scrolls", async () => {
    const bytes = { page: 0, all: 0 };
    const { close } = await openPage(browser, storeAddress(slug), { viewport: { width: 390, height } }, async (page) => {
      page.on("requestfinished", async (request) => {
        const { responseBodySize } = await request.sizes();
        if (request.isNavigationRequest()) bytes.page += responseBodySize;
        bytes.all += responseBodySize;
      });
    });
    expect(bytes.page).toBeGreaterThan(1_000);
    expect(bytes.page).toBeLessThan(16_000);
    expect(bytes.all).toBeLessThan(32_000);
    await close();
  });

  test.each(widths)("is walked with Tab in the order it is read, the focus always in sight, at %i px", async (width) => {
    const { page, close } = await openPage(browser, storeAddress(slug), { viewport: { width, height }, reducedMotion: "reduce" });
    const expected = await page.evaluate(() =>
      [...document.querySelectorAll("a[href], summary, input, button")]
        .filter(
          (element) => element.checkVisibility({ contentVisibilityAuto: false }) && !element.closest("details:not([open]) > :not(summary)"),
        )
        .map((element) => element.textContent?.trim()),
    );
    const forth = await walk(page, "Tab", expected.length);
    expect(forth.map((stop) => stop?.name)).toEqual(expected);
    const [after] = await walk(page, "Tab", 1);
    expect([undefined, expected[0]]).toContain(after?.name);
    // Backwards the page scrolls the other way: what has the focus must not end under the bar of categories.
    await page.locator("footer").click();
    const back = await walk(page, "Shift+Tab", expected.length);
    expect(back.map((stop) => stop?.name)).toEqual(expected.toReversed());
    expect([...forth, ...back].filter((stop) => !(stop?.outlined && stop.whole && stop.uncovered))).toEqual([]);
    await close();
  });

  test("is read with one heading per level down, its landmarks named, nothing decorative said", async () => {
    const { page, close } = await openPage(browser, storeAddress(slug), { viewport: { width: 390, height } });
    await unfoldAll(page, true);
    const spoken = await readingOrder(page);
    const ofRole = (...roles: string[]) => spoken.filter(({ role }) => roles.includes(role));

    const landmarks = ofRole("banner", "navigation", "main", "contentinfo").map(({ role, name }) => [role, name]);
    expect(landmarks).toEqual([
      ["banner", ""],
      ["navigation", "Menu categories"],
      ["main", ""],
      ["contentinfo", ""],
    ]);

    const headings = ofRole("heading");
    const levels = headings.map(({ level }) => level ?? 0);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => level >= 1 && level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
    expect(headings.every(({ name }) => name !== "")).toBe(true);
    const categories = headings.filter(({ level }) => level === 2).map(({ name }) => name);
    expect(ofRole("region").map(({ name }) => name)).toEqual(categories);

    const folds = ofRole("DisclosureTriangle", "DisclosureTriangleGrouped");
    expect(folds[0]?.name).toBe("Change store");
    // "Options" is said on many cards: each says of which item.
    const items = new Set(headings.filter(({ level }) => level === 3).map(({ name }) => name));
    for (const fold of folds.slice(1)) {
      expect(fold.name).toMatch(/^Options \S/);
      expect(items).toContain(fold.description);
    }
    expect(folds.length - 1).toBe(await page.locator("details.more").count());

    expect(ofRole("image", "img", "graphics-document")).toEqual([]);
    await close();
  });
});

describe.skipIf(!hasBrowser)("by keyboard alone", () => {
  test("the first Tab offers to skip to the menu, and the next goes on from there", async () => {
    const { page, close } = await openPage(browser, storeAddress("kopi"), { viewport: { width: 390, height }, reducedMotion: "reduce" });
    await page.keyboard.press("Tab");
    expect(await focused(page)).toMatchObject({ name: "Skip to the menu", whole: true, uncovered: true });
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.matches("main summary"))).toBe(true);
    await close();
  });

  test("an item's options open and shut with Enter, without a step of the focus", async () => {
    const { page, close } = await openPage(browser, storeAddress("kopi"), { viewport: { width: 390, height } });
    const details = page.locator("details.more").first();
    await details.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await details.locator("li").first().isVisible()).toBe(true);
    await page.keyboard.press("Enter");
    expect(await details.locator("li").first().isVisible()).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.matches("details.more > summary"))).toBe(true);
    await close();
  });

  test("the list of stores shuts with Escape and when the focus leaves it", async () => {
    const { page, close } = await openPage(browser, storeAddress("kopi"), { viewport: { width: 390, height } });
    const isOpen = () => page.locator("details.stores").evaluate((details) => (details as HTMLDetailsElement).open);
    const summary = page.locator(".stores summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toMatchObject({ name: tenant("kopi").stores[0]?.name, whole: true, uncovered: true });
    await page.keyboard.press("Escape");
    expect(await isOpen()).toBe(false);
    expect(await focused(page)).toMatchObject({ name: "Change store" });
    await page.keyboard.press("Enter");
    expect(await isOpen()).toBe(true);
    for (let stores = tenant("kopi").stores.length + 1; stores >= 0; stores--) await page.keyboard.press("Tab");
    expect(await isOpen()).toBe(false);
    await close();
  });
});

test.skipIf(!hasBrowser)("a category that the edge of the screen cuts off answers the first click", async () => {
  const { page, close } = await openPage(browser, storeAddress("grocer"), { viewport: { width: 390, height }, reducedMotion: "reduce" });
  // The edge goes through the middle of the first that is not wholly there, however wide the words are in this machine's font.
  const { hash, x, y } = await page.locator(".cats a").evaluateAll((links) => {
    const link = links.find((each) => each.getBoundingClientRect().right > innerWidth) as HTMLAnchorElement;
    const before = link.getBoundingClientRect();
    for (let row = link.parentElement; row; row = row.parentElement) row.scrollLeft += before.left + before.width / 2 - innerWidth;
    const { left, right, top, height } = link.getBoundingClientRect();
    return { hash: link.hash, x: (Math.max(left, 0) + Math.min(right, innerWidth)) / 2, y: top + height / 2 };
  });
  expect(hash).not.toBe("");
  await page.mouse.click(x, y);
  await expect.poll(() => new URL(page.url()).hash).toBe(hash);
  await close();
});

async function unfoldAll(page: Page, open: boolean): Promise<void> {
  await page.locator("details").evaluateAll((all, open) => {
    for (const details of all) (details as HTMLDetailsElement).open = open;
  }, open);
}

const axeViolations = (page: Page): Promise<string[]> =>
  page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`);

interface FocusStop {
  name: string;
  outlined: boolean;
  /** The whole of it is on the screen. */
  whole: boolean;
  /** Nothing lies over its middle. */
  uncovered: boolean;
}

/** Null where the focus is on nothing in particular. */
const focused = (page: Page): Promise<FocusStop | null> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const box = element.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {
      name: element.textContent?.trim() ?? "",
      outlined: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
      // The browser scrolls by whole pixels.
      whole: box.top > -1 && box.left > -1 && box.bottom < innerHeight + 1 && box.right < innerWidth + 1,
      uncovered: hit !== null && element.contains(hit),
    };
  });

async function walk(page: Page, key: "Tab" | "Shift+Tab", steps: number): Promise<(FocusStop | null)[]> {
  const stops: (FocusStop | null)[] = [];
  while (stops.length < steps) {
    await page.keyboard.press(key);
    stops.push(await focused(page));
  }
  return stops;
}
