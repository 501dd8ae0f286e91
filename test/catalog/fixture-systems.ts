import { type FixtureFolder, names } from "./fixture-folders.ts";

/** Payloads of systems that have a provider of their own. */
export const SYSTEM_FOLDERS: Record<string, FixtureFolder> = {
  dominos: {
    provider: "dominos",
    currency: "USD",
    cases: [
      {
        files: ["store-menu.pascalcase.json"],
        received: 220,
        made: [64, 14, 47],
        rows: {
          "10SCMEATZA": { name: "MeatZZa™", variant: { option_name: 'Small (10") Hand Tossed' } },
          PARMCHEESE: { categories: names("Extras"), variant: { base_price: 0, option_name: null } },
          P14IBKBP: {
            name: "Buffalo Chicken",
            categories: names("Specialty Pizzas"),
            variant: { base_price: 1_699, attributes: { Size: 'Large (14")', Flavor: "Brooklyn Style" } },
          },
        },
      },
      // Yen have no decimals: only what costs nothing has a price.
      { files: ["store-menu.pascalcase.json"], currency: "JPY", received: 220, failed: { PRICE_INVALID: 218 }, made: [2, 14, 47] },
    ],
  },
  saleor: {
    provider: "saleor",
    currency: "USD",
    settings: { image_base_url: "https://images.example/media/" },
    cases: [
      {
        files: ["populatedb.json"],
        received: 73,
        made: [32, 18, 0],
        stock: 56,
        rows: {
          // No SKU, and a name that is only the id in base64.
          "345": { name: "Grey Hoodie", variant: { base_price: 3_000, option_name: null, attributes: { Material: "Cotton" } } },
          "128223580": { name: "Team Shirt", categories: names("T-shirts"), variant: { base_price: 4_000, option_name: "S" } },
          "918223582": {
            image_url: "https://images.example/media/products/white-plimsolls-2_0d32e6cd.png",
            variant: { name: "White Plimsolls – 39" },
          },
        },
      },
      {
        files: ["populatedb.json"],
        currency: "PLN",
        received: 73,
        made: [32, 18, 0],
        stock: 56,
        rows: { "headless-omnichannel-mp3": { variant: { base_price: 4_000, currency: "PLN" } } },
      },
    ],
  },
  shopify: {
    provider: "shopify",
    currency: "USD",
    refused: ["inventory_items.json"],
    counts_only: ["inventory_levels.json"],
    cases: [
      {
        files: ["product.json"],
        received: 4,
        made: [1, 1, 0],
        rows: { IPOD2008RED: { name: "IPod Nano - 8GB", variant: { base_price: 19_900, option_name: "Red" } } },
      },
      {
        files: ["products.json"],
        received: 4,
        failed: { DUPLICATE_EXTERNAL_ID: 3 },
        made: [1, 1, 0],
        rows: { IPOD2008PINK: { categories: names("Cult Products") } },
      },
      { files: ["variants.json"], received: 4, failed: { PRODUCT_UNKNOWN: 4 }, made: [0, 0, 0] },
    ],
  },
  square: {
    provider: "square",
    currency: "USD",
    refused: [
      "api-create-order.request.json",
      "api-create-order.response.json",
      "webhook-catalog.version.updated.json",
      "webhook-order.created.json",
    ],
    counts_only: [
      "api-batch-retrieve-inventory-counts.response.json",
      "api-retrieve-inventory-changes.response.json",
      "webhook-inventory.count.updated.json",
    ],
    cases: [
      { files: ["api-batch-retrieve-catalog-objects.response.json"], received: 3, made: [2, 1, 0] },
      { files: ["api-search-catalog-objects.response.json"], received: 3, made: [2, 0, 0] },
      { files: ["api-list-catalog.response.json"], received: 0, made: [0, 1, 0] },
      { files: ["api-catalog-item.object.json"], received: 1, failed: { VARIATIONS_MISSING: 1 }, made: [0, 0, 0] },
      { files: ["api-catalog-modifier-list.object.json"], received: 0, made: [0, 0, 1] },
      { files: ["api-catalog-tax.object.json"], received: 0, made: [0, 0, 0] },
      { files: ["seed-graphql-sample-app.json"], received: 27, made: [8, 3, 0] },
      // Its currency code is the text CURRENCY.
      { files: ["seed-orders-payments.json"], received: 12, failed: { CURRENCY_UNKNOWN: 12 }, made: [0, 2, 0] },
      { files: ["seed-orders-payments.json"], payload: (text) => text.replaceAll('"CURRENCY"', '"USD"'), received: 12, made: [12, 2, 0] },
    ],
  },
  woocommerce: {
    provider: "woocommerce",
    currency: "USD",
    cases: [
      {
        files: ["v3-products.examples.json"],
        received: 9,
        failed: { VARIANTS_MISSING: 3, DUPLICATE_EXTERNAL_ID: 3 },
        made: [3, 4, 0],
        rows: {
          "794": { name: "Premium Quality", categories: names("Clothing", "T-shirts"), variant: { base_price: 2_199, option_name: null } },
        },
      },
      { files: ["v3-product-categories.examples.json"], received: 7, failed: { DUPLICATE_EXTERNAL_ID: 7 }, made: [0, 7, 0] },
      { files: ["v3-tax-classes.examples.json"], received: 4, failed: { ROW_INVALID: 4 }, made: [0, 0, 0] },
    ],
  },
};
