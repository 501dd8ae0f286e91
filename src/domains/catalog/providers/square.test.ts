import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { expectSoundCatalog } from "../../../../test/support/node/expect-sound-catalog.ts";
import { AppError } from "../../../kernel/errors.ts";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { mapSquare as squareSteps } from "./square.ts";

const USD = { currency: "USD" };
const mapSquare = (payload: unknown, context: ProviderContext): CanonicalCatalog => completed(squareSteps(payload, context));
const fixtures = resolve(process.cwd(), process.env.SERVERY_FIXTURES ?? "../shared/fixtures", "square");
const hasFixtures = existsSync(fixtures);
if (!hasFixtures) console.info(`Square fixtures skipped: ${fixtures} is absent (set SERVERY_FIXTURES).`);

const fixture = (name: string): unknown => JSON.parse(readFileSync(resolve(fixtures, name), "utf8"));
const variantsOf = (catalog: CanonicalCatalog): CanonicalVariant[] => catalog.products.flatMap(({ variants }) => variants);

describe.skipIf(!hasFixtures)("Square's own examples", () => {
  test("a list: one category, the tax is no row", () => {
    expect(mapSquare(fixture("api-list-catalog.response.json"), USD)).toEqual({
      categories: [{ external_id: "5ZYQZZ2IECPVJ2IJ5KQPRDC3", name: "Beverages", parent_external_id: null, position: 0 }],
      modifier_groups: [],
      products: [],
      row_errors: [],
      stock: [],
    });
  });

  test("a search: two teas, three variations, categories and taxes that were not sent keep their ids", () => {
    const catalog = mapSquare(fixture("api-search-catalog-objects.response.json"), USD);
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.products.map(({ name }) => name)).toEqual(["Tea - Black", "Tea - Green"]);
    expect(catalog.products[0]).toEqual({
      external_id: "X5DZ5NWWAQ44CKBLKIFQGOWK",
      name: "Tea - Black",
      description: "A delicious blend of black tea.",
      category_external_ids: ["E7CLE5RZZ744BHWVQQEAHI2C"],
      image_url: null,
      is_active: true,
      tags: [],
      allergens: [],
      tax_rate_e4: null,
      modifier_groups: [],
      provider_version: 1509032492337,
      unresolved: ["tax_rate_e4"],
      variants: [
        {
          position: "objects[0].item_data.variations[0]",
          external_id: "5GSZPX6EU7MM75S57OONG3V5",
          item_code: "5GSZPX6EU7MM75S57OONG3V5",
          name: "Regular",
          barcode: null,
          base_price_minor: 150,
          currency: "USD",
          is_active: true,
          attributes: {},
          bundle: [],
        },
        {
          position: "objects[0].item_data.variations[1]",
          external_id: "XVLBN7DU6JTWHJTG5F265B43",
          item_code: "XVLBN7DU6JTWHJTG5F265B43",
          name: "Large",
          barcode: null,
          base_price_minor: 225,
          currency: "USD",
          is_active: true,
          attributes: {},
          bundle: [],
        },
      ],
    });
    expect(catalog.products[1]?.variants.map(({ name, base_price_minor }) => [name, base_price_minor])).toEqual([[null, 150]]);
  });

  test("a batch retrieve: the related objects give category and tax", () => {
    const catalog = mapSquare(fixture("api-batch-retrieve-catalog-objects.response.json"), USD);
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.categories).toEqual([
      { external_id: "BJNQCF2FJ6S6UIDT65ABHLRX", name: "Beverages", parent_external_id: null, position: 0 },
    ]);
    expect(
      catalog.products.map((product) => ({
        ...product,
        variants: product.variants.map(({ name, base_price_minor }) => [name, base_price_minor]),
      })),
    ).toMatchObject([
      {
        name: "Tea",
        description: "Hot Leaf Juice",
        category_external_ids: ["BJNQCF2FJ6S6UIDT65ABHLRX"],
        tax_rate_e4: 50_000,
        provider_version: 1479335124878,
        variants: [[null, 150]],
      },
      {
        name: "Coffee",
        category_external_ids: ["BJNQCF2FJ6S6UIDT65ABHLRX"],
        tax_rate_e4: 50_000,
        variants: [
          ["Regular", 250],
          ["Large", 350],
        ],
      },
    ]);
  });

  test("a modifier list by itself: SINGLE is at most one, modifiers without an id are numbered", () => {
    expect(mapSquare(fixture("api-catalog-modifier-list.object.json"), USD)).toEqual({
      categories: [],
      products: [],
      row_errors: [],
      stock: [],
      modifier_groups: [
        {
          external_id: "#MilkType",
          name: "Milk Type",
          min_select: 0,
          max_select: 1,
          provider_version: null,
          options: [
            { external_id: "#MilkType/0", name: "Whole Milk", price_delta_minor: 0, item_code: null, is_active: true, is_default: false },
            {
              external_id: "#MilkType/1",
              name: "Almond Milk",
              price_delta_minor: 250,
              item_code: null,
              is_active: true,
              is_default: false,
            },
            { external_id: "#MilkType/2", name: "Soy Milk", price_delta_minor: 250, item_code: null, is_active: true, is_default: false },
          ],
        },
      ],
    });
  });

  test("an item without variations cannot be sold", () => {
    const catalog = mapSquare(fixture("api-catalog-item.object.json"), USD);
    expect(catalog.products).toEqual([]);
    expect(catalog.row_errors).toMatchObject([{ position: "object", item_code: null, reason: "VARIATIONS_MISSING" }]);
  });

  test("a tax by itself holds nothing that is sold", () => {
    const catalog = mapSquare(fixture("api-catalog-tax.object.json"), USD);
    expect(catalog).toEqual({ categories: [], modifier_groups: [], products: [], row_errors: [], stock: [] });
  });

  test("the café seed in camelCase: 8 items, 27 variations, 3 categories, 10 % tax", () => {
    const catalog = mapSquare(fixture("seed-graphql-sample-app.json"), USD);
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.categories.map(({ name }) => name)).toEqual(["Baked Goods", "Drinks", "Breakfast"]);
    expect(catalog.products).toHaveLength(8);
    expect(variantsOf(catalog)).toHaveLength(27);
    expect(new Set(catalog.products.map(({ tax_rate_e4 }) => tax_rate_e4))).toEqual(new Set([100_000]));
    const muffin = catalog.products.find(({ external_id }) => external_id === "#muffin");
    expect(muffin?.category_external_ids).toEqual(["#bakedGoods"]);
    expect(muffin?.variants.map(({ item_code, name, base_price_minor }) => [item_code, name, base_price_minor])).toEqual([
      ["#regularMuffin", "Plain muffin", 225],
      ["#blueberry", "Blueberry", 300],
      ["#appleCinnamon", "Apple Cinnamon", 325],
      ["#chocolateChip", "Chocolate Chip", 250],
      ["#bananaNut", "Banana Nut", 300],
      ["#carrot", "Carrot with Walnuts", 300],
      ["#raisin", "Raisin Bran", 225],
      ["#doubleChocolate", "Double Chocolate Chip", 275],
    ]);
    expect(muffin?.variants[0]?.position).toBe("catalog[8].itemData.variations[0]");
    expect(catalog.products.find(({ name }) => name === "Coffee Cake")?.variants).toMatchObject([
      { item_code: "#regularCoffeeCake", name: null, base_price_minor: 350, currency: "USD" },
    ]);
  });

  test("the restaurant seed: every price is in the unknown currency CURRENCY, so every variation fails by itself", () => {
    const catalog = mapSquare(fixture("seed-orders-payments.json"), USD);
    expect(catalog.categories.map(({ external_id, name }) => [external_id, name])).toEqual([
      ["#Breakfast Category", "Breakfast"],
      ["#Entree Category", "Entree"],
    ]);
    expect(catalog.products).toEqual([]);
    expect(catalog.row_errors).toHaveLength(12);
    expect(new Set(catalog.row_errors.map(({ reason }) => reason))).toEqual(new Set(["CURRENCY_UNKNOWN"]));
    expect(catalog.row_errors[0]).toMatchObject({
      position: '["#Bacon Cheeseburger"].data.itemData.variations[0]',
      item_code: "#Regular Bacon Cheeseburger",
    });
  });

  test("the restaurant seed with a real currency: 12 items, relative pictures are none", () => {
    const seed = JSON.stringify(fixture("seed-orders-payments.json")).replaceAll('"CURRENCY"', '"USD"');
    const catalog = mapSquare(JSON.parse(seed), USD);
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.products).toHaveLength(12);
    expect(variantsOf(catalog).map(({ base_price_minor }) => base_price_minor)).toEqual([
      995, 675, 495, 1195, 895, 695, 495, 495, 995, 1495, 695, 695,
    ]);
    expect(new Set(catalog.products.map(({ image_url, tax_rate_e4 }) => `${image_url} ${tax_rate_e4}`))).toEqual(new Set(["null 85000"]));
  });

  test.each([
    "api-retrieve-inventory-changes.response.json",
    "api-create-order.request.json",
    "api-create-order.response.json",
    "webhook-catalog.version.updated.json",
    "webhook-order.created.json",
  ])("%s is no catalogue", (name) => {
    expect(() => mapSquare(fixture(name), USD)).toThrow(expect.objectContaining({ code: "PAYLOAD_UNREADABLE" }));
  });
});

