import type { BrowserContext, Page } from "playwright-core";

/** What a sale came to, as its receipt says. */
export interface Rung {
  number: string;
  total_minor: number;
}

/** Opens the till in another tab of the device and waits until it can sell. */
export async function openTill(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(".item").first().waitFor();
  return page;
}

export async function pairTill(context: BrowserContext, address: string, code: string, name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByLabel("Pairing code").fill(code);
  await page.getByLabel("Name of this till").fill(name);
  await page.getByRole("button", { name: "Pair", exact: true }).click();
  await page.locator(".item").first().waitFor();
  // From here on it starts without a network.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return page;
}

/**
 * Sells, as fast as hands that never wait could: each sale is the presses a person makes, on the page itself, from the item to the receipt.
 * One, two or three of the items with these codes a sale, in turn.
 */
export function ringUp(page: Page, codes: readonly string[], count: number, from = 0): Promise<Rung[]> {
  return page.evaluate(
    async ({ codes, count, from }) => {
      const find = <T extends HTMLElement>(selector: string): T => {
        const found = document.querySelector<T>(selector);
        if (!found) throw new Error(`nothing matches ${selector}`);
        return found;
      };
      const appears = async (selector: string): Promise<HTMLElement> => {
        for (const end = Date.now() + 10_000; Date.now() < end; ) {
          const found = document.querySelector<HTMLElement>(selector);
          if (found) return found;
          await new Promise((resolve) => setTimeout(resolve));
        }
        throw new Error(`${selector} did not appear`);
      };
      const goes = async (element: HTMLElement): Promise<void> => {
        for (const end = Date.now() + 10_000; element.isConnected; ) {
          if (Date.now() > end) throw new Error("a dialog did not go");
          await new Promise((resolve) => setTimeout(resolve));
        }
      };
      const rung: { number: string; total_minor: number }[] = [];
      for (let place = from; place < from + count; place++) {
        for (let item = 0; item <= place % 3; item++) {
          find(`.item[data-code="${codes[(place + item) % codes.length]}"]`).click();
          const choices = document.querySelector<HTMLDialogElement>("dialog[open]");
          if (choices) {
            find("dialog .primary").click();
            await goes(choices);
          }
        }
        find(`[data-key="${place % 4 === 3 ? "card" : "cash"}"]`).click();
        const payment = find<HTMLDialogElement>("dialog[open]");
        find("dialog [type=submit]").click();
        await goes(payment);
        const paper = await appears("dialog .paper");
        const number = /Order (\S+)/.exec(paper.innerText)?.[1] ?? "";
        const total = paper.querySelector(".total dd")?.textContent ?? "";
        rung.push({ number, total_minor: Number(total.replaceAll(/\D/g, "")) });
        const receipt = find<HTMLDialogElement>("dialog[open]");
        find("dialog [data-first]").click();
        await goes(receipt);
      }
      return rung;
    },
    { codes, count, from },
  );
}

/** `count` sales, a handful in each tab in turn. A tab that is not looked at is slowed down by the browser, as it would be on a counter. */
export async function ringUpInTurns(tabs: readonly Page[], codes: readonly string[], count: number, from = 0): Promise<Rung[]> {
  const rung: Rung[] = [];
  for (let turn = 0; rung.length < count; turn++) {
    const tab = tabs[turn % tabs.length] as Page;
    await tab.bringToFront();
    rung.push(...(await ringUp(tab, codes, Math.min(HANDFUL, count - rung.length), from + rung.length)));
  }
  return rung;
}

const HANDFUL = 10;

/** The queue, as the device has it. */
export function queueCounts(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("servery-till");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const entries = await new Promise<{ status: string }[]>((resolve) => {
      const reading = database.transaction("queue").objectStore("queue").getAll();
      reading.onsuccess = () => resolve(reading.result);
    });
    database.close();
    const counts: Record<string, number> = { PENDING: 0, REPLAYING: 0, FAILED: 0 };
    for (const { status } of entries) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  });
}
