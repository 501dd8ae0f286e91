import type { z } from "zod";

/** One request's body is the tighter bound; these name what is too much. */
export const DRAFT_LIMITS = { sections: 500, items_per_section: 10_000 } as const;

/** The places after the first at which a value stands again. */
export function repeatedPlaces(values: readonly unknown[]): { place: number; value: string }[] {
  const seen = new Set<string>();
  return values.flatMap((value, place) => {
    if (typeof value !== "string" || value === "") return [];
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [{ place, value }];
  });
}

const fieldOf = (row: unknown, field: string): unknown => (row as Record<string, unknown> | null | undefined)?.[field];

/** The same item twice in one section is a slip; in two sections of a draft it is how a special is shown twice. */
export function reportDuplicateItems(items: readonly unknown[], context: z.RefinementCtx): void {
  for (const { place, value } of repeatedPlaces(items.map((item) => fieldOf(item, "item_code")))) {
    context.addIssue({ code: "custom", path: [place, "item_code"], message: `"${value}" is in this section already` });
  }
}

/** Two sections of one name would become one category. Names are compared as they will be stored, trimmed. */
export function reportDuplicateSections(sections: readonly unknown[], context: z.RefinementCtx): void {
  const names = sections.map((section) => fieldOf(section, "name")).map((name) => (typeof name === "string" ? name.trim() : name));
  for (const { place, value } of repeatedPlaces(names)) {
    context.addIssue({ code: "custom", path: [place, "name"], message: `another section of this draft is called "${value}"` });
  }
}

/** An item has one price at a store, so it has one in a menu, wherever in it it stands. */
export function reportTwoPrices(sections: readonly unknown[], context: z.RefinementCtx): void {
  const prices = new Map<unknown, unknown>();
  sections.forEach((section, place) => {
    const items = fieldOf(section, "items");
    if (!Array.isArray(items)) return;
    items.forEach((item, itemPlace) => {
      const code = fieldOf(item, "item_code");
      const price = fieldOf(item, "price");
      if (typeof price !== "number") return;
      const first = prices.get(code) ?? price;
      prices.set(code, first);
      if (first === price) return;
      context.addIssue({
        code: "custom",
        path: [place, "items", itemPlace, "price"],
        message: `"${code}" has another price (${first}) earlier in this draft`,
      });
    });
  });
}