const variation = (id: string, data: object = {}, object: object = {}): object => ({
  type: "ITEM_VARIATION",
  id,
  ...object,
  item_variation_data: { name: id, pricing_type: "FIXED_PRICING", price_money: { amount: 100, currency: "USD" }, ...data },
});
const item = (id: string, data: object = {}, object: object = {}): object => ({
  type: "ITEM",
  id,
  ...object,
  item_data: { name: id, variations: [variation(`${id}-v`)], ...data },
});
const modifierList = (id: string, data: object = {}): object => ({
  type: "MODIFIER_LIST",
  id,
  modifier_list_data: {
    name: id,
    modifiers: [1, 2, 3].map((n) => ({ type: "MODIFIER", id: `${id}-${n}`, modifier_data: { name: `Option ${n}`, ordinal: 4 - n } })),
    ...data,
  },
});
const map = (...objects: unknown[]): CanonicalCatalog => mapSquare({ objects }, USD);

describe("bounds of modifier lists", () => {
  test.each([
    [{}, 0, null],
    [{ selection_type: "SINGLE" }, 0, 1],
    [{ selection_type: "SINGLE", min_selected_modifiers: -1, max_selected_modifiers: -1 }, 0, 1],
    [{ selection_type: "MULTIPLE" }, 0, null],
    [{ min_selected_modifiers: 1, max_selected_modifiers: 0 }, 1, null],
    [{ min_selected_modifiers: 0, max_selected_modifiers: 2 }, 0, 2],
    [{ min_selected_modifiers: 5, max_selected_modifiers: 9, allow_quantities: true }, 5, 9],
  ])("%j is %s to %s", (data, min, max) => {
    const catalog = map(modifierList("L", data));
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.modifier_groups).toMatchObject([{ min_select: min, max_select: max }]);
  });

  test.each([
    [{}, null, null],
    [{ min_selected_modifiers: -1, max_selected_modifiers: -1 }, null, null],
    [{ min_selected_modifiers: 0, max_selected_modifiers: 0 }, 0, "unlimited"],
    [{ min_selected_modifiers: -2, max_selected_modifiers: -2 }, 0, "unlimited"],
    [{ min_selected_modifiers: 1, max_selected_modifiers: 2 }, 1, 2],
  ])("an item's %j overrides the list's with %s to %s", (info, min, max) => {
    const link = { modifier_list_id: "L", enabled: true, ...info };
    const catalog = map(modifierList("L"), item("I", { modifier_list_info: [link] }));
    expect(catalog.products[0]?.modifier_groups).toEqual([{ external_id: "L", min_select: min, max_select: max }]);
  });

  test("a choice that nobody can make refuses the list, and the items that use it", () => {
    const catalog = map(modifierList("L", { min_selected_modifiers: 4 }), item("I", { modifier_list_info: [{ modifier_list_id: "L" }] }));
    expect(catalog.modifier_groups).toEqual([]);
    expect(catalog.row_errors).toMatchObject([
      { position: "objects[0]", reason: "SELECTION_IMPOSSIBLE" },
      { position: "objects[1].item_data.variations[0]", item_code: "I-v", reason: "MODIFIER_GROUP_REFUSED" },
    ]);
  });

  test("links that are disabled, deleted, a text field, empty or hidden are left out, one not in the payload stays; the order is the ordinal's", () => {
    const catalog = map(
      modifierList("A"),
      modifierList("B"),
      modifierList("Text", { modifier_type: "TEXT", modifiers: [] }),
      modifierList("Empty", { modifiers: [] }),
      modifierList("Hidden", { hidden_from_customer: true }),
      { ...modifierList("Gone"), is_deleted: true },
      item("I", {
        modifier_list_info: [
          ...["Text", "Empty", "Hidden", "Gone", "Absent"].map((id) => ({ modifier_list_id: id })),
          { modifier_list_id: "A", ordinal: 2 },
          { modifier_list_id: "B", ordinal: 1 },
          { modifier_list_id: "B", enabled: false },
        ],
      }),
    );
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.modifier_groups.map(({ external_id }) => external_id)).toEqual(["A", "B"]);
    expect(catalog.products[0]?.modifier_groups.map(({ external_id }) => external_id)).toEqual(["B", "A", "Absent"]);
  });

  test("options: ordinal order, absent prices are free, a bad price costs that option only", () => {
    const modifiers = [
      { id: "dear", modifier_data: { name: "Dear", price_money: { amount: 50, currency: "USD" }, on_by_default: true } },
      { id: "free", modifier_data: { name: "Free", price_money: { currency: "USD" } } },
      { id: "gone", is_deleted: true, modifier_data: { name: "Gone" } },
      { id: "below", modifier_data: { name: "Below", price_money: { amount: -5, currency: "USD" } } },
    ];
    const catalog = map(modifierList("L", { modifiers }));
    expect(
      catalog.modifier_groups[0]?.options.map((one) => [one.external_id, one.price_delta_minor, one.is_active, one.is_default]),
    ).toEqual([
      ["dear", 50, true, true],
      ["free", 0, true, false],
      ["gone", 0, false, false],
    ]);
    expect(catalog.row_errors).toMatchObject([{ position: "objects[0].modifier_list_data.modifiers[3]", reason: "PRICE_NEGATIVE" }]);
  });
});

