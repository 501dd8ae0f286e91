import { z } from "zod";
import { CurrencyCode, Id, ItemCode, Name, PriceMinor, Quantity } from "../../platform/http/fields.ts";
import { TaxRate } from "./price-schemas.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";

/** What a provider sends and a person may have otherwise. */
export const PRODUCT_FIELDS = ["name", "description", "image", "tags", "allergens", "tax_rate", "categories", "modifier_groups"] as const;
export type ProductField = (typeof PRODUCT_FIELDS)[number];
export const VARIANT_FIELDS_OWNED = ["barcode", "bundle"] as const;

const isUnique = (values: readonly string[]): boolean => new Set(values).size === values.length;
const Label = z.string().trim().toLowerCase().min(1, "must not be empty").max(100, "must be at most 100 characters");
/** As a feed's are kept: lower case, sorted, each once. */
const Labels = z
  .array(Label)
  .max(100)
  .transform((labels) => [...new Set(labels)].sort());

const Description = z.string().trim().max(20_000, "must be at most 20000 characters").nullable();
const CategoryIds = z
  .array(Id)
  .max(50)
  .refine(isUnique, "must name each category once")
  .meta({ description: "In order; the first is told in events" });
const Barcode = z.string().trim().min(1, "must not be empty").max(100, "must be at most 100 characters").nullable();

const productFields = {
  description: Description.optional(),
  visible: z.boolean().optional().meta({ description: "false hides it by hand, whatever the provider says" }),
  tags: Labels.optional(),
  allergens: Labels.optional(),
  tax_rate: TaxRate.nullable().optional(),
  category_ids: CategoryIds.optional(),
};

const COLUMN_OF: Partial<Record<string, string>> = { categories: "category_ids" };

export const UpdateProduct = z
  .strictObject({
    name: Name.max(500).optional().meta({ description: "The provider's own name gives the field back to it" }),
    ...productFields,
    follow_provider: z
      .array(z.enum(PRODUCT_FIELDS))
      .max(PRODUCT_FIELDS.length)
      .optional()
      .meta({ description: "Gives these fields back: they become what the provider has, and follow it from then on" }),
  })
  .refine((given) => !given.follow_provider?.some((field) => (COLUMN_OF[field] ?? field) in given), {
    message: "names a field that is set in the same request",
    path: ["follow_provider"],
  })
  .meta({ id: "UpdateProduct", example: { name: "House latte" } });
export type UpdateProduct = z.output<typeof UpdateProduct>;

export const CreateVariant = z
  .strictObject({
    item_code: ItemCode,
    option_name: Name.nullish().meta({ description: "What tells it from the product's others", example: "Large" }),
    barcode: Barcode.optional(),
    base_price: PriceMinor.nullish().meta({ description: "A reference, never charged" }),
    currency: CurrencyCode.nullish(),
    attributes: z.record(z.string().min(1).max(100), z.string().max(1_000)).default({}),
    visible: z.boolean().default(true),
  })
  .meta({ id: "CreateVariant", example: { item_code: "HOUSE-L", option_name: "Large", base_price: 700, currency: "SGD" } });
export type CreateVariant = z.output<typeof CreateVariant>;

export const CreateProduct = z
  .strictObject({
    name: Name.max(500),
    ...productFields,
    variants: z
      .array(CreateVariant)
      .min(1, "must have at least one variant: that is what is sold")
      .max(100)
      .refine((variants) => isUnique(variants.map(({ item_code }) => item_code)), "must have each item_code once"),
  })
  .meta({
    id: "CreateProduct",
    example: {
      name: "House blend",
      tags: ["beans"],
      tax_rate: 9,
      category_ids: [id],
      variants: [{ item_code: "HOUSE-250", barcode: "8888001000012" }],
    },
  });
export type CreateProduct = z.output<typeof CreateProduct>;

export const UpdateVariant = z
  .strictObject({
    name: Name.max(500).nullable().optional().meta({ description: "null: made of the product's name and the option's again" }),
    visible: z.boolean().optional(),
    barcode: Barcode.optional(),
    follow_provider: z
      .array(z.enum(VARIANT_FIELDS_OWNED))
      .max(2)
      .optional()
      .meta({ description: "Gives these fields back to the provider" }),
  })
  .refine((given) => !given.follow_provider?.some((field) => field in given), {
    message: "names a field that is set in the same request",
    path: ["follow_provider"],
  })
  .meta({ id: "UpdateVariant", example: { visible: false } });
export type UpdateVariant = z.output<typeof UpdateVariant>;

export const SetBundle = z
  .strictObject({
    components: z
      .array(z.strictObject({ item_code: ItemCode, quantity: Quantity.refine((quantity) => quantity > 0, "must be more than 0") }))
      .max(100)
      .refine((parts) => isUnique(parts.map(({ item_code }) => item_code)), "must name each component once")
      .meta({ description: "None: it is no bundle" }),
  })
  .meta({ id: "SetBundle", example: { components: [{ item_code: "LATTE-M", quantity: 1 }] } });
export type SetBundle = z.output<typeof SetBundle>;
