import { expect, test } from "vitest";

import { ALLERGENS } from "../canonical.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";

test("tags: one spelling, sorted, each once", () => {
  expect(normaliseTags(["Vegan", "GLUTEN_FREE", "gluten-free", "Gluten  Free", " ", "_"])).toEqual(["gluten_free", "vegan"]);
});

test("allergens: the EU 14 stay themselves, in any spelling", () => {
  expect(normaliseAllergens(ALLERGENS)).toEqual([...ALLERGENS]);
  expect(normaliseAllergens(ALLERGENS.map((one) => one.toUpperCase().replace("_", " ")))).toEqual([...ALLERGENS]);
});

test("allergens: synonyms become the name, kinds bring their group, others stay", () => {
  expect(normaliseAllergens(["Egg", "Soya", "Sulphur dioxide", "Walnuts", "Oats", "Honey"])).toEqual([
    "eggs",
    "gluten",
    "honey",
    "oats",
    "soy",
    "sulphites",
    "tree_nuts",
    "walnuts",
  ]);
});
