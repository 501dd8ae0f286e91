/** A demo merchant: what its owner would type in and what its till would send. Everything reaches Servery through the public API. */
export interface DemoTenant {
  slug: string;
  name: string;
  /** ISO 4217. */
  currency: string;
  /** BCP 47. */
  locale: string;
  stores: DemoStore[];
  source: { source_type: "pos" | "erp"; name: string; provider: "cata" };
  /** The catalogue as the till sends it; pictures are addressed under `baseUrl`. */
  payload: (baseUrl: string) => CataPayload;
  menus: DemoMenu[];
  /** What is counted; everything else is sold without counting. */
  stock: DemoStock[];
}

/** What was counted at a store once, by item_code. */
export interface DemoStock {
  store_code: string;
  counted_at: string;
  counts: Record<string, number>;
}

export interface DemoStore {
  name: string;
  code: string;
  /** IANA name. */
  timezone: string;
  locale: string;
  currency: string;
  address: { street: string; city: string; postcode: string; country: string };
}

/** A menu and the stores it is published to; a store named by several menus shows them one after another. */
export interface DemoMenu {
  name: string;
  currency: string;
  store_codes: string[];
  sections: DemoSection[];
}

export interface DemoSection {
  name: string;
  display_type: "list" | "grid";
  /** Prices in minor units of the menu's currency. */
  items: { item_code: string; price: number }[];
}

/** docs/providers/cata.md */
export interface CataPayload {
  format: "cata/1";
  currency: string;
  categories: CataCategory[];
  modifier_groups: CataModifierGroup[];
  products: CataProduct[];
}

export interface CataCategory {
  id: string;
  name: string;
  parent_id?: string;
}

export interface CataModifierGroup {
  id: string;
  name: string;
  min: number;
  max: number | null;
  options: { id: string; name: string; price: number; item_code?: string; active?: boolean; default?: boolean }[];
}

export interface CataVariant {
  item_code: string;
  name: string;
  price: number;
}

export interface CataProduct {
  id: string;
  name: string;
  description?: string;
  categories: string[];
  image_url?: string;
  active?: boolean;
  tags?: string[];
  allergens?: string[];
  tax_rate?: number;
  modifier_groups?: (string | { id: string; min?: number; max?: number | null })[];
  item_code?: string;
  price?: number;
  barcode?: string;
  attributes?: Record<string, string>;
  variants?: CataVariant[];
  bundle?: { item_code: string; quantity?: number }[];
}

/** A product as the demo data names it: its picture is one of public/demo/, by name. */
export interface DemoProduct extends Omit<CataProduct, "image_url"> {
  image?: string;
}

/** The products as a till sends them, pictures addressed absolutely. */
export const withImageUrls = (products: readonly DemoProduct[], baseUrl: string): CataProduct[] =>
  products.map(({ image, ...product }) =>
    image === undefined ? product : { ...product, image_url: new URL(`/demo/${image}.svg`, baseUrl).href },
  );

/** What can be put on a menu: each variant of the product with its price. */
export const sellable = ({ id, item_code, price, variants, active }: DemoProduct): { item_code: string; price: number }[] => {
  if (active === false) return [];
  if (variants !== undefined) return variants.map((variant) => ({ item_code: variant.item_code, price: variant.price }));
  return price === undefined ? [] : [{ item_code: item_code ?? id, price }];
};
