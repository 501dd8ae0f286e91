import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../scripts/chromium.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";
import { type LossyProxy, startLossyProxy } from "../support/node/lossy-proxy.ts";
import { hasBrowser } from "./has-browser.ts";
import { expectAccessible, expectSoldOnce, sum } from "./till-checks.ts";
import { openTill, pairTill, queueCounts, type Rung, ringUp, ringUpInTurns } from "./till-hands.ts";
import { openTillShop, type TillShop } from "./till-shop.ts";

const pictures = join(import.meta.dirname, "../../test-artifacts");
const tablet = { viewport: { width: 1180, height: 820 }, reducedMotion: "reduce", acceptDownloads: true } as const;
const waits = { timeout: 60_000, interval: 200 };
/** A busy machine presses slowly. */
const timeoutMs = 180_000;
let served: DemoStack;
let browser: Browser;
let shop: TillShop;
let proxy: LossyProxy;
let codes: string[];

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  served = await startDemoStack();
  browser = await launchChromium();
  shop = await openTillShop(served);
  proxy = await startLossyProxy(Number(new URL(served.demo.base_url).port));
  codes = await shop.stockUp(8, 1_000);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.stop();
  await served?.stop();
});

/** What went wrong on a page, other than that the network was cut. */
const complaints: string[] = [];
afterEach(() => expect(complaints.splice(0)).toEqual([]));

/** A tablet of its own. */
async function newDevice(): Promise<BrowserContext> {
  const context = await browser.newContext(tablet);
  context.on("weberror", (error) => complaints.push(error.error().stack ?? error.error().message));
  context.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  return context;
}

const address = (): string => `${served.originOf("kopi")}/till`;
/** The same shop over a network that loses answers. */
const lossyAddress = (): string => `http://kopi.localhost:${proxy.port}/till`;

const newTill = async (context: BrowserContext, name: string, at = address()): Promise<Page> =>
  pairTill(context, at, await shop.pairingCode(), name);

const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `till-${name}.png`) });

const unsent = async (page: Page): Promise<number> => {
  const counts = await queueCounts(page);
  return (counts["PENDING"] ?? 0) + (counts["REPLAYING"] ?? 0);
};

