import { z } from "zod";
import { Id, ItemCode, PageQuery, Timestamp } from "../../platform/http/fields.ts";

const q = z.string().trim().min(1, "must not be empty").max(200, "must be at most 200 characters");

const filters = {
  item_code: ItemCode.optional(),
  q: q.optional().meta({ description: "Stands in the name", example: "latte" }),
  source_system_id: Id.optional().meta({ description: "What this source system brought" }),
  visible: z.enum(["true", "false"]).optional(),
  updated_after: Timestamp.optional(),
};

export const ProductQuery = PageQuery.extend({ ...filters, category_id: Id.optional() });
export type ProductQuery = z.output<typeof ProductQuery>;

export const VariantQuery = PageQuery.extend({ ...filters, product_id: Id.optional(), barcode: z.string().min(1).max(100).optional() });
export type VariantQuery = z.output<typeof VariantQuery>;
