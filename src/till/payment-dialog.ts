import { amountText, likelyTendered, parseAmount } from "./amounts.ts";
import { emptyBasket } from "./basket.ts";
import { ask, button, field, h } from "./dom.ts";
import type { Receipt } from "./model.ts";
import { recordSale, saleTotals, type Taken } from "./record-sale.ts";
import type { Till } from "./till.ts";

/** Takes the payment of all that is due. Resolves with the receipt once the sale is on disk; undefined where it was left. */
export function askPayment(till: Till, method: "cash" | "card"): Promise<Receipt | undefined> {
  const words = till.words();
  const { due_minor } = saleTotals(till);
  return ask<Receipt>(method === "cash" ? words.pay_cash : words.pay_card, (end) => {
    const problem = h("p", { class: "problem", attributes: { role: "alert" } });
    const take = h("button", { type: "submit", class: "primary" }, words.take_payment);
    const record = async (taken: Taken): Promise<void> => {
      // A second press must not be a second sale.
      if (take.disabled) return;
      take.disabled = true;
      try {
        const receipt = await recordSale(till, taken);
        till.setSale({ order: null, basket: emptyBasket });
        end(receipt);
      } catch (error) {
        console.error(error);
        take.disabled = false;
        problem.textContent = words.not_kept;
      }
    };
    const due = h("p", {}, `${words.due} `, h("b", { class: "large" }, till.money(due_minor)));
    const ends = h(
      "div",
      { class: "ends" },
      button(words.cancel, () => end()),
      take,
    );
    const form = (submit: () => void, ...children: (Node | false)[]): HTMLFormElement =>
      h(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              submit();
            },
          },
        },
        due,
        ...children.filter((child) => child !== false),
        problem,
        ends,
      );
    if (method === "card") {
      take.dataset["first"] = "";
      const reference = h("input", { type: "text", autocomplete: "off", maxLength: 200 });
      const submit = () => void record({ method, ...(reference.value.trim() === "" ? {} : { reference: reference.value.trim() }) });
      return [form(submit, h("p", { class: "soft" }, words.card_hint), field(words.card_reference, reference))];
    }

    const tendered = h("input", { type: "text", inputMode: "decimal", autocomplete: "off", value: amountText(due_minor, till.currency()) });
    tendered.dataset["first"] = "";
    const change = h("p", { class: "large", attributes: { role: "status" } });
    const drawChange = (): void => {
      const given = parseAmount(tendered.value, till.currency());
      change.textContent = given === null || given < due_minor ? "" : `${words.change} ${till.money(given - due_minor)}`;
      problem.textContent = "";
    };
    tendered.addEventListener("input", drawChange);
    tendered.addEventListener("focus", () => tendered.select());
    const submit = (): void => {
      const given = parseAmount(tendered.value, till.currency());
      if (given === null) problem.textContent = words.bad_amount;
      else if (given < due_minor) problem.textContent = words.not_enough;
      else void record({ method, tendered: given });
    };
    const quick = likelyTendered(due_minor, till.currency()).map((amount) =>
      button(amount === due_minor ? words.exact : till.money(amount), () => {
        tendered.value = amountText(amount, till.currency());
        drawChange();
        take.focus();
      }),
    );
    drawChange();
    return [form(submit, h("div", { class: "quick" }, ...quick), field(`${words.tendered} (${till.currency()})`, tendered), change)];
  });
}
