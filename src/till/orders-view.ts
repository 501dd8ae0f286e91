import { emptyBasket, totalsOf } from "./basket.ts";
import { ask, button, draw, h } from "./dom.ts";
import { showReceipt } from "./receipt.ts";
import { cancelOrder } from "./record-sale.ts";
import type { Till } from "./till.ts";
import type { View } from "./view.ts";

const RECEIPTS_SHOWN = 30;

/** Orders of the store that are still open, whichever till began them, and the last receipts of this one. */
export function ordersView(till: Till): View {
  const element = h("div", { class: "page" });

  const cancel = async (id: string, number: string): Promise<void> => {
    const words = till.words();
    const sure = await ask<boolean>(words.cancel_order_sure(number), (end) => [
      h(
        "div",
        { class: "ends" },
        button(words.back, () => end()),
        button(words.cancel_order, () => end(true), { class: "primary" }),
      ),
    ]);
    if (sure) await cancelOrder(till, id);
  };

  const redraw = (): void => {
    const words = till.words();
    const { orders, receipts } = till.state();
    draw(
      element,
      h("h1", {}, words.orders),
      orders.length === 0 && h("p", { class: "soft" }, words.no_orders),
      h(
        "ul",
        { class: "cards" },
        ...orders.map((order) => {
          const number = order.number ?? order.id.slice(-6);
          const { total_minor } = totalsOf(order.lines, order.tax_included);
          const resume = (): void => {
            till.setSale({ order, basket: emptyBasket });
            till.show("sell");
          };
          return h(
            "li",
            {},
            h("h2", {}, words.order(number)),
            h("p", {}, order.lines.map(({ quantity, name }) => `${quantity} × ${name ?? ""}`).join(", ")),
            h("p", {}, h("b", {}, till.money(total_minor))),
            h(
              "div",
              { class: "ends" },
              button(words.cancel_order, () => void cancel(order.id, number), { key: `cancel ${order.id}` }),
              button(words.resume, resume, { class: "primary", key: `resume ${order.id}` }),
            ),
          );
        }),
      ),
      h("h2", {}, words.receipts),
      receipts.length === 0 && h("p", { class: "soft" }, words.no_receipts),
      h(
        "ul",
        { class: "rows" },
        ...receipts.slice(0, RECEIPTS_SHOWN).map((receipt) => {
          const total = till.money(totalsOf(receipt.lines, receipt.tax_included).total_minor, receipt.currency);
          const label = `${receipt.number} · ${till.dateTime(receipt.sold_at_ms)} · ${total}`;
          return h(
            "li",
            {},
            button(label, () => void showReceipt(till, receipt), { key: `receipt ${receipt.order_id}` }),
          );
        }),
      ),
    );
  };
  redraw();
  return { element, refresh: (part) => (part === "work" || part === "copy") && redraw() };
}
