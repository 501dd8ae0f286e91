import { z } from "zod";
import { Id, ItemCode, pageOf, Timestamp } from "../../platform/http/fields.ts";
import { ITEM_FIELDS } from "./version-difference.ts";

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";

const Value = z.unknown().meta({
  description: "As the field is told elsewhere; categories and modifier groups by the provider's ids, or by name where they are ours",
});

export const Version = z
  .object({
    variant_id: Id,
    item_code: ItemCode,
    version_no: z.int().min(1),
    at: Timestamp,
    by: z.object({
      kind: z.enum(["source_system", "edit"]),
      source_system_id: Id.nullable(),
      name: z.string().nullable().meta({ description: "The source system's" }),
    }),
    restored_version: z.int().nullable().meta({ description: "Where somebody put an earlier version back" }),
    changes: z
      .array(
        z.object({
          field: z.enum(ITEM_FIELDS),
          from: Value,
          to: Value,
          held: z.literal(true).optional().meta({ description: "The provider changed it and ours stayed" }),
        }),
      )
      .meta({ description: "Against the version before; none for the first" }),
  })
  .meta({
    id: "Version",
    example: {
      variant_id: id,
      item_code: "LATTE-M",
      version_no: 2,
      at: "2026-11-20T09:30:00.000Z",
      by: { kind: "source_system", source_system_id: id, name: "Counter tills" },
      restored_version: null,
      changes: [{ field: "name", from: "Latte", to: "Caffè latte" }],
    },
  });
export type Version = z.infer<typeof Version>;

export const VersionPage = pageOf(Version).meta({ id: "VersionPage" });
