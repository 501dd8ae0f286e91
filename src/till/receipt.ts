import { totalsOf, totalsOfLine } from "./basket.ts";
import { ask, button, h } from "./dom.ts";
import type { Receipt } from "./model.ts";
import type { Till } from "./till.ts";

/** What the guest gets, on the screen and on paper. */
export async function showReceipt(till: Till, receipt: Receipt & { sold_at_ms?: number }): Promise<void> {
  const words = till.words();
  await ask(words.receipt, (end) => [
    receiptPaper(till, receipt),
    h("p", { class: "soft", attributes: { role: "status" } }, words.receipt_kept),
    h(
      "div",
      { class: "ends" },
      button(words.print, () => window.print()),
      button(words.new_sale, () => end(), { class: "primary", attributes: { "data-first": "" } }),
    ),
  ]);
}

function receiptPaper(till: Till, receipt: Receipt & { sold_at_ms?: number }): HTMLElement {
  const words = till.words();
  const totals = totalsOf(receipt.lines, receipt.tax_included);
  const row = (label: string, amount: number, className = ""): HTMLElement =>
    h("div", { class: className }, h("dt", {}, label), h("dd", {}, till.money(amount, receipt.currency)));
  return h(
    "div",
    { class: "paper" },
    h("p", { class: "soft" }, receipt.store_name),
    h("p", {}, `${words.order(receipt.number)} · ${till.dateTime(receipt.sold_at_ms ?? Date.now())}`),
    h(
      "dl",
      { class: "sums" },
      ...receipt.lines.map((line) => {
        const choices = (line.modifiers ?? []).map(({ name }) => name).join(", ");
        const name = `${line.quantity} × ${line.name ?? ""}${choices === "" ? "" : ` (${choices})`}`;
        return row(name, totalsOfLine({ ...line, discount: 0 }, receipt.tax_included).total_minor);
      }),
      totals.discount_minor > 0 && row(words.discount, -totals.discount_minor),
      row(words.total, totals.total_minor, "total"),
      totals.tax_minor !== 0 && row(words.tax_included, totals.tax_minor, "soft"),
      ...receipt.payments.flatMap(({ method, amount, tendered }) => [
        row(method === "card" ? words.card : words.cash, tendered ?? amount),
        ...(tendered !== undefined && tendered > amount ? [row(words.change, tendered - amount)] : []),
      ]),
    ),
  );
}
