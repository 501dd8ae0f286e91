import { z } from "zod";
import { Id, Timestamp } from "../../platform/http/fields.ts";
import { Address } from "../stores/index.ts";

const ViewType = z.enum(["LIST", "GRID"]);

const ModifierGroup = z.object({
  id: Id,
  name: z.string(),
  min: z.int(),
  max: z.int().nullable().meta({ description: "null: no limit" }),
  options: z.array(
    z.object({
      id: Id,
      name: z.string(),
      price: z.int().meta({ description: "On top of the item's, minor units" }),
      code: z.string().nullable(),
      default: z.boolean(),
    }),
  ),
});

export const itemExample = {
  code: "LATTE-M",
  variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a41",
  product_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a42",
  name: "Latte",
  description: "Two shots, steamed milk",
  price: 650,
  image_url: null,
  tax_rate: 9,
  tags: ["hot"],
  allergens: ["milk"],
  modifier_groups: [],
  bundle: [],
};

export const StorefrontItem = z
  .object({
    code: z.string().meta({ description: "item_code, the SKU" }),
    variant_id: Id,
    product_id: Id,
    name: z.string(),
    description: z.string().nullable(),
    price: z.int().meta({ description: "Minor units of the document's currency" }),
    image_url: z
      .string()
      .nullable()
      .meta({ description: "Our copy under the media base (/media here, or a CDN's address); else the provider's address" }),
    tax_rate: z.number().nullable().meta({ description: "Percent, at most 4 decimals" }),
    tags: z.array(z.string()),
    allergens: z.array(z.string()),
    modifier_groups: z.array(ModifierGroup),
    bundle: z.array(z.object({ code: z.string(), name: z.string(), quantity: z.number() })).meta({ description: "What a bundle holds" }),
  })
  .meta({ id: "StorefrontItem", example: itemExample });

export const storeFields = {
  id: Id,
  location_id: Id,
  name: z.string(),
  code: z.string().nullable(),
  timezone: z.string(),
  locale: z.string(),
  currency: z.string(),
};

export const storeExample = {
  id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
  location_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12",
  name: "Tanjong Pagar",
  code: "TPG",
  timezone: "Asia/Singapore",
  locale: "en-SG",
  currency: "SGD",
  address: { line_1: "12 Craig Road", city: "Singapore" },
};

const categoryExample = { id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a51", name: "Coffee" };

export const StorefrontMenu = z
  .object({
    store: z.object({ ...storeFields, address: Address.nullable() }),
    menu_version: z.int().meta({ description: "Raised whenever the content changes" }),
    as_of: Timestamp,
    currency: z.string(),
    categories: z.array(z.object({ id: Id, name: z.string(), view_type: ViewType, items: z.array(StorefrontItem) })),
  })
  .meta({
    id: "StorefrontMenu",
    example: {
      store: storeExample,
      menu_version: 3,
      as_of: "2026-11-20T09:30:00.000Z",
      currency: "SGD",
      categories: [{ ...categoryExample, view_type: "GRID", items: [itemExample] }],
    },
  });

export const CategoryCatalogue = z
  .object({
    store_id: Id,
    menu_version: z.int(),
    categories: z.array(z.object({ id: Id, name: z.string(), category_view_type: ViewType, items: z.array(StorefrontItem) })),
  })
  .meta({
    id: "CategoryCatalogue",
    example: {
      store_id: storeExample.id,
      menu_version: 3,
      categories: [{ ...categoryExample, category_view_type: "GRID", items: [itemExample] }],
    },
  });

export const StorefrontItemView = z
  .object({
    store_id: Id,
    menu_version: z.int(),
    currency: z.string(),
    categories: z.array(z.object({ id: Id, name: z.string() })),
    item: StorefrontItem,
  })
  .meta({
    id: "StorefrontItemView",
    example: { store_id: storeExample.id, menu_version: 3, currency: "SGD", categories: [categoryExample], item: itemExample },
  });
