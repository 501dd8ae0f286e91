import { expect, test } from "vitest";
import { modifierRule } from "./modifier-rule.ts";
import { pageMessages } from "./page-messages.ts";

test.each([
  [0, null, "Optional"],
  [0, 1, "Optional, up to 1"],
  [0, 3, "Optional, up to 3"],
  [1, 1, "Choose 1"],
  [2, 2, "Choose 2"],
  [1, 3, "Choose 1 to 3"],
  [1, null, "Choose at least 1"],
])("min %s, max %s", (min, max, expected) => {
  expect(modifierRule({ min, max }, pageMessages("en"), String)).toBe(expected);
});

test("speaks the store's language, with its digits", () => {
  const digits = new Intl.NumberFormat("ar-EG");
  expect(modifierRule({ min: 1, max: 3 }, pageMessages("ar"), (count) => digits.format(count))).toBe("اختر من ١ إلى ٣");
  expect(modifierRule({ min: 0, max: 2 }, pageMessages("id"), String)).toBe("Opsional, maksimal 2");
});
