import { z } from "zod";
import { Id, Timestamp } from "../../platform/http/fields.ts";
import { REASONS } from "../inventory/index.ts";
import { storeFields as fieldsOfMenu, itemExample, StorefrontItem, storeExample as storeOfMenu } from "./schemas.ts";

export const Reason = z
  .enum(REASONS)
  .meta({ description: "Only where it cannot be ordered; of several the most lasting", example: "no_stock" });

const orderability = {
  orderable: z.boolean(),
  reason: Reason.optional(),
  available: z.number().optional().meta({ description: "What is left; only where it is counted", example: 12 }),
};

const orderabilityExample = { orderable: false, reason: "no_stock", available: 0 };

const storeFields = {
  ...fieldsOfMenu,
  orderable: z.boolean().meta({ description: "Whether the store sells now" }),
  reason: Reason.optional(),
};

const { address: _, ...placeExample } = storeOfMenu;
const storeExample = { ...placeExample, orderable: true };

const category = z.object({ id: Id, name: z.string(), view_type: z.enum(["LIST", "GRID"]) });

export const CatalogViewItem = z.object({ ...StorefrontItem.shape, category, ...orderability }).meta({
  id: "CatalogViewItem",
  example: {
    ...itemExample,
    category: { id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a51", name: "Coffee", view_type: "GRID" },
    ...orderabilityExample,
  },
});

const versions = {
  menu_version: z.int().meta({ description: "Where it rises between two pages, begin again" }),
  orderability_version: z.int(),
  as_of: Timestamp,
  currency: z.string(),
};

export const CatalogView = z
  .object({
    store: z.object(storeFields),
    ...versions,
    data: z.array(CatalogViewItem).meta({ description: "In the order of the menu" }),
    next_cursor: z.string().nullable().meta({ description: "null on the last page" }),
  })
  .meta({ id: "CatalogView" });

export const SearchAnswer = z
  .object({
    store: z.object(storeFields),
    ...versions,
    query: z.string(),
    data: z.array(CatalogViewItem).meta({ description: "Best first" }),
  })
  .meta({ id: "SearchAnswer" });

export const DarkStoreView = z
  .object({
    dark_store: z
      .object({
        id: Id,
        store_id: Id,
        location_id: Id,
        name: z.string(),
        status: z.string(),
        is_active: z.boolean(),
        capacity: z.int(),
        currency: z.string(),
        orderable: z.boolean(),
        reason: Reason.optional(),
      })
      .meta({
        example: {
          id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a91",
          store_id: storeExample.id,
          location_id: storeExample.location_id,
          name: "Tanjong Pagar dark store",
          status: "active",
          is_active: true,
          capacity: 40,
          currency: "SGD",
          orderable: true,
        },
      }),
    as_of: Timestamp,
    currency: z.string(),
    data: z.array(
      z
        .object({
          code: z.string(),
          variant_id: Id,
          product_id: Id,
          name: z.string(),
          description: z.string().nullable(),
          category_name: z.string().nullable(),
          price: z.int().nullable().meta({ description: "In effect, minor units; null: none" }),
          image_url: z.string().nullable(),
          is_essential: z.boolean(),
          demand_score: z.number(),
          velocity_rank: z.int().nullable(),
          ...orderability,
        })
        .meta({
          id: "DarkStoreItem",
          example: {
            code: "AMUL-BUTTER-500G",
            variant_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a41",
            product_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a42",
            name: "Amul Butter 500g",
            description: null,
            category_name: "Dairy",
            price: 790,
            image_url: null,
            is_essential: true,
            demand_score: 0.82,
            velocity_rank: 4,
            ...orderabilityExample,
          },
        }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "DarkStoreView" });