describe.skipIf(!hasBrowser)("a till", { timeout: timeoutMs }, () => {
  test("sells each thing once where three answers of ten are lost", async () => {
    const context = await newDevice();
    const first = await newTill(context, "Lossy", lossyAddress());
    const look = await shop.observer();
    const before = await shop.onHand();
    let turn = 0;
    let pushes = 0;
    proxy.lose((path) => {
      if (!path.startsWith("/api/v1/sync/")) return false;
      if (path.startsWith("/api/v1/sync/push")) pushes++;
      return [0, 3, 6].includes(turn++ % 10);
    });
    const second = await openTill(context, lossyAddress());
    const rung: Rung[] = [];
    rung.push(...(await ringUpInTurns([first, second], codes, 120)));
    // Whichever of them was sending, somewhere between a request and its answer.
    await first.reload();
    await first.locator(".item").first().waitFor();
    rung.push(...(await ringUpInTurns([first, second], codes, 80, 120)));
    await expect.poll(() => unsent(second), waits).toBe(0);
    expect(proxy.lost()).toBeGreaterThan(2);
    expect(pushes).toBeGreaterThan(3);
    proxy.lose(null);
    expect(rung).toHaveLength(200);
    expectSoldOnce(codes, await look(), rung, before, await shop.onHand());
    await context.close();
  });

  test("loses nothing where its terminal is revoked half-way: what is unsent is exported, and sent after a new pairing", async () => {
    const context = await newDevice();
    const page = await newTill(context, "Revoked");
    const look = await shop.observer();
    const before = await shop.onHand();
    const rung = await ringUp(page, codes, 30);
    await expect.poll(() => unsent(page), waits).toBe(0);
    const revoked = (await shop.terminals()).find(({ name }) => name === "Revoked");
    await shop.office.delete(`/api/v1/terminals/${revoked?.terminal_id}`);
    rung.push(...(await ringUp(page, codes, 30, 30)));
    await expect.poll(() => page.locator("header").innerText(), waits).toContain("Till not recognised");
    rung.push(...(await ringUp(page, codes, 10, 60)));

    const left = await unsent(page);
    expect(left).toBeGreaterThanOrEqual(10);
    await page.getByRole("button", { name: /^Queue/ }).click();
    await expect.poll(() => page.locator("main").innerText()).toContain("Nothing is lost");
    await picture(page, "revoked");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export to a file" }).click()]);
    const exported = JSON.parse(readFileSync(await download.path(), "utf8")) as {
      operations: { payload: { number: string; total: number } }[];
    };
    const arrived = await look();
    const numbers = [...arrived.map(({ number }) => number), ...exported.operations.map(({ payload }) => payload.number)];
    expect(numbers.sort()).toEqual(rung.map(({ number }) => number).sort());
    expect(sum(exported.operations.map(({ payload }) => payload.total)) + sum(arrived.map(({ total }) => total))).toBe(
      sum(rung.map(({ total_minor }) => total_minor)),
    );

    await page.getByRole("button", { name: "Pair again" }).click();
    await page.getByLabel("Pairing code").fill(await shop.pairingCode());
    await page.getByRole("button", { name: "Pair", exact: true }).click();
    await expect.poll(() => unsent(page), waits).toBe(0);
    expectSoldOnce(codes, [...arrived, ...(await look())], rung, before, await shop.onHand());
    await context.close();
  });

  test("keeps orders open, and a shift from its opening to the count, with no network", async () => {
    const context = await newDevice();
    const page = await newTill(context, "Evening");
    const look = await shop.observer();
    const main = page.locator("main");
    const [code = ""] = codes;
    await context.setOffline(true);
    const goTo = (name: RegExp) => page.locator("header").getByRole("button", { name }).click();
    const dialog = page.locator("dialog");

    await goTo(/^Shift/);
    await main.getByRole("button", { name: "Open shift" }).click();
    await dialog.getByLabel(/Cash in the drawer/).fill("100");
    await dialog.getByRole("button", { name: "Open shift" }).click();
    await main.getByText(/Open since/).waitFor();

    await goTo(/^Sell/);
    await ringUp(page, [code], 1);
    await addItem(page, code);
    await page.getByRole("button", { name: "Keep open" }).click();
    await goTo(/^Orders/);
    await main.getByRole("button", { name: "Continue" }).click();
    await addItem(page, code);
    await page.getByRole("button", { name: "Discount on all" }).click();
    await dialog.getByRole("button", { name: "50 %" }).click();
    await picture(page, "order-continued");
    await page.getByRole("button", { name: "Pay cash" }).click();
    await dialog.getByLabel(/Cash given/).fill("50");
    await picture(page, "payment");
    await dialog.getByRole("button", { name: "Take payment" }).click();
    await dialog.getByText("Kept on this device.").waitFor();
    await picture(page, "receipt");
    await dialog.getByRole("button", { name: "New sale" }).click();
    await goTo(/^Orders/);
    await main.getByText("No order is open.").waitFor();

    await goTo(/^Shift/);
    await main.getByRole("button", { name: "Take cash out" }).click();
    await dialog.getByLabel(/Amount/).fill("20");
    await dialog.getByLabel(/Reason/).fill("Ice");
    await dialog.getByRole("button", { name: "Take cash out" }).click();
    await main.getByRole("button", { name: "Close shift" }).click();
    await dialog.getByLabel(/Cash counted/).fill("85.50");
    await dialog.getByRole("button", { name: "Close shift" }).click();
    const closed = await dialog.filter({ hasText: "The shift is closed" }).innerText();
    await picture(page, "shift-closed");
    await dialog.getByRole("button", { name: "Close" }).click();

    await context.setOffline(false);
    await expect.poll(() => unsent(page), waits).toBe(0);
    expect(await queueCounts(page)).toMatchObject({ FAILED: 0 });
    const orders = await look();
    expect(orders.map(({ status, balance }) => ({ status, balance }))).toEqual(Array(2).fill({ status: "closed", balance: 0 }));
    const expected = 10_000 + sum(orders.map(({ total }) => total)) - 2_000;
    const shown = (label: string): number => Number((new RegExp(`${label}\\s+(\\S+)`).exec(closed)?.[1] ?? "").replaceAll(/[^\d-]/g, ""));
    expect(shown("Expected")).toBe(expected);
    expect(Math.abs(shown("Difference"))).toBe(Math.abs(8_550 - expected));
    await context.close();
  });

  test("shows what the server could not take, with its money, until somebody has noted it", async () => {
    const [here, there] = [await newDevice(), await newDevice()];
    const page = await newTill(here, "Terrace");
    const other = await newTill(there, "Bar");
    const orders = (till: Page) =>
      till
        .locator("header")
        .getByRole("button", { name: /^Orders/ })
        .click();
    await addItem(page, codes[1] ?? "");
    await page.getByRole("button", { name: "Keep open" }).click();
    await page.getByText("Nothing in it yet.").waitFor();
    await expect.poll(() => unsent(page), waits).toBe(0);
    await here.setOffline(true);

    await other
      .locator("header")
      .getByRole("button", { name: /^Queue/ })
      .click();
    await other.getByRole("button", { name: "Send now" }).click();
    await orders(other);
    await other.locator("main").getByRole("button", { name: "Cancel order" }).click();
    await other.locator("dialog").getByRole("button", { name: "Cancel order" }).click();
    await other.getByText("No order is open.").waitFor();
    await expect.poll(() => unsent(other), waits).toBe(0);

    await orders(page);
    await page.locator("main").getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Pay by card" }).click();
    await page.locator("dialog").getByRole("button", { name: "Take payment" }).click();
    await page.locator("dialog").getByRole("button", { name: "New sale" }).click();
    await here.setOffline(false);
    await expect.poll(() => queueCounts(page), waits).toMatchObject({ PENDING: 0, REPLAYING: 0, FAILED: 1 });
    await page
      .locator("header")
      .getByRole("button", { name: /^Queue 1/ })
      .click();
    await expect.poll(() => page.locator("main").innerText()).toMatch(/end of an order · \S+ · \$2\.80[\s\S]*ORDER_NOT_OPEN/);
    await picture(page, "not-taken");
    const rejected = async () =>
      (await shop.office.get<{ data: { code: string; amount: number }[] }>("/api/v1/sync/rejections?acknowledged=false")).data;
    expect(await rejected()).toMatchObject([{ code: "ORDER_NOT_OPEN", amount: 280 }]);
    await page.getByRole("button", { name: "Noted" }).click();
    await expect.poll(() => queueCounts(page)).toMatchObject({ FAILED: 0 });
    await expect.poll(rejected, waits).toEqual([]);
    await here.close();
    await there.close();
  });

  test("is usable by everybody: axe finds nothing, what is touched is large, and a sale needs a keyboard only", async () => {
    const context = await newDevice();
    const page = await context.newPage();
    await page.goto(address());
    await page.getByLabel("Pairing code").waitFor();
    await expectAccessible(page, "pairing");
    await page.close();
    const till = await newTill(context, "Everybody");
    await expectAccessible(till, "selling");
    await till.keyboard.press("/");
    await till.keyboard.type(codes[0] ?? "");
    await till.keyboard.press("Enter");
    const dialog = till.locator("dialog");
    if (await dialog.isVisible()) {
      await expectAccessible(till, "choices");
      await dialog.getByRole("button", { name: "Add" }).focus();
      await till.keyboard.press("Enter");
    }
    await till.locator(".lines li").waitFor();
    await expectAccessible(till, "basket");
    await till.getByRole("button", { name: "Pay cash" }).focus();
    await till.keyboard.press("Enter");
    await dialog.getByLabel(/Cash given/).waitFor();
    await expectAccessible(till, "payment");
    // The amount is selected and exact: Enter takes it, Enter again is the next sale.
    await till.keyboard.press("Enter");
    await dialog.getByText("Kept on this device.").waitFor();
    await expectAccessible(till, "receipt");
    await till.keyboard.press("Enter");
    await expect.poll(() => till.locator("dialog").count()).toBe(0);
    expect(await till.evaluate(() => document.activeElement?.closest(".basket, main") !== null)).toBe(true);
    for (const name of [/^Orders/, /^Shift/, /^Queue/]) {
      await till.locator("header").getByRole("button", { name }).click();
      await expectAccessible(till, String(name));
    }
    await context.close();
  });

  test("can be installed, and trusts only its own files", async () => {
    const { headers } = await fetch(`${served.demo.base_url}/till`);
    expect(headers.get("content-security-policy")).toContain("script-src 'self';");
    const manifest = (await (await fetch(`${served.demo.base_url}/till/manifest.webmanifest`)).json()) as { icons: { src: string }[] };
    expect(manifest).toMatchObject({ start_url: "/till", scope: "/till", display: "standalone" });
    for (const { src } of manifest.icons) expect((await fetch(`${served.demo.base_url}${src}`)).status).toBe(200);
    const context = await newDevice();
    const page = await context.newPage();
    await page.goto(address());
    const session = await context.newCDPSession(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // A test's context is a private one: nothing else stands against it.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
    await context.close();
  });

  test("sells with the network cut and the Worker dead, over two tabs and one that was closed; then every sale arrives once", async () => {
    const context = await newDevice();
    const first = await newTill(context, "Cut off");
    const look = await shop.observer();
    const before = await shop.onHand();

    await context.setOffline(true);
    served.stack.worker.kill();
    const rung = await ringUp(first, codes, 60);
    // A cold start with nothing there to answer.
    const second = await openTill(context, address());
    await picture(second, "offline-cold-start");
    rung.push(...(await ringUpInTurns([first, second], codes, 90, 60)));
    await first.close();
    const third = await openTill(context, address());
    rung.push(...(await ringUp(third, codes, 50, 150)));
    expect(rung).toHaveLength(200);
    expect(await unsent(third)).toBe(200);
    await third.getByRole("button", { name: /^Queue/ }).click();
    await expect.poll(() => third.locator("main").innerText()).toContain("200 unsent");
    await picture(third, "offline-queue");

    await served.stack.restartWorker();
    await context.setOffline(false);
    await expect.poll(() => unsent(third), waits).toBe(0);
    await expect.poll(() => third.locator("main").innerText(), waits).toContain("Everything was sent.");
    await picture(third, "sent");
    expect(await queueCounts(third)).toMatchObject({ FAILED: 0 });
    expectSoldOnce(codes, await look(), rung, before, await shop.onHand());
    await context.close();
  });
});

async function addItem(page: Page, code: string): Promise<void> {
  await page.locator(`.item[data-code="${code}"]`).click();
  const dialog = page.locator("dialog[open]");
  if (await dialog.isVisible()) await dialog.getByRole("button", { name: "Add" }).click();
}
