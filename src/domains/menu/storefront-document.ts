/**
 * What `GET /api/v1/stores/{store_id}/menu` answers, compiled at regeneration and stored compressed.
 * Money is integer minor units of `currency`; positions are the order of the arrays.
 */
export interface StorefrontDocument {
  store: {
    id: string;
    location_id: string;
    name: string;
    code: string | null;
    timezone: string;
    locale: string;
    currency: string;
    address: Record<string, string> | null;
  };
  menu_version: number;
  /** When this version was compiled, RFC 3339 UTC. */
  as_of: string;
  currency: string;
  categories: StorefrontCategory[];
}

export interface StorefrontCategory {
  id: string;
  name: string;
  view_type: "LIST" | "GRID";
  items: StorefrontItem[];
}

export interface StorefrontItem {
  /** item_code, the SKU. */
  code: string;
  variant_id: string;
  product_id: string;
  name: string;
  description: string | null;
  price: number;
  /** Our copy under /media, else the provider's address, else null. */
  image_url: string | null;
  tax_rate: number | null;
  tags: string[];
  allergens: string[];
  modifier_groups: StorefrontModifierGroup[];
  /** What a bundle holds; empty for anything else. */
  bundle: { code: string; name: string; quantity: number }[];
}

export interface StorefrontModifierGroup {
  id: string;
  name: string;
  min: number;
  /** null: no limit. */
  max: number | null;
  options: { id: string; name: string; price: number; code: string | null; default: boolean }[];
}
