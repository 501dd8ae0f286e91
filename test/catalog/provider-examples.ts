/** One small catalogue in each provider's own words, with what has to come of it. The payloads are ours. */
export interface ProviderExample {
  currency: string;
  payload: unknown;
  /** By entity: how many are new the first time. */
  inserted: { category: number; modifier_group: number; product: number; variant: number };
  /** A product found by this code, and what of it is checked. */
  item_code: string;
  product: object;
}

const revelUri = (resource: string, id: number): string => `/resources/${resource}/${id}/`;
const revel = (resource: string, id: number, fields: object) => ({
  id,
  resource_uri: revelUri(resource, id),
  active: true,
  ...fields,
});

export const PROVIDER_EXAMPLES = {
  deliverect: {
    currency: "EUR",
    payload: {
      accountId: "acc",
      locationId: "loc",
      categories: [{ posCategoryId: "M", name: "Mains" }],
      products: [
        {
          productType: 1,
          plu: "BUR",
          name: "Burger",
          price: 950,
          posCategoryIds: ["M"],
          subProducts: ["SAU"],
          deliveryTax: 9000,
          productTags: [101],
        },
        { productType: 3, plu: "SAU", name: "Sauces", min: 0, max: 0, subProducts: ["KET", "GONE"] },
        { productType: 2, plu: "KET", name: "Ketchup", price: 50 },
        { productType: 1, plu: "COL", name: "Cola", price: 0, isVariant: true, posCategoryIds: ["M"], subProducts: ["SIZ"] },
        { productType: 3, plu: "SIZ", name: "Size", isVariantGroup: true, subProducts: ["COL-S", "COL-L"] },
        { productType: 1, plu: "COL-S", name: "Small", price: 250 },
        { productType: 1, plu: "COL-L", name: "Large", price: 350 },
        { productType: 1, plu: "MEN", name: "Menu", price: 1200, isCombo: true, posCategoryIds: ["M"], subProducts: ["MAIN"] },
        { productType: 4, plu: "MAIN", name: "Main", min: 1, max: 1, subProducts: ["BUR"] },
      ],
    },
    inserted: { category: 1, modifier_group: 1, product: 3, variant: 4 },
    item_code: "BUR",
    product: {
      name: "Burger",
      tax_rate: 9,
      allergens: ["gluten"],
      modifier_groups: [{ name: "Sauces", min: 0, max: null, options: [{ name: "Ketchup", price: 50 }] }],
      variants: [{ item_code: "BUR", base_price: 950, currency: "EUR" }],
    },
  },
  iseller: {
    currency: "IDR",
    payload: {
      status: true,
      products: [
        {
          product_id: "p1",
          product_header_id: "h1",
          name: "Kopi",
          sku: "KOPI-S",
          price: 20_000,
          variant_options: [{ option: "Ukuran", value: "Kecil" }],
        },
        {
          product_id: "p2",
          product_header_id: "h1",
          name: "Kopi",
          sku: "KOPI-L",
          price: 25_000,
          variant_options: [{ option: "Ukuran", value: "Besar" }],
        },
        { product_id: "p3", product_header_id: "h3", name: "Roti", sku: "", price: 12_000, product_type: "Makanan", taxable: false },
        {
          product_id: "p4",
          product_header_id: "h4",
          name: "Paket",
          type: "comboset",
          sku: "PAKET",
          price: "35000.00",
          bundles: [
            { product_id: "p3", sku: "", category: "Roti", product_name: "Roti", quantity: 1 },
            { product_id: "p1", sku: "KOPI-S", category: "Kopi", product_name: "Kopi", variant_name: "Kecil", quantity: 1 },
            { product_id: "p2", sku: "KOPI-L", category: "Kopi", product_name: "Kopi", variant_name: "Besar", quantity: 1 },
          ],
        },
      ],
    },
    inserted: { category: 1, modifier_group: 1, product: 3, variant: 4 },
    item_code: "PAKET",
    product: {
      name: "Paket",
      modifier_groups: [
        { name: "Kopi", min: 1, max: 1, options: [{ name: "Kopi (Kecil)", item_code: "KOPI-S" }, { item_code: "KOPI-L" }] },
      ],
      variants: [{ base_price: 3_500_000, currency: "IDR", bundle: [{ item_code: "p3", quantity: 1 }] }],
    },
  },
  revel: {
    currency: "USD",
    payload: {
      ProductCategory: [{ id: 1, resource_uri: "/products/ProductCategory/1/", name: "Drinks", active: true, parent: null }],
      Product: [
        revel("Product", 11, { name: "Latte", price: 4.5, sku: "LAT", category: "/products/ProductCategory/1/", tax: revelUri("Tax", 1) }),
        revel("Product", 12, { name: "Bagel", price: "3.00", sku: null, barcode: null }),
        revel("Product", 30, { name: "Breakfast", price: "6.50", sku: "BRK", combo_productsets: [revelUri("ComboProductSet", 7)] }),
      ],
      ModifierClass: [revel("ModifierClass", 5, { name: "Milk" })],
      Modifier: [revel("Modifier", 51, { name: "Oat", price: "0.7500", modifierClass: revelUri("ModifierClass", 5) })],
      ProductModifierClass: [
        revel("ProductModifierClass", 1, {
          product: revelUri("Product", 11),
          modifierclass: revelUri("ModifierClass", 5),
          forced: 0,
          lock_amount: null,
        }),
      ],
      ComboProductSet: [revel("ComboProductSet", 7, { name: "Drink", quantity: 1, products: [revelUri("Product", 11)] })],
      Tax: [revel("Tax", 1, { tax_rate: "8.875" })],
    },
    inserted: { category: 1, modifier_group: 1, product: 3, variant: 3 },
    item_code: "LAT",
    product: {
      name: "Latte",
      tax_rate: 8.875,
      modifier_groups: [{ name: "Milk", min: 0, max: null, options: [{ name: "Oat", price: 75 }] }],
      variants: [{ base_price: 450, currency: "USD" }],
    },
  },
  woocommerce: {
    currency: "JPY",
    payload: {
      products: [
        {
          id: 5,
          name: "Salt &amp; Pepper",
          type: "simple",
          status: "publish",
          price: "350",
          sku: "SALT",
          categories: [{ id: 9, name: "Food" }],
        },
        { id: 6, name: "Shirt", type: "variable", status: "publish", price: "1000", variations: [61, 62] },
      ],
      variations: [
        { id: 61, sku: "", price: "1000", attributes: [{ name: "Size", option: "S" }] },
        { id: 62, sku: "SHIRT-M", price: "1200", attributes: [{ name: "Size", option: "M" }] },
      ],
    },
    inserted: { category: 1, modifier_group: 0, product: 2, variant: 3 },
    item_code: "SHIRT-M",
    product: {
      name: "Shirt",
      variants: [
        { item_code: "61", name: "Shirt – S", base_price: 1_000, currency: "JPY" },
        { item_code: "SHIRT-M", name: "Shirt – M", base_price: 1_200, attributes: { Size: "M" } },
      ],
    },
  },
} satisfies Record<string, ProviderExample>;
