import { z } from "zod";
import { Id, ItemCode, Name, PageQuery, pageOf, Timestamp } from "../../platform/http/fields.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";
const Owner = z.enum(["provider", "ours"]).meta({ description: "`ours`: a re-sync leaves it alone" });
const Owned = z.object({ owner: Owner });

const Min = z.int().min(0, "must not be negative").max(1_000).meta({ description: "At least so many must be chosen; 0: none", example: 0 });
const Max = z.int().min(1, "must be at least 1").max(1_000).nullable().meta({ description: "At most so many; null: no limit", example: 2 });
const PriceDelta = z
  .int("must be a whole number of minor units")
  .min(-1_000_000_000_000)
  .max(1_000_000_000_000)
  .meta({ description: "What the customer pays on top, in minor units; always yours", example: 80 });

export const ModifierGroup = z
  .object({
    id: Id,
    name: z.string(),
    min: z.int(),
    max: z.int().nullable(),
    source_system_id: Id.nullable().meta({ description: "Whose it is; null: made here" }),
    product_count: z.int(),
    fields: z.object({ name: z.object({ owner: Owner, offered: z.string().nullable() }), bounds: Owned }),
    options: z.array(
      z.object({
        id: Id,
        name: z.string(),
        price: z.int(),
        item_code: z.string().nullable().meta({ description: "The variant that it is, where it is stocked" }),
        active: z.boolean().meta({ description: "The provider has it and nobody took it off" }),
        hidden: z.boolean().meta({ description: "By hand" }),
        default: z.boolean(),
        fields: z.object({ name: Owned }),
      }),
    ),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({
    id: "ModifierGroup",
    example: {
      id,
      name: "Milk",
      min: 0,
      max: 1,
      source_system_id: null,
      product_count: 14,
      fields: { name: { owner: "ours", offered: null }, bounds: { owner: "ours" } },
      options: [
        { id, name: "Oat", price: 80, item_code: "OAT", active: true, hidden: false, default: false, fields: { name: { owner: "ours" } } },
      ],
      created_at: at,
      updated_at: at,
    },
  });
export type ModifierGroup = z.infer<typeof ModifierGroup>;
export const ModifierGroupPage = pageOf(ModifierGroup).meta({ id: "ModifierGroupPage" });

export const ModifierGroupQuery = PageQuery.extend({
  q: z.string().trim().min(1).max(200).optional().meta({ description: "Stands in the name", example: "milk" }),
  product_id: Id.optional().meta({ description: "What this product has" }),
});
export type ModifierGroupQuery = z.output<typeof ModifierGroupQuery>;

const newOption = {
  name: Name,
  price: PriceDelta.default(0),
  item_code: ItemCode.nullish(),
  active: z.boolean().default(true),
  default: z.boolean().default(false),
};

const inOrder = { message: "must be at least min", path: ["max"] };

export const CreateModifierGroup = z
  .strictObject({
    name: Name,
    min: Min.default(0),
    max: Max.default(null),
    options: z.array(z.strictObject(newOption)).max(300).default([]),
  })
  .refine(({ min, max }) => max === null || max >= min, inOrder)
  .meta({ id: "CreateModifierGroup", example: { name: "Milk", max: 1, options: [{ name: "Oat", price: 80, item_code: "OAT" }] } });
export type CreateModifierGroup = z.output<typeof CreateModifierGroup>;

const ChangedOption = z.strictObject({
  id: Id,
  name: Name.optional(),
  price: PriceDelta.optional(),
  active: z.boolean().optional().meta({ description: "false takes it off by hand, whatever the provider says" }),
});

export const UpdateModifierGroup = z
  .strictObject({
    name: Name.optional(),
    min: Min.optional(),
    max: Max.optional(),
    options: z
      .array(z.union([ChangedOption, z.strictObject(newOption)]))
      .max(300)
      .optional()
      .meta({ description: "With an id: changed. Without: added, after the others. What is not named stays" }),
    follow_provider: z
      .array(z.enum(["name", "bounds", "options"]))
      .max(3)
      .optional()
      .meta({ description: "Gives them back; bounds and options' names become the provider's with its next payload. Prices stay yours" }),
  })
  .meta({ id: "UpdateModifierGroup", example: { max: 2, options: [{ name: "Almond", price: 90 }] } });
export type UpdateModifierGroup = z.output<typeof UpdateModifierGroup>;

const Bound = z.int().min(0).max(1_000);
export const SetProductGroups = z
  .strictObject({
    groups: z
      .array(
        z.strictObject({
          modifier_group_id: Id,
          min: Bound.nullable().default(null).meta({ description: "For this product alone; null: the group's" }),
          max: z
            .union([Bound, z.literal("unlimited")])
            .nullable()
            .default(null),
        }),
      )
      .max(50)
      .refine(
        (groups) => new Set(groups.map(({ modifier_group_id }) => modifier_group_id)).size === groups.length,
        "must name each group once",
      ),
  })
  .meta({ id: "SetProductGroups", example: { groups: [{ modifier_group_id: id, min: 1 }] } });
export type SetProductGroups = z.output<typeof SetProductGroups>;