describe("items and variations", () => {
  test("the SKU is the item code, the id where there is none; barcode from upc", () => {
    const catalog = map(item("I", { variations: [variation("a", { sku: " TEA-1 ", upc: "4006381333931" }), variation("b", { sku: "" })] }));
    expect(variantsOf(catalog)).toMatchObject([
      { external_id: "a", item_code: "TEA-1", barcode: "4006381333931" },
      { external_id: "b", item_code: "b", barcode: null },
    ]);
  });

  test("no price under VARIABLE_PRICING and where no amount is stated; the source's currency where none is", () => {
    const catalog = map(
      item("I", {
        variations: [
          variation("variable", { pricing_type: "VARIABLE_PRICING" }),
          variation("no-amount", { price_money: { currency: "USD" } }),
          variation("no-money", { price_money: undefined }),
          variation("no-currency", { price_money: { amount: 0 } }),
          variation("text", { price_money: { amount: "1250", currency: "JPY" } }),
        ],
      }),
    );
    expect(catalog.row_errors).toEqual([]);
    expect(variantsOf(catalog).map(({ item_code, base_price_minor, currency }) => [item_code, base_price_minor, currency])).toEqual([
      ["variable", null, null],
      ["no-amount", null, null],
      ["no-money", null, null],
      ["no-currency", 0, "USD"],
      ["text", 1250, "JPY"],
    ]);
  });

  test.each([
    [{ price_money: { amount: -1, currency: "USD" } }, "PRICE_NEGATIVE"],
    [{ price_money: { amount: 1.5, currency: "USD" } }, "PRICE_NOT_INTEGER"],
    [{ price_money: { amount: 2 ** 53, currency: "USD" } }, "PRICE_INVALID"],
    [{ price_money: 100 }, "PRICE_INVALID"],
    [{ price_money: { amount: 1, currency: "usd" } }, "CURRENCY_UNKNOWN"],
    [{ sku: "x".repeat(256) }, "ITEM_CODE_INVALID"],
  ])("%j fails that variation only: %s", (data, reason) => {
    const catalog = map(item("I", { variations: [variation("good"), variation("bad", data)] }));
    expect(variantsOf(catalog).map(({ external_id }) => external_id)).toEqual(["good"]);
    expect(catalog.row_errors).toMatchObject([{ position: "objects[0].item_data.variations[1]", reason }]);
  });

  test("deleted, archived and absent everywhere is inactive, and the id stays", () => {
    const nowhere = { present_at_all_locations: false };
    const catalog = map(
      item("deleted", {}, { is_deleted: true }),
      item("archived", { is_archived: true }),
      item("nowhere", {}, nowhere),
      item("somewhere", {}, { ...nowhere, present_at_location_ids: ["L1"] }),
      item("half", {
        variations: [variation("on"), variation("off", {}, { is_deleted: true }), variation("kept-back", { sellable: false })],
      }),
    );
    expect(catalog.products.map(({ external_id, is_active }) => [external_id, is_active])).toEqual([
      ["deleted", false],
      ["archived", false],
      ["nowhere", false],
      ["somewhere", true],
      ["half", true],
    ]);
    expect(catalog.products[4]?.variants.map(({ item_code, is_active }) => [item_code, is_active])).toEqual([
      ["on", true],
      ["off", false],
      ["kept-back", false],
    ]);
  });

  test("duplicate ids and SKUs name both places; the first stands", () => {
    const catalog = map(
      item("I", { variations: [variation("a", { sku: "S" }), variation("b", { sku: "S" }), variation("a", { sku: "T" })] }),
      item("I", { variations: [variation("c"), variation("d")] }),
    );
    expect(variantsOf(catalog).map(({ external_id, item_code }) => [external_id, item_code])).toEqual([["a", "S"]]);
    expect(catalog.row_errors.map(({ position, item_code, reason }) => [position, item_code, reason])).toEqual([
      ["objects[0].item_data.variations[1]", "S", "DUPLICATE_ITEM_CODE"],
      ["objects[0].item_data.variations[2]", "T", "DUPLICATE_EXTERNAL_ID"],
      ["objects[1].item_data.variations[0]", "c", "DUPLICATE_EXTERNAL_ID"],
      ["objects[1].item_data.variations[1]", "d", "DUPLICATE_EXTERNAL_ID"],
    ]);
    expect(catalog.row_errors[0]?.message).toContain("objects[0].item_data.variations[0]");
  });

  test("an object among the related ones and elsewhere is one; variations that stand alone join their item once", () => {
    const catalog = mapSquare(
      {
        objects: [item("I"), variation("I-v", { item_id: "I" }), variation("more", { item_id: "I" }), variation("lost", { item_id: "X" })],
        related_objects: [item("I"), { type: "CATEGORY", id: "C", category_data: { name: "Cold" } }],
      },
      USD,
    );
    expect(variantsOf(catalog).map(({ item_code, name }) => [item_code, name])).toEqual([
      ["I-v", "I-v"],
      ["more", "more"],
    ]);
    expect(catalog.categories).toHaveLength(1);
    expect(catalog.row_errors).toMatchObject([{ position: "objects[3]", item_code: "lost", reason: "ITEM_UNKNOWN" }]);
  });

  test("version: the newest of item and variations, else the time of change", () => {
    const catalog = map(
      item("a", { variations: [variation("a1", {}, { version: 9 })] }, { version: "7", updated_at: "2024-01-01T00:00:00Z" }),
      item("b", {}, { updated_at: "2024-01-01T00:00:00Z" }),
      item("c"),
    );
    expect(catalog.products.map(({ provider_version }) => provider_version)).toEqual([9, Date.UTC(2024, 0, 1), null]);
  });

  test("categories with fall-back, picture, food details, description, taxes and options", () => {
    const catalog = map(
      { type: "CATEGORY", id: "C1", category_data: { name: "Hot", parent_category: { id: "C2" } } },
      { type: "CATEGORY", id: "C2", category_data: { name: "Drinks", parent_category: { id: "absent" } } },
      { type: "IMAGE", id: "P0", image_data: { url: "/relative.png" } },
      { type: "IMAGE", id: "P1", image_data: { url: "https://images.example/tea.png" } },
      { type: "TAX", id: "T1", tax_data: { percentage: "5.0", calculation_phase: "TAX_SUBTOTAL_PHASE" } },
      { type: "TAX", id: "T2", tax_data: { percentage: "10", calculation_phase: "TAX_TOTAL_PHASE", enabled: true } },
      { type: "TAX", id: "T3", tax_data: { percentage: "99", enabled: false } },
      {
        type: "ITEM_OPTION",
        id: "O",
        item_option_data: { name: "Size", values: [{ type: "ITEM_OPTION_VAL", id: "OV", item_option_value_data: { name: "Big" } }] },
      },
      item("I", {
        categories: [{ id: "C1" }, { id: "absent" }],
        category_id: "C2",
        image_ids: ["absent", "P0", "P1"],
        tax_ids: ["T1", "T2", "T3", "absent"],
        description: "old",
        description_html: "<p>Black&nbsp;tea &amp; <b>milk</b></p><p>hot</p>",
        food_and_beverage_details: {
          dietary_preferences: [{ type: "STANDARD", standard_name: "GLUTEN_FREE" }, { custom_name: "House Favourite" }],
          ingredients: [{ type: "STANDARD", standard_name: "TREE_NUTS" }, { standard_name: "MILK" }, { custom_name: "Honey" }],
        },
        variations: [variation("v", { item_option_values: [{ item_option_id: "O", item_option_value_id: "OV" }] })],
      }),
      item("J", { category_id: "C2", is_taxable: false, tax_ids: ["T1"] }),
    );
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.categories.map(({ external_id, parent_external_id }) => [external_id, parent_external_id])).toEqual([
      ["C1", "C2"],
      ["C2", null],
    ]);
    expect(catalog.products[0]).toMatchObject({
      description: "Black tea & milk hot",
      category_external_ids: ["C1", "absent"],
      image_url: "https://images.example/tea.png",
      unresolved: ["tax_rate_e4"],
      tags: ["gluten_free", "house_favourite"],
      allergens: ["honey", "milk", "tree_nuts"],
      tax_rate_e4: 155_000,
      variants: [{ attributes: { Size: "Big" } }],
    });
    expect(catalog.products[1]).toMatchObject({ category_external_ids: ["C2"], tax_rate_e4: 0 });
  });

  test("snake_case and camelCase give the same catalogue, save for the spelling of the places", () => {
    const camel = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(camel);
      if (typeof value !== "object" || value === null) return value;
      const spell = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [spell(key), camel(inner)]));
    };
    const payload = {
      objects: [modifierList("L"), item("I", { modifier_list_info: [{ modifier_list_id: "L", max_selected_modifiers: 2 }] })],
      related_objects: [{ type: "CATEGORY", id: "C", category_data: { name: "Cold" } }],
    };
    const snake = mapSquare(payload, USD);
    const other = mapSquare(camel(payload), USD);
    expect(other.products[0]?.variants[0]?.position).toBe("objects[1].itemData.variations[0]");
    expect(JSON.parse(JSON.stringify(other).replaceAll("itemData", "item_data"))).toEqual(snake);
  });
});

