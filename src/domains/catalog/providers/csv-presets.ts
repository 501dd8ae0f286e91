import type { CsvSettings } from "./csv-columns.ts";

/** What is known of one shop system's tables, in the words of the settings that a source system could state by itself. */
type CsvPreset = Omit<CsvSettings, "preset">;

/** Columns of a preset need not be there: versions and exports of one system differ. */
export const CSV_PRESETS = {
  /** Prices are whole cents after their currency; a row without a product type is one more variant of the product above. */
  commercetools: {
    columns: {
      "name.en": "name",
      "name.en-US": "name",
      "name.en-GB": "name",
      "name.de": "name",
      "description.en": "description",
      "description.en-US": "description",
      "description.en-GB": "description",
      "description.de": "description",
      "slug.en": "handle",
      "slug.en-US": "handle",
      "slug.en-GB": "handle",
      "slug.de": "handle",
      prices: "price",
      "variants.prices.value.centAmount": "price",
      "variants.prices.value.currencyCode": "currency",
      "variants.sku": "item_code",
      "variants.images.url": "image",
      // 1, 2, 3 of each product, not an id.
      variantId: "ignore",
      // The name of a tax category.
      tax: "ignore",
      publish: "active",
    },
    price_unit: "minor",
    price_separator: ";",
    nameless_rows: "product_above",
  },
  medusa: {
    columns: {
      "Product Handle": "handle",
      "Product Title": "name",
      "Product Collection Title": "category",
      "Product Type": "category",
      "Variant Id": "variant_id",
      "Variant SKU": "item_code",
      "Variant Inventory Quantity": "stock",
      "Variant Manage Inventory": "stock_tracked",
    },
  },
  /** A product's first row is the product itself; a variant's further rows are its prices in other currencies. */
  spree: {
    columns: { inventory_count: "stock", track_inventory: "stock_tracked" },
    first_row: "product",
    repeated_rows: "join",
  },
  vendure: {
    columns: {
      assets: "image",
      optionGroups: "option_name",
      optionValues: "option_value",
      stockOnHand: "stock",
      trackInventory: "stock_tracked",
    },
    nameless_rows: "product_above",
    option_separator: "|",
  },
  /** A listing: one item stands under each of its categories, told by its name and weight. Prices in paise. */
  zepto: {
    columns: {
      discountedSellingPrice: "price",
      weightInGms: "option_value",
      availableQuantity: "stock",
      quantity: "ignore",
    },
    option_units: { weightInGms: "g" },
    price_unit: "minor",
    repeated_rows: "join",
  },
} as const satisfies Record<string, CsvPreset>;

export type CsvPresetName = keyof typeof CSV_PRESETS;
export const CSV_PRESET_NAMES = Object.keys(CSV_PRESETS) as [CsvPresetName, ...CsvPresetName[]];

/** The settings with those of their preset beneath them: what stands beside a preset wins. An unknown preset is none. */
export function withCsvPreset(settings: CsvSettings): CsvSettings {
  const { preset } = settings;
  if (preset === undefined || !Object.hasOwn(CSV_PRESETS, preset)) return settings;
  const { columns = {}, ...rest }: CsvPreset = CSV_PRESETS[preset as CsvPresetName];
  return { ...rest, ...settings, expected_columns: columns };
}
