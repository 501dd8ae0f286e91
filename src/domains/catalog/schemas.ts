import { z } from "zod";
import { CurrencyCode, Id, ItemCode, Name, PriceMinor, pageOf, Quantity, Timestamp } from "../../platform/http/fields.ts";
import { imageFields } from "./images/schemas.ts";
import { changedSettings, settings } from "./source-settings.ts";
import { KeptSecrets } from "./webhooks/schemas.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";

const SourceType = z.enum(["pos", "erp", "seller", "dark_store", "file"]);

export const CreateSourceSystem = z
  .strictObject({
    source_type: SourceType,
    name: Name.max(120, "must be at most 120 characters"),
    provider: z.string().min(1, "must not be empty").meta({ example: "square" }),
    settings: z.strictObject(settings).default({}),
  })
  .meta({
    id: "CreateSourceSystem",
    example: { source_type: "pos", name: "Counter tills", provider: "square", settings: { currency: "SGD" } },
  });
export type CreateSourceSystem = z.output<typeof CreateSourceSystem>;

export const UpdateSourceSystem = z
  .strictObject({
    name: Name.max(120, "must be at most 120 characters").optional(),
    settings: z.strictObject(changedSettings).optional(),
    is_active: z.boolean().optional(),
  })
  .meta({ id: "UpdateSourceSystem", example: { settings: { on_missing: "hide" } } });
export type UpdateSourceSystem = z.output<typeof UpdateSourceSystem>;

