import { expect, test } from "vitest";
import { ALLERGENS } from "../domains/catalog/canonical.ts";
import { pageMessages } from "./page-messages.ts";

test.each(["en", "ar", "id"])("%s names every allergen the catalogue knows", (language) => {
  const messages = pageMessages(language);
  expect(messages.language).toBe(language);
  expect(Object.keys(messages.allergens).toSorted()).toEqual([...ALLERGENS]);
});

test("other languages get English, and say so", () => {
  expect(pageMessages("he").language).toBe("en");
});
