import { z } from "zod";
import { Id, Name, PageQuery, pageOf, Timestamp } from "../../platform/http/fields.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";
const Owner = z.enum(["provider", "ours"]).meta({ description: "`ours`: a re-sync leaves it alone" });
const ParentId = Id.nullable().meta({ description: "null: at the top" });
const Position = z.int().min(0).max(1_000_000).meta({ description: "Smaller comes first" });

export const Category = z
  .object({
    id: Id,
    name: z.string(),
    parent_id: ParentId,
    position: Position,
    source_system_id: Id.nullable().meta({ description: "Whose it is; null: made here" }),
    product_count: z.int(),
    fields: z.object({
      name: z.object({ owner: Owner, offered: z.string().nullable() }),
      place: z.object({ owner: Owner }).meta({ description: "Parent and position" }),
    }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({
    id: "Category",
    example: {
      id,
      name: "Coffee",
      parent_id: null,
      position: 0,
      source_system_id: id,
      product_count: 12,
      fields: { name: { owner: "provider", offered: "Coffee" }, place: { owner: "provider" } },
      created_at: at,
      updated_at: at,
    },
  });
export type Category = z.infer<typeof Category>;
export const CategoryPage = pageOf(Category).meta({ id: "CategoryPage" });

const Q = z.string().trim().min(1, "must not be empty").max(200, "must be at most 200 characters");
export const CategoryQuery = PageQuery.extend({
  q: Q.optional().meta({ description: "Stands in the name", example: "coff" }),
  parent_id: Id.optional(),
  source_system_id: Id.optional(),
});
export type CategoryQuery = z.output<typeof CategoryQuery>;

export const CreateCategory = z
  .strictObject({ name: Name, parent_id: ParentId.default(null), position: Position.default(0) })
  .meta({ id: "CreateCategory", example: { name: "Seasonal", position: 3 } });
export type CreateCategory = z.output<typeof CreateCategory>;

export const UpdateCategory = z
  .strictObject({
    name: Name.optional().meta({ description: "The provider's own name gives the field back to it" }),
    parent_id: ParentId.optional(),
    position: Position.optional(),
    follow_provider: z
      .array(z.enum(["name", "place"]))
      .max(2)
      .optional()
      .meta({ description: "Gives these fields back to the provider" }),
  })
  .meta({ id: "UpdateCategory", example: { name: "Winter" } });
export type UpdateCategory = z.output<typeof UpdateCategory>;
