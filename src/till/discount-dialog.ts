import { amountText, parseAmount } from "./amounts.ts";
import type { Discount } from "./basket.ts";
import { ask, button, field, h } from "./dom.ts";
import type { Till } from "./till.ts";

/** A discount, null to take it away; undefined where it was left. */
export function askDiscount(till: Till, title: string, before: Discount | null): Promise<Discount | null | undefined> {
  const words = till.words();
  return ask<Discount | null>(title, (end) => {
    const problem = h("p", { class: "problem", attributes: { role: "alert" } });
    const number = (value: string) => h("input", { type: "text", inputMode: "decimal", autocomplete: "off", value });
    const percent = number(before?.kind === "percent" ? String(before.percent) : "");
    const amount = number(before?.kind === "amount" ? amountText(before.amount, till.currency()) : "");
    percent.dataset["first"] = "";
    const apply = (): void => {
      const share = Number(percent.value.replace(",", "."));
      const minor = parseAmount(amount.value, till.currency());
      if (percent.value !== "" && share > 0 && share <= 100) end({ kind: "percent", percent: share });
      else if (percent.value === "" && minor !== null && minor > 0) end({ kind: "amount", amount: minor });
      else problem.textContent = words.bad_amount;
    };
    const quick = [5, 10, 20, 50].map((share) => button(`${share} %`, () => end({ kind: "percent", percent: share })));
    return [
      h(
        "form",
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              apply();
            },
          },
        },
        h("div", { class: "quick" }, ...quick),
        field(`${words.percent} (%)`, percent),
        field(`${words.amount} (${till.currency()})`, amount),
        problem,
        h(
          "div",
          { class: "ends" },
          button(words.cancel, () => end()),
          before !== null && button(words.remove, () => end(null)),
          h("button", { type: "submit", class: "primary" }, words.apply),
        ),
      ),
    ];
  });
}
