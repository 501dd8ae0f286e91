import { z } from "zod";
import { Id, ItemCode, Name, pageOf, Timestamp } from "../../platform/http/fields.ts";

export const DARK_STORE_STATUSES = ["active", "busy", "paused", "maintenance", "closed"] as const;

const Status = z.enum(DARK_STORE_STATUSES).meta({ example: "active" });
const Capacity = z.int().min(0).max(1_000_000).meta({ description: "Orders it works on at once", example: 40 });

export const CreateDarkStore = z
  .strictObject({
    store_id: Id.meta({ description: "The store whose stock it picks and whose menu and prices it sells" }),
    name: Name.optional().meta({ description: "Default: the store's" }),
    status: Status.default("active"),
    capacity: Capacity.default(0),
  })
  .meta({ id: "CreateDarkStore", example: { store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11", capacity: 40 } });
export type CreateDarkStore = z.output<typeof CreateDarkStore>;

export const UpdateDarkStore = z
  .strictObject({
    name: Name.optional(),
    status: Status.optional(),
    is_active: z.boolean().optional().meta({ description: "Default with a new status: whether that is `active` or `busy`" }),
    capacity: Capacity.optional(),
    reason: z.string().trim().min(1).max(200).optional().meta({ description: "Told with the status", example: "inventory_audit" }),
  })
  .meta({
    id: "UpdateDarkStore",
    description: "Only the given fields change",
    example: { status: "maintenance", reason: "inventory_audit" },
  });
export type UpdateDarkStore = z.output<typeof UpdateDarkStore>;

const statusFields = { id: Id, store_id: Id, status: Status, is_active: z.boolean(), capacity: Capacity };

const statusExample = {
  id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a91",
  store_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
  status: "active",
  is_active: true,
  capacity: 40,
} as const;

export const DarkStoreStatus = z
  .object({ ...statusFields, updated_at: Timestamp })
  .meta({ id: "DarkStoreStatus", example: { ...statusExample, updated_at: "2026-11-20T09:30:00.000Z" } });

export const DarkStore = z
  .object({ ...statusFields, location_id: Id, name: z.string(), created_at: Timestamp, updated_at: Timestamp })
  .meta({
    id: "DarkStore",
    example: {
      ...statusExample,
      location_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12",
      name: "Tanjong Pagar",
      created_at: "2026-11-20T09:30:00.000Z",
      updated_at: "2026-11-20T09:30:00.000Z",
    },
  });
export type DarkStore = z.infer<typeof DarkStore>;
export const DarkStorePage = pageOf(DarkStore).meta({ id: "DarkStorePage" });

const AssortmentItem = z
  .strictObject({
    item_code: ItemCode,
    is_active: z.boolean().default(true).meta({ description: "false: not sold here, whatever its stock" }),
    is_essential: z.boolean().default(false),
    demand_score: z
      .number()
      .min(0)
      .max(99_999)
      .refine((value) => Math.abs(Math.round(value * 10_000) / 10_000 - value) < 1e-9, "must have at most 4 decimals")
      .default(0),
    velocity_rank: z.int().min(1).nullable().default(null),
  })
  .meta({ example: { item_code: "AMUL-BUTTER-500G", is_essential: true, demand_score: 0.82, velocity_rank: 4 } });

export const PutAssortment = z
  .strictObject({ items: z.array(AssortmentItem).min(1).max(1_000) })
  .refine(({ items }) => new Set(items.map(({ item_code }) => item_code)).size === items.length, "an item_code is named twice")
  .meta({
    id: "PutAssortment",
    description: "What is said of these items; others stay as they are",
    example: { items: [{ item_code: "AMUL-BUTTER-500G", is_essential: true, demand_score: 0.82, velocity_rank: 4 }] },
  });
export type PutAssortment = z.output<typeof PutAssortment>;

export const AssortmentAnswer = z
  .object({ id: Id, items: z.int().meta({ description: "How many were written" }) })
  .meta({ id: "AssortmentAnswer" });
