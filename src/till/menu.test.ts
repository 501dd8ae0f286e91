import { describe, expect, it } from "vitest";
import { brokenGroup, findItems, type Menu, type MenuItem, standardChoices } from "./menu.ts";

const item = (code: string, name: string) => ({ code, variant_id: `v-${code}`, name }) as MenuItem;
const kopi = item("KOPI-H", "Kopi, hot");
const toast = item("TOAST", "Kaya toast");
const creme = item("CRM", "Crème brûlée");
const menu = {
  categories: [
    { id: "a", name: "Drinks", items: [kopi] },
    { id: "b", name: "Food", items: [toast, creme, kopi] },
  ],
} as Menu;
const barcodes = new Map([["4006381333931", "v-TOAST"]]);
const found = (category: string | null, query: string) => findItems(menu, category, query, barcodes).map(({ code }) => code);

describe("finding items", () => {
  it("goes by category, each item once", () => {
    expect(found(null, "")).toEqual(["KOPI-H", "TOAST", "CRM"]);
    expect(found("a", " ")).toEqual(["KOPI-H"]);
  });

  it("goes by beginnings of words, in every category, without case and accents", () => {
    expect(found("a", "toa kay")).toEqual(["TOAST"]);
    expect(found(null, "BRULEE")).toEqual(["CRM"]);
    expect(found(null, "oast")).toEqual([]);
  });

  it("goes by code and barcode", () => {
    expect(found(null, "kopi-h")).toEqual(["KOPI-H"]);
    expect(found(null, "4006381333931")).toEqual(["TOAST"]);
  });
});

describe("choices", () => {
  const option = (id: string, standard = false) => ({ id, name: id, price: 0, code: null, default: standard });
  const groups = [
    { id: "size", name: "Size", min: 1, max: 1, options: [option("s", true), option("l")] },
    { id: "extras", name: "Extras", min: 0, max: 2, options: [option("x"), option("y"), option("z")] },
    { id: "notes", name: "Notes", min: 0, max: null, options: [option("n")] },
  ];

  it("begin with the standard ones", () => {
    expect([...standardChoices(groups)]).toEqual(["s"]);
  });

  it("are held to each group's rule", () => {
    expect(brokenGroup(groups, new Set(["s", "x", "y", "n"]))).toBeNull();
    expect(brokenGroup(groups, new Set())?.id).toBe("size");
    expect(brokenGroup(groups, new Set(["s", "l"]))?.id).toBe("size");
    expect(brokenGroup(groups, new Set(["s", "x", "y", "z"]))?.id).toBe("extras");
  });
});
