/** What a payload comes to, once it was taken in. */
export interface FixtureCase {
  /** Of the folder, in the order in which `payload` gets them. */
  files: string[];
  /** Default: the text of the one file, as it is. */
  payload?: (...texts: string[]) => string;
  /** Default: the folder's. */
  currency?: string;
  settings?: object;
  received: number;
  /** How many variants failed, by reason. */
  failed?: Record<string, number>;
  /** `[products, categories, modifier groups]` that are there afterwards. */
  made: [products: number, categories: number, groups: number];
  /** Counts that were taken; what their variants do not take is left out. Not looked at where absent. */
  stock?: number;
  /** By item code: what the API says of the product, of which the variant with the code is `variant`. */
  rows?: Record<string, Record<string, unknown> & { variant?: Record<string, unknown> }>;
}

export interface FixtureFolder {
  provider: string;
  currency: string;
  settings?: object;
  cases: FixtureCase[];
  /** Files that hold no products and are refused as a whole. */
  refused?: string[];
  /** Files of which no product may come; counts alone may be taken, or refused. */
  counts_only?: string[];
}

export const names = (...list: string[]) => list.map((name) => ({ name }));

const csvPreset = (preset: string, currency: string, cases: FixtureCase[]): FixtureFolder => ({
  provider: "csv",
  currency,
  settings: { preset },
  cases,
});
const jsonPreset = (preset: string, currency: string, ...cases: FixtureCase[]): FixtureFolder => ({
  provider: "json",
  currency,
  settings: { preset },
  cases,
});

