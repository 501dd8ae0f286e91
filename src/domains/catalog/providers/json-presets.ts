import type { JsonSettings } from "./json-fields.ts";

/** What is known of one publisher's records, beyond what a source system could state by itself. */
export interface JsonPreset extends Omit<JsonSettings, "preset"> {
  /** Records that are categories by themselves: where they are, and where each has the names of its path. */
  category_records?: { records: string; path: string };
  /** Records with `id`, `name` and `price` that are options: where they are, what groups them, where a product has their ids. */
  options?: { records: string; group: string; ids: string };
}

export const JSON_PRESETS = {
  /** No id, no code. Names repeat, also with one price; the image's file name is the shop's own number and does not. */
  bestbuy: {
    records: "products",
    key: ["image"],
    fields: { category: "categories" },
    attributes: { Brand: "brand" },
    categories_are: "path",
    category_records: { records: "categories", path: "path.name" },
  },
  /** What lies on a burger by itself is not kept apart: each may have any topping of the kinds that it has. */
  "burger-api": {
    records: "burgers",
    fields: { image: "imageUrl" },
    options: { records: "toppings", group: "category", ids: "toppings" },
  },
  /** No id; one title stands in two categories and means two things. */
  dummyjson: {
    records: "products",
    key: ["category", "title"],
    fields: { name: "title", image: "thumbnail" },
    attributes: { Brand: "brand" },
  },
  /** Packaged food without prices. Labels are `lang:slug`. */
  openfoodfacts: {
    records: "products",
    fields: {
      id: "code",
      barcode: "code",
      name: ["product_name", "generic_name"],
      description: "generic_name",
      category: "categories",
      image: ["image_url", "image_front_url"],
      tags: "labels_tags",
      allergens: "allergens_tags",
    },
    attributes: { Brand: "brands", Quantity: "quantity" },
    category_separator: ",",
    labels: "language_slug",
  },
  "retail-demo-store": {
    records: "products",
    fields: { category: ["category", "style"], stock: "current_stock", tags: "aliases" },
    categories_are: "path",
  },
} as const satisfies Record<string, JsonPreset>;

export type JsonPresetName = keyof typeof JSON_PRESETS;
export const JSON_PRESET_NAMES = Object.keys(JSON_PRESETS) as [JsonPresetName, ...JsonPresetName[]];

/** The settings with those of their preset beneath them: what stands beside a preset wins, field by field. An unknown preset is none. */
export function withJsonPreset(settings: JsonSettings): JsonPreset {
  const name = settings.preset ?? "";
  if (!Object.hasOwn(JSON_PRESETS, name)) return settings;
  const preset: JsonPreset = JSON_PRESETS[name as JsonPresetName];
  return {
    ...preset,
    ...settings,
    fields: { ...preset.fields, ...settings.fields },
    attributes: { ...preset.attributes, ...settings.attributes },
  };
}
