import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tenantClient } from "../../scripts/api-client.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { hasBrowser } from "./has-browser.ts";
import { openPage } from "./opened-page.ts";

const pictures = join(import.meta.dirname, "../../test-artifacts");
const widths = [390, 1280];
let served: DemoStack;
let browser: Browser;
let storeId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  served = await startDemoStack();
  browser = await launchChromium();
  storeId = served.demo.tenants.find(({ slug }) => slug === "kopi")?.stores[0]?.id ?? "";
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await served?.stop();
});

const open = (query: string, width: number, javaScriptEnabled: boolean) =>
  openPage(browser, `${served.originOf("kopi")}/stores/${storeId}${query}`, {
    viewport: { width, height: 844 },
    reducedMotion: "reduce",
    javaScriptEnabled,
  });

/** Codes of what the page shows, in order. */
const shownCodes = (page: Page): Promise<string[]> =>
  page.locator("main [data-code]").evaluateAll((lines) => lines.map((line) => (line as HTMLElement).dataset["code"] ?? ""));

/** Codes that the API finds. */
async function foundCodes(text: string): Promise<string[]> {
  const path = `/api/v1/stores/${storeId}/search?q=${encodeURIComponent(text)}&limit=50`;
  const answer = await fetch(`${served.demo.base_url}${path}`, { headers: { "x-tenant-id": "kopi" } });
  return ((await answer.json()) as { data: { code: string }[] }).data.map(({ code }) => code);
}

const axeViolations = (page: Page): Promise<string[]> =>
  page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`);

describe.skipIf(!hasBrowser).each(widths)("the search at %i px", (width) => {
  test.each([true, false])("finds what the API finds, by keyboard alone; JavaScript: %s", async (javaScript) => {
    const { page, complaints, close } = await open("", width, javaScript);
    const whole = await shownCodes(page);
    const expected = await foundCodes("kop");
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(whole.length);

    const input = page.getByRole("searchbox", { name: "Search this menu" });
    await input.focus();
    await page.keyboard.type("kop");
    await Promise.all([page.waitForURL(/\?q=kop$/), page.keyboard.press("Enter")]);
    expect((await shownCodes(page)).toSorted()).toEqual(expected.toSorted());
    expect(await input.inputValue()).toBe("kop");
    expect(await page.locator("h2").innerText()).toBe("Results for kop");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBe(0);
    await page.screenshot({ path: join(pictures, `search-${width}.png`) });

    await input.fill('"no* such (thing');
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Search");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing found for").waitFor();
    expect(await shownCodes(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, `search-nothing-${width}.png`) });

    await page.getByRole("link", { name: "Show the whole menu" }).click();
    await page.waitForURL(/\/stores\/[^?]+$/);
    expect(await shownCodes(page)).toEqual(whole);
    // A question that was under way when the page was left is no failure of the page.
    expect(complaints.filter((complaint) => !/ERR_ABORTED .*orderability/.test(complaint))).toEqual([]);
    await close();
  });

  test("axe-core finds nothing against results and none", async () => {
    for (const query of ["?q=kop", "?q=nothing-like-it"]) {
      const { page, close } = await open(query, width, true);
      await page.evaluate(axe.source);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeViolations(page), `${query}, ${colorScheme}`).toEqual([]);
      }
      await close();
    }
  });
});

test.skipIf(!hasBrowser)("marks what is sold out without JavaScript too, and never fails, whatever is asked", async () => {
  const admin = served.demo.tenants.find(({ slug }) => slug === "kopi")?.admin_key ?? "";
  const client = tenantClient(served.demo.base_url, "kopi", admin);
  const [code = ""] = await foundCodes("kop");
  const { location_id } = await client.get<{ location_id: string }>(`/api/v1/stores/${storeId}`);
  const { id } = await client.post<{ id: string }>("/api/v1/inventory/snoozes", { item_code: code, location_id });
  const note = async () => {
    const { page, close } = await open("?q=kop", 390, false);
    const notes = await page.locator(`[data-code="${code}"] .gone`).allInnerTexts();
    await close();
    return notes;
  };
  await expect.poll(note, { timeout: 10_000 }).toEqual(["Not right now"]);
  await client.delete(`/api/v1/inventory/snoozes/${id}`);

  for (const text of ["%22%27%28*", "%F0%9F%8D%95", "%20%20", "%00", "%FF", "a".repeat(5_000), "x&utm_source=mail"]) {
    const answer = await fetch(`${served.demo.base_url}/stores/${storeId}?q=${text}`, { headers: { "x-tenant-id": "kopi" } });
    expect(answer.status, text.slice(0, 40)).toBe(200);
    await answer.arrayBuffer();
  }
});
