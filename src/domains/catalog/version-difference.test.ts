import { describe, expect, test } from "vitest";
import { type OfferedContent, type OwnContent, shownFields, type VersionContent, versionDifference } from "./version-difference.ts";

const offered = (product: Partial<OfferedContent["product"]> = {}, variant: Partial<OfferedContent["variant"]> = {}): OfferedContent => ({
  product: {
    name: "Latte",
    description: "Two shots.",
    category_external_ids: ["drinks"],
    image_url: null,
    is_active: true,
    tags: [],
    allergens: ["milk"],
    tax_rate_e4: 90_000,
    modifier_groups: [{ external_id: "milk", min_select: null, max_select: null }],
    ...product,
  },
  variant: {
    item_code: "LATTE",
    name: null,
    barcode: null,
    base_price_minor: 500,
    currency: "SGD",
    is_active: true,
    attributes: {},
    bundle: [],
    ...variant,
  },
});
const ours = (product: Record<string, unknown> = {}, variant: Record<string, unknown> = {}): OwnContent => ({
  product: { hidden: false, ...product },
  variant: { hidden: false, own_name: null, ...variant },
});
const at = (content: Partial<VersionContent>): VersionContent => ({ offered: null, is_missing: false, ours: null, ...content });

describe("what a version changed", () => {
  test.each<[string, Partial<VersionContent>, Partial<VersionContent>, unknown[]]>([
    ["nothing for the first", {}, { offered: offered() }, []],
    ["nothing where nothing changed", { offered: offered() }, { offered: offered() }, []],
    [
      "the provider's changes",
      { offered: offered() },
      { offered: offered({ name: "Caffè latte", tax_rate_e4: 85_000 }, { base_price_minor: 550 }) },
      [
        { field: "name", from: "Latte", to: "Caffè latte" },
        { field: "tax_rate", from: 9, to: 8.5 },
        { field: "base_price", from: 500, to: 550 },
      ],
    ],
    [
      "an edit over what the provider has",
      { offered: offered() },
      { offered: offered(), ours: ours({ name: "House latte", tags: ["hot"] }) },
      [
        { field: "name", from: "Latte", to: "House latte" },
        { field: "tags", from: [], to: ["hot"] },
      ],
    ],
    [
      "what the provider changed and we kept",
      { offered: offered(), ours: ours({ name: "House latte" }) },
      { offered: offered({ name: "Caffè latte" }), ours: ours({ name: "House latte" }) },
      [{ field: "name", from: "Latte", to: "Caffè latte", held: true }],
    ],
    [
      "a field given back",
      { offered: offered(), ours: ours({ name: "House latte" }) },
      { offered: offered(), ours: ours() },
      [{ field: "name", from: "House latte", to: "Latte" }],
    ],
    [
      "hidden by hand",
      { offered: offered() },
      { offered: offered(), ours: ours({}, { hidden: true }) },
      [{ field: "visible", from: true, to: false }],
    ],
    [
      "missing from a payload that hides",
      { offered: offered() },
      { offered: offered(), is_missing: true },
      [{ field: "visible", from: true, to: false }],
    ],
    [
      "a description that is no more, and parts of a bundle",
      { offered: offered() },
      { offered: offered({ description: null }, { bundle: [{ item_code: "BUN", quantity_e4: 15_000 }] }) },
      [
        { field: "description", from: "Two shots.", to: null },
        { field: "bundle", from: [], to: [{ item_code: "BUN", quantity: 1.5 }] },
      ],
    ],
    [
      "not the order of attributes",
      { offered: offered({}, { attributes: { a: "1", b: "2" } }) },
      { offered: offered({}, { attributes: { b: "2", a: "1" } }) },
      [],
    ],
    [
      "an item of our own",
      { ours: ours({ name: "Blend" }, { item_code: "B" }) },
      { ours: ours({ name: "Best blend" }, { item_code: "B" }) },
      [{ field: "name", from: "Blend", to: "Best blend" }],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(versionDifference(at(before), at(after))).toEqual(expected);
  });

  test("what is shown is ours over the provider's", () => {
    const shown = shownFields(at({ offered: offered(), ours: ours({ name: "House latte" }, { own_name: "Big one" }) }));
    expect(shown).toMatchObject({ name: "House latte", description: "Two shots.", own_name: "Big one", visible: true, item_code: "LATTE" });
  });
});