/** Tables and documents that a preset knows. */
export const PRESET_FOLDERS: Record<string, FixtureFolder> = {
  bestbuy: jsonPreset("bestbuy", "USD", {
    files: ["products-a.json", "categories.json"],
    payload: (products, categories) => `{"products":${products},"categories":${categories}}`,
    received: 1_699,
    made: [1_699, 4_728, 0],
    rows: {
      "5428602-sb": {
        name: "Boost Mobile - LG Tribute HD 4G LTE with 16GB Memory Prepaid Cell Phone - White",
        categories: names("All Prepaid Phones"),
        variant: { base_price: 7_999, attributes: { Brand: "Boost Mobile" } },
      },
    },
  }),
  "burger-api": jsonPreset("burger-api", "USD", {
    files: ["burgers.json", "toppings.json"],
    payload: (burgers, toppings) => `{"burgers":${burgers},"toppings":${toppings}}`,
    settings: { image_base_url: "https://images.example/burgers" },
    received: 10,
    made: [10, 0, 5],
    rows: {
      "3": {
        name: "Spicy Jalapeño Fiesta Burger",
        image_url: "https://images.example/burgers/burger-pic-3.jpg",
        modifier_groups: [{ name: "Vegetable" }, { name: "Sauce" }, { name: "Extras", min: 0, max: null }],
        variant: { base_price: 1_199, option_name: null },
      },
    },
  }),
  dummyjson: jsonPreset("dummyjson", "USD", {
    files: ["products-raw.json"],
    received: 194,
    made: [194, 24, 0],
    rows: {
      // One title in two categories.
      "mens-watches-rolex-cellini-moonphase": {
        name: "Rolex Cellini Moonphase",
        variant: { base_price: 1_299_999, attributes: { Brand: "Rolex" } },
      },
      "womens-watches-rolex-cellini-moonphase": { tags: ["luxury_watches", "watches"], variant: { base_price: 1_599_999 } },
      "mens-shoes-sports-sneakers-off-white-and-red": { name: "Sports Sneakers Off White & Red" },
    },
  }),
  medusa: csvPreset("medusa", "USD", [
    {
      files: ["v1-template.csv"],
      received: 5,
      made: [3, 3, 0],
      stock: 5,
      rows: {
        "test-sku-4": { visible: false, variant: { base_price: null, option_name: "Test variant changed", attributes: { Size: "Large" } } },
        "test-sku-1": { tags: ["123_1"], variant: { base_price: 110, barcode: "test-barcode-1" } },
      },
    },
    {
      files: ["exported-products-comma.csv"],
      received: 3,
      made: [2, 0, 0],
      stock: 0,
      rows: {
        variant_01J44RRJZW5GNQKT1FEDACEESW: {
          name: "Base product",
          description: "test-product-description test line 2",
          visible: false,
          variant: { base_price: 20_000, attributes: { size: "small", color: "green" } },
        },
      },
    },
  ]),
  openfoodfacts: jsonPreset("openfoodfacts", "EUR", {
    files: ["brand-monoprix.json"],
    received: 20,
    made: [20, 63, 0],
    rows: {
      "3350033304215": {
        name: "Cubes de saumon fumé aux graines de sésame et de pavot",
        allergens: ["sesame"],
        variant: { base_price: null, barcode: "3350033304215" },
      },
      "3350033317154": { name: "Boisson à l'avoine", allergens: ["avoine", "gluten"] },
      "3350030160463": { categories: names("beef"), image_url: null },
    },
  }),
  "retail-demo-store": jsonPreset("retail-demo-store", "USD", {
    files: ["products-a.json"],
    received: 1_266,
    made: [1_266, 52, 0],
    stock: 1_266,
    rows: {
      "a7fc7d65-a3c7-4793-8c60-8631d208f4a4": {
        name: "Ocean Breeze Waterproof Jacket",
        categories: names("jacket"),
        image_url: null,
        variant: { base_price: 12_999 },
      },
      "0790267c-c708-424d-81f5-46903a9c8444": { categories: names("pizza"), variant: { base_price: 399 } },
    },
  }),
  spree: csvPreset("spree", "USD", [
    {
      files: ["products.csv"],
      received: 87,
      made: [37, 24, 0],
      stock: 87,
      rows: {
        "AUTOMATIC-ESPRESSO-MACHINE-SILVER": {
          name: "Automatic Espresso Machine",
          categories: names("Coffee Machines"),
          variant: { base_price: 87_999, currency: "USD", option_name: "Silver", attributes: { Color: "Silver" } },
        },
      },
    },
    {
      files: ["products.csv"],
      currency: "EUR",
      received: 87,
      made: [37, 24, 0],
      rows: { "AUTOMATIC-ESPRESSO-MACHINE-SILVER": { variant: { currency: "EUR" } } },
    },
  ]),
  vendure: csvPreset("vendure", "USD", [
    {
      files: ["products.csv"],
      settings: { image_base_url: "https://images.example/" },
      received: 88,
      // One SKU for three sizes of one shoe.
      failed: { DUPLICATE_EXTERNAL_ID: 2 },
      made: [54, 9, 0],
      stock: 86,
      rows: {
        L2201516: {
          name: "Laptop",
          categories: names("Electronics", "Computers"),
          tags: ["apple"],
          image_url: "https://images.example/derick-david-409858-unsplash.jpg",
          variant: { base_price: 229_900, name: "Laptop – 15 inch / 16GB", attributes: { "screen size": "15 inch", RAM: "16GB" } },
        },
      },
    },
    { files: ["e2e-products-collections.csv"], received: 23, failed: { DUPLICATE_EXTERNAL_ID: 1 }, made: [11, 5, 0], stock: 0 },
    {
      files: ["e2e-products-minimal.csv"],
      received: 4,
      made: [1, 2, 0],
      stock: 0,
      rows: { L2201308: { variant: { base_price: 129_900 } } },
    },
    {
      files: ["e2e-products-stock-control.csv"],
      received: 7,
      made: [2, 2, 0],
      stock: 0,
      rows: { C24F390: { name: "Curvy Monitor", variant: { base_price: 14_374 } } },
    },
  ]),
  zepto: csvPreset("zepto", "INR", [
    {
      files: ["zepto-a.csv"],
      received: 909,
      failed: { DUPLICATE_EXTERNAL_ID: 16 },
      made: [839, 14, 0],
      stock: 893,
      rows: {
        "potato-3000-g": {
          name: "Potato",
          categories: names("Fruits & Vegetables"),
          variant: { base_price: 8_400, option_name: "3000 g" },
        },
        "watermelon-58-g": { name: "Watermelon", variant: { base_price: 4_900, currency: "INR" } },
        "maybelline-new-york-colossal-kajal-black": { categories: names("Personal Care", "Paan Corner"), variant: { option_name: null } },
      },
    },
  ]),
};
