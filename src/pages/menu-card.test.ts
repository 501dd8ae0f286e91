import { describe, expect, test } from "vitest";
import { variantDisplayName } from "../domains/catalog/variant-name.ts";
import type { StorefrontItem } from "../domains/menu/index.ts";
import { menuCards } from "./menu-card.ts";

const anItem = (name: string, changes: Partial<StorefrontItem> = {}): StorefrontItem => ({
  code: name,
  variant_id: name,
  product_id: "p1",
  name,
  description: "Black kopi.",
  price: 200,
  image_url: null,
  tax_rate: null,
  tags: [],
  allergens: [],
  modifier_groups: [],
  bundle: [],
  ...changes,
});

/** `Kopi: Hot 200, Iced 260`, or the name alone. */
const shown = (items: StorefrontItem[]): string[] =>
  menuCards(items).map(({ title, choices }) =>
    choices.length === 0 ? title : `${title}: ${choices.map(({ name, price }) => `${name} ${price}`).join(", ")}`,
  );

test("variants of one product, as catalog names them, are one card with a choice each", () => {
  const named = (option_name: string) => variantDisplayName({ name: "Kopi", variant_count: 2, option_name, own_name: null });
  expect(shown([anItem(named("Hot")), anItem(named("Iced"), { price: 260 })])).toEqual(["Kopi: Hot 200, Iced 260"]);
});

test("the card carries what its variants share", () => {
  const [card] = menuCards([anItem("Kopi – Hot", { allergens: ["milk"] }), anItem("Kopi – Iced", { allergens: ["milk"] })]);
  expect(card?.item).toMatchObject({ description: "Black kopi.", allergens: ["milk"] });
});

describe("stay apart", () => {
  const group = { id: "g", name: "Sweetness", min: 1, max: 1, options: [] };
  test.each<[string, Partial<StorefrontItem>]>([
    ["of another product", { product_id: "p2" }],
    ["with other allergens", { allergens: ["milk"] }],
    ["with another description", { description: "With ice." }],
    ["with another picture", { image_url: "/media/t/items/a.webp" }],
    ["with other tags", { tags: ["new"] }],
    ["with other choices", { modifier_groups: [group] }],
    ["with something in it", { bundle: [{ code: "a", name: "Toast", quantity: 1 }] }],
  ])("an item %s", (_what, changes) => {
    expect(shown([anItem("Kopi – Hot"), anItem("Kopi – Iced", changes)])).toEqual(["Kopi – Hot", "Kopi – Iced"]);
  });

  test("variants with other items between them, or with names of their own", () => {
    expect(shown([anItem("Kopi – Hot"), anItem("Teh", { product_id: "p2" }), anItem("Kopi – Iced")])).toHaveLength(3);
    expect(shown([anItem("Kopi"), anItem("Kopi peng"), anItem("– Kopi")])).toEqual(["Kopi", "Kopi peng", "– Kopi"]);
    expect(shown([anItem("Kopi – Hot"), anItem("Kopi O – Hot")])).toEqual(["Kopi – Hot", "Kopi O – Hot"]);
  });
});

test("a product with the sign in its own name keeps it", () => {
  expect(shown([anItem("Set – A – Small"), anItem("Set – A – Large"), anItem("Set – B – Small")])).toEqual([
    "Set – A: Small 200, Large 200",
    "Set – B – Small",
  ]);
});

test("order and number stay what they are", () => {
  const items = [anItem("B – 1"), anItem("B – 2"), anItem("A", { product_id: "p0" }), anItem("B – 3"), anItem("B – 4")];
  expect(shown(items)).toEqual(["B: 1 200, 2 200", "A", "B: 3 200, 4 200"]);
  expect(menuCards([])).toEqual([]);
});