describe("payloads that are not Square's", () => {
  test.each([
    null,
    1,
    "x",
    [],
    {},
    { products: [] },
    { objects: {} },
    { items: [{ name: "Tea" }] },
    { catalog: [1] },
    { object: { type: "ORDER" } },
  ])("%j", (payload) => {
    expect(() => mapSquare(payload, USD)).toThrow(AppError);
  });

  test("inventory counts", () => {
    const count = (fields: object) => ({ catalog_object_id: "V", state: "IN_STOCK", location_id: "L", quantity: "3", ...fields });
    const counts = [
      count({ quantity: "2.5", calculated_at: "2026-01-02T03:04:05Z" }),
      count({ state: "SOLD", location_id: "L2" }),
      count({ catalog_object_type: "ITEM", location_id: "L3" }),
      count({ quantity: "some", location_id: "L4" }),
      count({ quantity: "-1", location_id: "L5" }),
      { catalogObjectId: "W", state: "IN_STOCK", locationId: "L", quantity: "0", calculatedAt: "2026-01-02T03:04:05Z" },
      5,
    ];
    const read = mapSquare({ objects: [item("I")], counts }, USD);
    expect(read.products).toHaveLength(1);
    expect(read.stock).toEqual([
      {
        position: "counts[0]",
        variant_external_id: "V",
        location_external_id: "L",
        quantity_e4: 25_000,
        counted_at_ms: Date.parse("2026-01-02T03:04:05Z"),
      },
      { position: "counts[4]", variant_external_id: "V", location_external_id: "L5", quantity_e4: -10_000, counted_at_ms: null },
      {
        position: "counts[5]",
        variant_external_id: "W",
        location_external_id: "L",
        quantity_e4: 0,
        counted_at_ms: Date.parse("2026-01-02T03:04:05Z"),
      },
    ]);
    expect(mapSquare({ counts: [] }, USD)).toEqual(map());
  });

  test.skipIf(!hasFixtures)("inventory counts of Square's own examples, as an answer and as a webhook", () => {
    const answered = mapSquare(fixture("api-batch-retrieve-inventory-counts.response.json"), USD);
    expect(answered).toMatchObject({ products: [], row_errors: [] });
    expect(answered.stock).toEqual([
      {
        position: "counts[0]",
        variant_external_id: "W62UWFY35CWMYGVWK6TWJDNI",
        location_external_id: "59TNP9SA8VGDA",
        quantity_e4: 790_000,
        counted_at_ms: Date.parse("2016-11-16T22:28:01.223Z"),
      },
    ]);
    expect(mapSquare(fixture("webhook-inventory.count.updated.json"), USD).stock).toMatchObject([
      { position: "data.object.inventory_counts[0]", variant_external_id: "FGQ5JJWT2PYTHF35CKZ2DSKP", quantity_e4: 100_000 },
    ]);
  });

  test("an answer of errors says which", () => {
    expect(() => mapSquare({ errors: [{ category: "AUTHENTICATION_ERROR", code: "UNAUTHORIZED" }] }, USD)).toThrow(/UNAUTHORIZED/);
  });

  test("an empty list is an empty catalogue; a stray among objects is one bad row", () => {
    expect(map().products).toEqual([]);
    expect(map(item("I"), 5).row_errors).toMatchObject([{ position: "objects[1]", reason: "ROW_INVALID" }]);
  });

  test("nesting without end is no crash", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 20_000; depth += 1) deep = { item_data: deep };
    expect(map(item("I", { custom: deep })).products).toHaveLength(1);
  });
});

