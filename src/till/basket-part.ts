import type { Line } from "../client/index.ts";
import { emptyBasket, totalsOfLine, withLineDiscount, withQuantity } from "./basket.ts";
import { askDiscount } from "./discount-dialog.ts";
import { button, draw, h } from "./dom.ts";
import { askPayment } from "./payment-dialog.ts";
import { showReceipt } from "./receipt.ts";
import { keepOpen, saleTotals } from "./record-sale.ts";
import type { Till } from "./till.ts";

/** What is being sold, with its total and the ways to end it. */
export function drawBasket(till: Till, part: HTMLElement): void {
  const words = till.words();
  const { order, basket } = till.sale();
  const { fresh, totals, paid, due_minor, tax_included } = saleTotals(till);
  const isEmpty = fresh.length === 0 && order === null;

  const pay = async (method: "cash" | "card"): Promise<void> => {
    const receipt = await askPayment(till, method);
    if (receipt) await showReceipt(till, receipt);
  };
  const keep = async (): Promise<void> => {
    await keepOpen(till);
    till.setSale({ order: null, basket: emptyBasket });
  };
  const sum = (label: string, amount: number, className = ""): HTMLElement =>
    h("div", { class: className }, h("dt", {}, label), h("dd", {}, till.money(amount)));

  draw(
    part,
    h("h2", {}, order ? words.order(order.number ?? "") : words.basket),
    order &&
      order.lines.length > 0 &&
      h("ul", { class: "lines ordered", attributes: { "aria-label": words.already_ordered } }, ...order.lines.map(fixed)),
    isEmpty && h("p", { class: "soft" }, words.basket_empty),
    fresh.length > 0 && h("ul", { class: "lines" }, ...fresh.map(editable)),
    !isEmpty &&
      h(
        "dl",
        { class: "sums" },
        totals.discount_minor > 0 && sum(words.subtotal, totals.gross_minor),
        totals.discount_minor > 0 && sum(words.discount, -totals.discount_minor),
        totals.tax_minor !== 0 && sum(words.tax_included, totals.tax_minor, "soft"),
        paid > 0 && sum(words.paid, -paid),
        sum(paid > 0 ? words.due : words.total, due_minor, "total"),
      ),
    h(
      "div",
      { class: "pay" },
      button(words.pay_cash, () => void pay("cash"), { class: "primary", key: "cash", disabled: isEmpty }),
      button(words.pay_card, () => void pay("card"), { class: "primary", key: "card", disabled: isEmpty }),
      button(words.hold, () => void keep(), { key: "hold", disabled: fresh.length === 0 }),
      button(words.basket_discount, () => void discountAll(), { key: "discount", disabled: fresh.length === 0 }),
      button(order ? words.back : words.clear, () => till.setSale({ order: null, basket: emptyBasket }), {
        key: "clear",
        disabled: isEmpty,
      }),
    ),
  );

  async function discountAll(): Promise<void> {
    const discount = await askDiscount(till, words.basket_discount, basket.discount);
    if (discount !== undefined) till.setSale({ basket: { ...basket, discount } });
  }

  async function discountLine(line: Line): Promise<void> {
    const own = basket.lines.find(({ line_id }) => line_id === line.line_id)?.discount ?? null;
    const discount = await askDiscount(till, words.line_discount_of(line.name ?? ""), own);
    if (discount !== undefined) till.setSale({ basket: withLineDiscount(basket, line.line_id, discount) });
  }

  function described(line: Line): HTMLElement {
    const { total_minor } = totalsOfLine(line, tax_included);
    const choices = (line.modifiers ?? []).map(({ name }) => name).join(", ");
    const discount = line.discount ?? 0;
    return h(
      "div",
      { class: "line" },
      h("b", {}, `${line.quantity} × ${line.name ?? line.item_code ?? ""}`),
      h("span", {}, till.money(total_minor)),
      choices !== "" && h("small", {}, choices),
      discount > 0 && h("small", {}, `${words.discount} ${till.money(-discount)}`),
    );
  }

  function fixed(line: Line): HTMLElement {
    return h("li", {}, described(line));
  }

  function editable(line: Line): HTMLElement {
    const name = line.name ?? "";
    const change = (by: number): void => till.setSale({ basket: withQuantity(basket, line.line_id, line.quantity + by) });
    return h(
      "li",
      {},
      described(line),
      h(
        "div",
        { class: "steps" },
        button("−", () => change(-1), { key: `less ${line.line_id}`, attributes: { "aria-label": words.less_of(name) } }),
        button("+", () => change(1), { key: `more ${line.line_id}`, attributes: { "aria-label": words.more_of(name) } }),
        button(words.line_discount, () => void discountLine(line), {
          key: `discount ${line.line_id}`,
          attributes: { "aria-label": words.line_discount_of(name) },
        }),
      ),
    );
  }
}