export const SourceSystem = z
  .object({
    id: Id,
    source_type: SourceType,
    name: z.string(),
    provider: z.string(),
    settings: z.object(settings),
    is_active: z.boolean(),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({
    id: "SourceSystem",
    example: {
      id,
      source_type: "pos",
      name: "Counter tills",
      provider: "square",
      settings: { currency: "SGD" },
      is_active: true,
      created_at: at,
      updated_at: at,
    },
  });
export type SourceSystem = z.infer<typeof SourceSystem>;
export const SourceSystemPage = pageOf(SourceSystem).meta({ id: "SourceSystemPage" });

export const SourceSystemDetail = SourceSystem.extend({
  webhook_url: z
    .url()
    .nullable()
    .meta({ description: "Where the provider sends its notifications; null where it has none that could be trusted" }),
  webhook_secrets: KeptSecrets,
  refresh_wanted_at: Timestamp.nullable().meta({ description: "When the provider last said that something changed without saying what" }),
}).meta({ id: "SourceSystemDetail" });
export type SourceSystemDetail = z.infer<typeof SourceSystemDetail>;

const Owner = z.enum(["provider", "ours"]).meta({ description: "`ours`: a re-sync leaves it alone" });
const owned = <T extends z.ZodType>(offered: T) =>
  z.object({ owner: Owner, offered: offered.nullable().meta({ description: "What the provider has; null: nothing, or there is none" }) });
const OwnedText = owned(z.string());
const SourceSystemId = Id.nullable().meta({ description: "Whose it is; null: made here" });

const variantFields = {
  item_code: ItemCode,
  name: z.string().meta({ description: "What it is called on a menu" }),
  own_name: z.string().nullable().meta({ description: "A name given by hand; null: made of the product's and the option's" }),
  option_name: z.string().nullable(),
  barcode: z.string().nullable(),
  base_price: PriceMinor.nullable().meta({ description: "The provider's; a reference, never charged" }),
  currency: CurrencyCode.nullable(),
  attributes: z.record(z.string(), z.string()),
  visible: z.boolean().meta({ description: "Active at the provider and not hidden by hand, and so is its product" }),
  hidden: z.boolean().meta({ description: "By hand" }),
  bundle: z.array(z.object({ item_code: z.string(), quantity: Quantity })),
  fields: z.object({ barcode: z.object({ owner: Owner }), bundle: z.object({ owner: Owner }) }),
  source_system_id: SourceSystemId,
  version_no: z.int(),
  created_at: Timestamp,
  updated_at: Timestamp,
};

const variantExample = {
  item_code: "LATTE-M",
  name: "Latte – Medium",
  own_name: null,
  option_name: "Medium",
  barcode: null,
  base_price: 650,
  currency: "SGD",
  attributes: {},
  visible: true,
  hidden: false,
  bundle: [],
  fields: { barcode: { owner: "provider" as const }, bundle: { owner: "provider" as const } },
  source_system_id: id,
  version_no: 1,
  created_at: at,
  updated_at: at,
};

export const Variant = z
  .object({ id: Id, product_id: Id, variant_id: Id, ...variantFields })
  .meta({ id: "Variant", example: { id, product_id: id, variant_id: id, ...variantExample } });
export type Variant = z.infer<typeof Variant>;
export const VariantPage = pageOf(Variant).meta({ id: "VariantPage" });

const ModifierGroup = z.object({
  id: Id,
  name: z.string(),
  min: z.int(),
  max: z.int().nullable().meta({ description: "null: no limit" }),
  own_min: z.int().nullable().meta({ description: "Said for this product alone; null: the group's" }),
  own_max: z.union([z.int(), z.literal("unlimited")]).nullable(),
  options: z.array(
    z.object({
      id: Id,
      name: z.string(),
      price: z.int().meta({ description: "What the customer pays on top, in minor units" }),
      item_code: z.string().nullable(),
      active: z.boolean(),
      default: z.boolean(),
    }),
  ),
});

const imageExample = { state: "copied", reason: null, detail: null, attempts: 1, next_attempt_at: null, bytes: 48_213 };

export const Product = z
  .object({
    id: Id,
    name: z.string(),
    description: z.string().nullable(),
    image_url: z.string().nullable().meta({ description: "Our copy, a path under /media of this host; else the provider's address" }),
    image: z
      .object(imageFields)
      .nullable()
      .meta({ description: "What became of copying the provider's image; null where it never had one" }),
    visible: z.boolean(),
    hidden: z.boolean().meta({ description: "By hand" }),
    tags: z.array(z.string()),
    allergens: z.array(z.string()),
    tax_rate: z.number().nullable().meta({ description: "Percent" }),
    categories: z.array(z.object({ id: Id, name: z.string() })),
    modifier_groups: z.array(ModifierGroup),
    source_system_id: SourceSystemId,
    fields: z.object({
      name: OwnedText,
      description: OwnedText,
      image: OwnedText,
      tags: owned(z.array(z.string())),
      allergens: owned(z.array(z.string())),
      tax_rate: owned(z.number()),
      categories: z.object({ owner: Owner }),
      modifier_groups: z.object({ owner: Owner }),
    }),
    variants: z.array(z.object({ variant_id: Id, ...variantFields })),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({
    id: "Product",
    example: {
      id,
      name: "Latte",
      description: "Two shots, steamed milk.",
      image_url: `/media/${id}/items/${"0".repeat(64)}.jpg`,
      image: imageExample,
      visible: true,
      hidden: false,
      tags: [],
      allergens: ["milk"],
      tax_rate: 9,
      categories: [{ id, name: "Coffee" }],
      modifier_groups: [],
      source_system_id: id,
      fields: {
        name: { owner: "provider", offered: "Latte" },
        description: { owner: "provider", offered: "Two shots, steamed milk." },
        image: { owner: "provider", offered: null },
        tags: { owner: "provider", offered: [] },
        allergens: { owner: "provider", offered: ["milk"] },
        tax_rate: { owner: "provider", offered: 9 },
        categories: { owner: "provider" },
        modifier_groups: { owner: "provider" },
      },
      variants: [{ variant_id: id, ...variantExample }],
      created_at: at,
      updated_at: at,
    },
  });
export type Product = z.infer<typeof Product>;
export const ProductPage = pageOf(Product).meta({ id: "ProductPage" });
