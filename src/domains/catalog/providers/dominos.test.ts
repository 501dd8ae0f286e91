import { describe, expect, test } from "vitest";
import { completed } from "../../../kernel/steps.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { mapDominos } from "./dominos.ts";

const map = (payload: unknown, image_base_url?: string): CanonicalCatalog =>
  completed(mapDominos(payload, { currency: "USD", image_base_url }));

const menu = () => ({
  Products: {
    S_MX: {
      Code: "S_MX",
      Name: "MeatZZa\\u2122 ",
      Description: "Jalape\\u00f1os &amp; ham",
      ProductType: "Pizza",
      ImageCode: "S_MX",
      AvailableToppings: "X=0:0.5:1,P,P,Nope",
      DefaultToppings: "X=1",
      AvailableSides: "",
      Tags: { MaxOptionQty: "10" },
      Variants: ["P10", "P14", "GONE"],
    } as Record<string, unknown>,
    F_COKE: { Name: "Coke", ProductType: "Drinks", AvailableSides: "", Variants: ["20B"] } as Record<string, unknown>,
  } as Record<string, Record<string, unknown>>,
  Variants: {
    P10: { Name: 'Small (10") MeatZZa', Price: "11.99", SizeCode: "10", FlavorCode: "HT" },
    P14: { Name: 'Large (14") MeatZZa', Price: "16.99", SizeCode: "14", FlavorCode: "" },
    "20B": { Name: "Coke", Price: "0", SizeCode: "", FlavorCode: "" },
  } as Record<string, Record<string, unknown>>,
  Toppings: { Pizza: { X: { Name: "Sauce" }, P: { Name: "Pepperoni" } } },
  Sides: { Drinks: { ICE: { Name: "Ice" } } },
  Sizes: { Pizza: { "10": { Name: 'Small (10")' }, "14": { Name: 'Large (14")' } } },
  Flavors: { Pizza: { HT: { Name: "Hand Tossed" } } },
  Categorization: {
    Food: {
      Code: "Food",
      Categories: [
        {
          Code: "Pizza",
          Name: "Pizza",
          Products: [],
          Categories: [
            { Code: "Pizza", Name: "Special\\u00ae", Products: ["S_MX"] },
            { Code: "Odd", Name: "", Products: ["S_MX", "F_COKE"] },
          ],
        },
      ],
    },
  },
});

describe("a store's menu", () => {
  test("is taken by its codes", () => {
    const catalog = map(menu(), "https://images.example/large/");
    expect(catalog.row_errors).toEqual([]);
    expect(catalog.categories).toEqual([
      { external_id: "Pizza", name: "Pizza", parent_external_id: null, position: 0 },
      { external_id: "Pizza/Pizza", name: "Special®", parent_external_id: "Pizza", position: 1 },
    ]);
    expect(catalog.products).toMatchObject([
      {
        external_id: "S_MX",
        name: "MeatZZa™",
        description: "Jalapeños & ham",
        category_external_ids: ["Pizza/Pizza", "Pizza"],
        image_url: "https://images.example/large/S_MX.jpg",
        modifier_groups: [{ external_id: "S_MX/toppings", min_select: null, max_select: null }],
        variants: [
          {
            item_code: "P10",
            name: 'Small (10") Hand Tossed',
            base_price_minor: 1_199,
            attributes: { Size: 'Small (10")', Flavor: "Hand Tossed" },
          },
          { item_code: "P14", name: 'Large (14")', base_price_minor: 1_699 },
        ],
      },
      {
        external_id: "F_COKE",
        image_url: null,
        modifier_groups: [],
        variants: [{ item_code: "20B", name: null, base_price_minor: 0, currency: "USD" }],
      },
    ]);
    expect(catalog.modifier_groups).toEqual([
      {
        external_id: "S_MX/toppings",
        name: "Toppings",
        min_select: 0,
        max_select: 10,
        provider_version: null,
        options: [
          { external_id: "S_MX/toppings/X", name: "Sauce", price_delta_minor: 0, item_code: null, is_active: true, is_default: true },
          { external_id: "S_MX/toppings/P", name: "Pepperoni", price_delta_minor: 0, item_code: null, is_active: true, is_default: false },
        ],
      },
    ]);
  });

  test("a limit leaves room for what lies on a product by itself; 0 and none are no limit", () => {
    const limit = (most: unknown, defaults: string) => {
      const { Products, ...rest } = menu();
      const product = { ...Products.S_MX, Tags: { MaxOptionQty: most }, DefaultToppings: defaults };
      return map({ Products: { S_MX: product }, ...rest }).modifier_groups[0]?.max_select;
    };
    expect([limit("1", "X=1,P=1"), limit("0", ""), limit(undefined, ""), limit("5", "")]).toEqual([2, null, null, 5]);
  });

  test("what cannot be taken costs itself", () => {
    const payload = menu();
    payload.Variants["P10"] = { Price: "eleven", SizeCode: "10" };
    payload.Products["NOTHING"] = { Name: "Nothing", Variants: ["GONE"] };
    payload.Products["F_COKE"] = { Name: "\\u0020", ProductType: "Drinks", Variants: ["20B"] };
    expect(map(payload).row_errors.map(({ position, item_code, reason }) => [position, item_code, reason])).toEqual([
      ["Variants.P10", "P10", "PRICE_INVALID"],
      ["Variants.20B", "20B", "NAME_MISSING"],
      ["Products.NOTHING", null, "VARIANTS_MISSING"],
    ]);
  });

  test("is told from anything else", () => {
    for (const payload of [null, [], {}, { Products: {} }, { products: [], variants: [] }]) expect(() => map(payload)).toThrow(/Products/);
  });
});
