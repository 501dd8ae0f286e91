import type { Page } from "playwright-core";

/** Counts from the first paint on; to be called before the page is opened. */
export async function watchLayoutShifts(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.layoutShifts = [];
    new PerformanceObserver((list) => layoutShifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  `);
}

/** The sum of all shifts so far, those within half a second of a key or a click too. 0: nothing moved. */
export const layoutShift = (page: Page): Promise<number> => page.evaluate("layoutShifts.reduce((sum, { value }) => sum + value, 0)");