const keys = fc.constantFrom("a", "b", "c", "", " a ", null, 7);
const money = fc.oneof(
  fc.record({
    amount: fc.constantFrom(0, -0, 1, 250, -1, 1.5, 2 ** 53, null, "9"),
    currency: fc.constantFrom("USD", "JPY", "CURRENCY", null),
  }),
  fc.constantFrom(null, 5),
);
const anyVariation = fc.record(
  { id: keys, item_variation_data: fc.record({ name: keys, sku: keys, price_money: money, ordinal: fc.integer() }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);
const anyObject = fc.oneof(
  fc.record({
    type: fc.constant("ITEM"),
    id: keys,
    version: fc.oneof(fc.integer(), fc.constant("x")),
    item_data: fc.record(
      {
        name: keys,
        variations: fc.oneof(fc.array(anyVariation, { maxLength: 4 }), fc.jsonValue()),
        categories: fc.array(fc.record({ id: keys })),
        modifier_list_info: fc.array(fc.record({ modifier_list_id: keys, min_selected_modifiers: fc.integer({ min: -2, max: 3 }) })),
      },
      { requiredKeys: ["variations"] },
    ),
  }),
  fc.record({
    type: fc.constant("MODIFIER_LIST"),
    id: keys,
    modifier_list_data: fc.record({
      name: keys,
      modifiers: fc.array(fc.record({ id: keys, modifier_data: fc.record({ name: keys, price_money: money }) })),
      max_selected_modifiers: fc.integer({ min: -2, max: 3 }),
    }),
  }),
  fc.record({
    type: fc.constant("CATEGORY"),
    id: keys,
    category_data: fc.record({ name: keys, parent_category: fc.record({ id: keys }) }),
  }),
  fc.record({ type: fc.constant("ITEM_VARIATION"), id: keys, item_variation_data: fc.record({ name: keys, item_id: keys }) }),
  fc.record({ type: fc.constant("TAX"), id: keys, tax_data: fc.record({ percentage: fc.constantFrom("5", "x", "", "1e3", 8) }) }),
  fc.jsonValue(),
);

describe("any JSON", () => {
  test("is refused as a whole or gives a sound catalogue", () => {
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({ objects: fc.array(anyObject), related_objects: fc.array(anyObject, { maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(payload, (given) => expectSoundCatalog(() => mapSquare(given, USD))),
      { numRuns: 2000 },
    );
  });

  test("every nested variation is taken or named", () => {
    const items = fc.array(
      fc.record({ type: fc.constant("ITEM"), id: keys, item_data: fc.record({ name: keys, variations: fc.array(anyVariation) }) }),
    );
    fc.assert(
      fc.property(items, (objects) => {
        const catalog = mapSquare({ objects }, USD);
        const received = objects.reduce((total, { item_data }) => total + Math.max(1, item_data.variations.length), 0);
        expect(variantsOf(catalog).length + catalog.row_errors.length).toBe(received);
      }),
      { numRuns: 500 },
    );
  });
});
