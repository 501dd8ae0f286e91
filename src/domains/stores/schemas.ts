import { z } from "zod";
import { CurrencyCode, Id, Locale, Name, pageOf, Timestamp, Timezone } from "../../platform/http/fields.ts";

const Code = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(60, "must be at most 60 characters")
  .meta({ description: "Yours, unique per tenant", example: "TPG" });

const AddressLine = z.string().trim().min(1, "must not be empty; leave the line out instead").max(200, "must be at most 200 characters");

export const Address = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a name in snake_case"), AddressLine)
  .refine((address) => Object.keys(address).length <= 20, "must have at most 20 lines")
  .meta({
    id: "Address",
    description: "Lines by name: line_1, line_2, district, city, region, postal_code, country; others are kept and not shown",
    example: { line_1: "12 Craig Road", city: "Singapore", postal_code: "089671", country: "SG" },
  });
export type Address = z.infer<typeof Address>;

export const CreateStore = z
  .strictObject({
    name: Name,
    code: Code.nullish(),
    timezone: Timezone,
    currency: CurrencyCode,
    locale: Locale.optional().meta({ description: "Default: the tenant's" }),
    address: Address.nullish(),
  })
  .meta({
    id: "CreateStore",
    example: { name: "Tanjong Pagar", code: "TPG", timezone: "Asia/Singapore", currency: "SGD", locale: "en-SG" },
  });
export type CreateStore = z.output<typeof CreateStore>;

export const UpdateStore = z
  .strictObject({
    name: Name.optional(),
    code: Code.nullable().optional(),
    timezone: Timezone.optional(),
    // Menus, prices and past orders are in the store's currency; the field is here so that the refusal can say what to do.
    currency: z
      .string()
      .refine(() => false, "cannot be changed: its menus and sales are in it; create a new store for another currency")
      .optional(),
    locale: Locale.optional(),
    address: Address.nullable().optional(),
  })
  .meta({ id: "UpdateStore", description: "Only the given fields change", example: { name: "Tanjong Pagar Plaza" } });
export type UpdateStore = Omit<z.output<typeof UpdateStore>, "currency">;

const storefrontFields = {
  id: Id,
  name: Name,
  code: Code.nullable(),
  timezone: Timezone,
  currency: CurrencyCode,
  locale: Locale,
  address: Address.nullable(),
};

const example = {
  id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11",
  name: "Tanjong Pagar",
  code: "TPG",
  timezone: "Asia/Singapore",
  currency: "SGD",
  locale: "en-SG",
  address: { line_1: "12 Craig Road", city: "Singapore" },
};

export const Store = z.object({ ...storefrontFields, location_id: Id, created_at: Timestamp, updated_at: Timestamp }).meta({
  id: "Store",
  example: {
    ...example,
    location_id: "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a12",
    created_at: "2026-11-20T09:30:00.000Z",
    updated_at: "2026-11-20T09:30:00.000Z",
  },
});
export type Store = z.infer<typeof Store>;

/** What anybody may see. */
export const PublicStore = z.object(storefrontFields).meta({ id: "PublicStore", example });
export type PublicStore = z.infer<typeof PublicStore>;

/** A caller with a key sees the whole store, anybody else the public fields. */
export const VisibleStore = z.union([Store, PublicStore]);
export const StorePage = pageOf(VisibleStore).meta({ id: "StorePage" });
