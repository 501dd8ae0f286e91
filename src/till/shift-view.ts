import { parseAmount } from "./amounts.ts";
import { ask, button, draw, field, h } from "./dom.ts";
import { takings } from "./model.ts";
import type { Till } from "./till.ts";
import type { View } from "./view.ts";

/** The drawer: opened with so much, cash put in and taken out, counted at the end. */
export function shiftView(till: Till): View {
  const element = h("div", { class: "page" });

  const askAmount = (title: string, label: string, withReason = false): Promise<{ amount: number; reason: string } | undefined> => {
    const words = till.words();
    return ask(title, (end) => {
      const problem = h("p", { class: "problem", attributes: { role: "alert" } });
      const amount = h("input", { type: "text", inputMode: "decimal", autocomplete: "off", attributes: { "data-first": "" } });
      const reason = h("input", { type: "text", autocomplete: "off", maxLength: 500 });
      const submit = (event: Event): void => {
        event.preventDefault();
        const minor = parseAmount(amount.value, till.currency());
        if (minor === null) problem.textContent = words.bad_amount;
        else end({ amount: minor, reason: reason.value.trim() });
      };
      return [
        h(
          "form",
          { on: { submit } },
          field(`${label} (${till.currency()})`, amount),
          withReason && field(words.cash_reason, reason),
          problem,
          h(
            "div",
            { class: "ends" },
            button(words.cancel, () => end()),
            h("button", { type: "submit", class: "primary" }, title),
          ),
        ),
      ];
    });
  };

  const open = async (): Promise<void> => {
    const words = till.words();
    const answer = await askAmount(words.shift_open, words.shift_opening);
    if (!answer) return;
    const payload = { shift_id: till.client.newId(), currency: till.currency(), opening_amount: answer.amount };
    await till.client.record([{ type: "shift.open", payload }]);
  };

  const move = async (direction: "in" | "out"): Promise<void> => {
    const words = till.words();
    const answer = await askAmount(direction === "in" ? words.cash_in : words.cash_out, words.amount, true);
    const { shift } = till.state();
    if (!answer || !shift) return;
    const { amount, reason } = answer;
    const payload = { shift_id: shift.id, movement_id: till.client.newId(), direction, amount, ...(reason === "" ? {} : { reason }) };
    await till.client.record([{ type: "cash.movement", payload }]);
  };

  const close = async (): Promise<void> => {
    const words = till.words();
    // Counted before it is told what should be there.
    const answer = await askAmount(words.shift_close, words.shift_counted);
    const { shift, receipts } = till.state();
    if (!answer || !shift) return;
    await till.client.record([{ type: "shift.close", payload: { shift_id: shift.id, counted_amount: answer.amount } }]);
    const taken = takings(receipts, shift.id);
    const moved = shift.moved.reduce((sum, { amount }) => sum + amount, 0);
    const expected = shift.opening_amount + taken.cash + moved;
    await ask(words.shift_closed, (end) => [
      sums([
        [words.sales, String(taken.sales)],
        [words.shift_opening, till.money(shift.opening_amount)],
        [words.cash_sales, till.money(taken.cash)],
        [words.card_sales, till.money(taken.card)],
        [words.cash_moved, till.money(moved)],
        [words.shift_expected, till.money(expected)],
        [words.shift_counted, till.money(answer.amount)],
        [words.shift_difference, till.money(answer.amount - expected)],
      ]),
      h(
        "div",
        { class: "ends" },
        button(words.close, () => end(), { class: "primary", attributes: { "data-first": "" } }),
      ),
    ]);
  };

  const sums = (rows: [string, string][]): HTMLElement =>
    h("dl", { class: "sums" }, ...rows.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));

  const redraw = (): void => {
    const words = till.words();
    const { shift, receipts } = till.state();
    const heading = h("h1", {}, words.shift);
    if (!shift) {
      draw(
        element,
        heading,
        h("p", {}, words.shift_none),
        h(
          "div",
          { class: "ends" },
          button(words.shift_open, () => void open(), { class: "primary", key: "open" }),
        ),
      );
      return;
    }
    const { sales } = takings(receipts, shift.id);
    draw(
      element,
      heading,
      h("p", {}, words.shift_opened(till.dateTime(Date.parse(shift.opened_at)))),
      sums([
        [words.shift_opening, till.money(shift.opening_amount)],
        [words.sales, String(sales)],
      ]),
      h(
        "div",
        { class: "ends" },
        button(words.cash_in, () => void move("in"), { key: "in" }),
        button(words.cash_out, () => void move("out"), { key: "out" }),
        button(words.shift_close, () => void close(), { class: "primary", key: "close" }),
      ),
    );
  };
  redraw();
  return { element, refresh: (part) => (part === "work" || part === "copy") && redraw() };
}
