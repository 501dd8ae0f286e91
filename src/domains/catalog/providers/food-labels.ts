import type { ALLERGENS } from "../canonical.ts";
import { cleanText } from "./plain-text.ts";

type Allergen = (typeof ALLERGENS)[number];

/** Other words for one of the EU 14. */
const SYNONYMS = new Map<string, Allergen>([
  ["celeriac", "celery"],
  ["cereals_containing_gluten", "gluten"],
  ["crustacean", "crustaceans"],
  ["dairy", "milk"],
  ["egg", "eggs"],
  ["groundnuts", "peanuts"],
  ["lactose", "milk"],
  ["lupine", "lupin"],
  ["mollusc", "molluscs"],
  ["mollusks", "molluscs"],
  ["nuts", "tree_nuts"],
  ["peanut", "peanuts"],
  ["sesame_seeds", "sesame"],
  ["soya", "soy"],
  ["soybeans", "soy"],
  ["sulfites", "sulphites"],
  ["sulphur_dioxide", "sulphites"],
  ["tree_nut", "tree_nuts"],
]);

/** Kinds of one of the EU 14: the kind stays and its group joins it, so that whoever avoids the group is warned. */
const KINDS = new Map<string, Allergen>([
  ["almonds", "tree_nuts"],
  ["barley", "gluten"],
  ["brazil_nuts", "tree_nuts"],
  ["cashews", "tree_nuts"],
  ["hazelnuts", "tree_nuts"],
  ["kamut", "gluten"],
  ["macadamia", "tree_nuts"],
  ["oats", "gluten"],
  ["pecans", "tree_nuts"],
  ["pistachios", "tree_nuts"],
  ["queensland_nuts", "tree_nuts"],
  ["rye", "gluten"],
  ["spelt", "gluten"],
  ["walnuts", "tree_nuts"],
  ["wheat", "gluten"],
]);

/** `GLUTEN_FREE`, `Gluten free` and `gluten-free` are one label: `gluten_free`. Empty where nothing is left. */
function label(text: string): string {
  return cleanText(text)
    .toLowerCase()
    .replace(/[\s_-]+/g, "_")
    .replace(/^_|_$/g, "");
}

const sortedUnique = (labels: readonly string[]): string[] => [...new Set(labels)].filter((one) => one !== "").sort();

/** Tags as lower-case labels, sorted, each once. */
export const normaliseTags = (tags: readonly string[]): string[] => sortedUnique(tags.map(label));

/** Allergens as lower-case labels, sorted, each once; the EU 14 under the names in `ALLERGENS`, whatever word the provider used. */
export function normaliseAllergens(allergens: readonly string[]): string[] {
  return sortedUnique(
    allergens.map(label).flatMap((one) => {
      const group = KINDS.get(one);
      return group === undefined ? [SYNONYMS.get(one) ?? one] : [one, group];
    }),
  );
}
