import { withItem } from "./basket.ts";
import { drawBasket } from "./basket-part.ts";
import { button, draw, h } from "./dom.ts";
import { askChoices } from "./item-dialog.ts";
import { findItems, type MenuItem } from "./menu.ts";
import type { Part, Till } from "./till.ts";
import type { View } from "./view.ts";

/** The menu on one side, the basket on the other. */
export function sellView(till: Till): View {
  const words = till.words();
  let category: string | null = null;
  const search = h("input", {
    type: "search",
    autocomplete: "off",
    placeholder: words.search_hint,
    attributes: { "aria-label": words.search, enterkeyhint: "search" },
    on: {
      input: () => drawItems(),
      keydown: (event) => {
        // A scanner types the code and presses Enter.
        if (event.key !== "Enter") return;
        event.preventDefault();
        const [only, ...others] = found();
        if (only && others.length === 0) void addItem(only).then(clearSearch);
      },
    },
  });
  const categories = h("nav", { class: "categories", attributes: { "aria-label": words.categories } });
  const items = h("div", { class: "items" });
  const basket = h("aside", { class: "basket", attributes: { "aria-label": words.basket } });

  const found = (): MenuItem[] => {
    const { menu, barcodes } = till.state();
    return menu ? findItems(menu, category, search.value, barcodes) : [];
  };
  const clearSearch = (): void => {
    search.value = "";
    drawItems();
  };
  const addItem = async (item: MenuItem): Promise<void> => {
    const modifiers = item.modifier_groups.length > 0 ? await askChoices(till, item) : [];
    if (modifiers) till.setSale({ basket: withItem(till.sale().basket, item, modifiers, till.client.newId()) });
  };

  const drawCategories = (): void => {
    const { menu } = till.state();
    const chips = [{ id: null as string | null, name: words.all_items }, ...(menu?.categories ?? [])].map(({ id, name }) =>
      button(name, () => choose(id), { key: `category ${id}`, attributes: { "aria-pressed": String(category === id) } }),
    );
    draw(categories, ...(menu ? chips : []));
  };
  const choose = (id: string | null): void => {
    category = id;
    search.value = "";
    drawCategories();
    drawItems();
  };
  const drawItems = (): void => {
    const { menu, unorderable } = till.state();
    const shown = found();
    if (shown.length === 0) {
      draw(items, h("p", { class: "soft", attributes: { role: "status" } }, menu ? words.nothing_found : words.loading));
      return;
    }
    draw(
      items,
      h(
        "ul",
        {},
        ...shown.map((item) => {
          const reason = unorderable.get(item.code);
          return h(
            "li",
            {},
            h(
              "button",
              {
                type: "button",
                class: reason === undefined ? "item" : "item out",
                key: `item ${item.variant_id}`,
                attributes: { "data-code": item.code },
                on: { click: () => void addItem(item) },
              },
              h("b", {}, item.name),
              h("span", {}, till.money(item.price)),
              // Said, not held to: what is on the counter can be sold.
              reason !== undefined && h("small", {}, words.not_orderable[reason] ?? words.not_orderable["hidden"]),
            ),
          );
        }),
      ),
    );
  };

  const refresh = (part: Part): void => {
    if (part === "menu" || part === "copy") {
      drawCategories();
      drawItems();
    }
    if (part === "sale" || part === "copy" || part === "menu") drawBasket(till, basket);
  };
  refresh("menu");
  const element = h(
    "div",
    { class: "sell" },
    h("div", { class: "menu" }, h("h1", { class: "unseen" }, words.sell), search, categories, items),
    basket,
  );
  return { element, refresh, focusSearch: () => search.focus() };
}
