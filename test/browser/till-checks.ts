import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Rung } from "./till-hands.ts";
import type { SoldOrder } from "./till-shop.ts";

export const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** Every sale is an order, once, to the cent, and the shelf is short of exactly what was sold. */
export function expectSoldOnce(
  codes: readonly string[],
  orders: readonly SoldOrder[],
  rung: readonly Rung[],
  before: Map<string, number>,
  after: Map<string, number>,
): void {
  expect(orders.map(({ number }) => number).sort()).toEqual(rung.map(({ number }) => number).sort());
  const told = new Map(rung.map(({ number, total_minor }) => [number, total_minor]));
  for (const { number, total, till_total, balance, status } of orders) {
    expect({ number, total, till_total, balance, status }).toEqual({
      number,
      total: told.get(number),
      till_total: null,
      balance: 0,
      status: "closed",
    });
  }
  expect(sum(orders.map(({ total }) => total))).toBe(sum(rung.map(({ total_minor }) => total_minor)));
  const lines = orders.flatMap((order) => order.lines);
  for (const code of codes) {
    const quantity = sum(lines.filter(({ item_code }) => item_code === code).map((line) => line.quantity));
    expect(quantity).toBeGreaterThan(0);
    expect((before.get(code) ?? 0) - (after.get(code) ?? 0), code).toBe(quantity);
  }
}

/** At a tablet's and a phone's width, light and dark. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  for (const [width, colorScheme] of [
    [1180, "light"],
    [390, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 820 });
    await page.emulateMedia({ colorScheme });
    expect(await axeViolations(page), `${what}, ${width} px, ${colorScheme}`).toEqual([]);
    expect(await smallTargets(page), `${what}, ${width} px`).toEqual([]);
  }
  await page.setViewportSize({ width: 1180, height: 820 });
}

const axeViolations = (page: Page): Promise<string[]> =>
  page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`);

/** What is touched and less than 48 px high or wide; a box or circle counts with its label. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, input, a[href]")]
      .filter((element) => element.checkVisibility())
      .map((element) => element.closest<HTMLElement>(".option") ?? element)
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 47.5 || height < 47.5;
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
