import type { Modifier } from "../client/index.ts";
import { ask, button, h } from "./dom.ts";
import { brokenGroup, type MenuItem, type ModifierGroup, standardChoices } from "./menu.ts";
import type { Till } from "./till.ts";

/** The choices that an item wants, from the standard ones on. Undefined where it was left. */
export function askChoices(till: Till, item: MenuItem): Promise<Modifier[] | undefined> {
  const words = till.words();
  const groups = item.modifier_groups;
  const chosen = standardChoices(groups);
  return ask<Modifier[]>(item.name, (end) => {
    const problem = h("p", { class: "problem", attributes: { role: "alert" } });
    const total = h("output", {});
    const add = button(words.add, () => finish(), { class: "primary" });
    const drawTotal = (): void => {
      total.textContent = till.money(item.price + modifiers().reduce((sum, { price }) => sum + price, 0));
    };
    const modifiers = (): Modifier[] =>
      groups.flatMap(({ options }) =>
        options.filter(({ id }) => chosen.has(id)).map(({ id, name, price }) => ({ option_id: id, name, price, quantity: 1 })),
      );
    const finish = (): void => {
      const broken = brokenGroup(groups, chosen);
      if (!broken) end(modifiers());
      else problem.textContent = words.choose_first(broken.name);
    };
    const option = (group: ModifierGroup, { id, name, price }: ModifierGroup["options"][number]): HTMLElement => {
      const isOne = group.max === 1 && group.min === 1;
      const input = h("input", {
        type: isOne ? "radio" : "checkbox",
        name: group.id,
        checked: chosen.has(id),
        on: {
          change: () => {
            if (isOne) for (const other of group.options) chosen.delete(other.id);
            if (input.checked) chosen.add(id);
            else chosen.delete(id);
            problem.textContent = "";
            drawTotal();
          },
        },
      });
      return h(
        "label",
        { class: "option" },
        input,
        h("span", {}, name),
        price !== 0 && h("span", { class: "soft" }, `+ ${till.money(price)}`),
      );
    };
    drawTotal();
    return [
      ...groups.map((group) =>
        h(
          "fieldset",
          {},
          h("legend", {}, group.name, h("small", {}, ` ${words.choose(group.min, group.max)}`)),
          ...group.options.map((each) => option(group, each)),
        ),
      ),
      problem,
      h(
        "div",
        { class: "ends" },
        button(words.cancel, () => end()),
        total,
        add,
      ),
    ];
  });
}
