import { z } from "zod";
import { Id, pageOf, Timestamp } from "../../../platform/http/fields.ts";
import { IMAGE_REASONS } from "./image-reasons.ts";

export const ImageState = z.enum(["pending", "copied", "refused", "failed"]).meta({
  description: "`refused`: not before the provider or you change something. `failed`: tried often enough; see POST /api/v1/images/retry",
});

const id = "019aa1f0-7c1e-7b44-9f6e-2b1c6f0d9a11";
const at = "2026-11-20T09:30:00.000Z";

export const imageFields = {
  state: ImageState,
  reason: z.enum(IMAGE_REASONS).nullable().meta({ description: "Why it is refused or failed, or has to be tried again" }),
  detail: z.string().nullable(),
  attempts: z.int(),
  next_attempt_at: Timestamp.nullable(),
  bytes: z.int().nullable().meta({ description: "Of the copy" }),
};

export const ProductImage = z
  .object({
    product_id: Id,
    name: z.string(),
    source_url: z.string(),
    ...imageFields,
    ingestion_id: Id.nullable().meta({ description: "The run that wanted it last; null where a person did" }),
    object_path: z.string().nullable().meta({ description: "The copy, under the media base" }),
    updated_at: Timestamp,
  })
  .meta({
    id: "ProductImage",
    example: {
      product_id: id,
      name: "Latte",
      source_url: "https://images.example/latte.jpg",
      state: "failed",
      reason: "server_failed",
      detail: "the server answered 503",
      attempts: 6,
      next_attempt_at: null,
      bytes: null,
      ingestion_id: id,
      object_path: null,
      updated_at: at,
    },
  });
export type ProductImage = z.infer<typeof ProductImage>;
export const ProductImagePage = pageOf(ProductImage).meta({ id: "ProductImagePage" });

export const RetryImages = z
  .strictObject({
    product_ids: z.array(Id).min(1).max(1_000, "must be at most 1000").optional().meta({ description: "Default: every product" }),
    states: z
      .array(z.enum(["refused", "failed"]))
      .min(1)
      .default(["failed"])
      .meta({ description: "What is tried again" }),
    revalidate: z.boolean().default(false).meta({
      description: "Copied ones too: the provider is asked whether its picture is another one. Needs `product_ids`",
    }),
  })
  .refine(({ revalidate, product_ids }) => !revalidate || product_ids !== undefined, {
    path: ["product_ids"],
    message: "must name what is asked for again",
  })
  .meta({ id: "RetryImages", example: { states: ["failed"] } });
export type RetryImages = z.output<typeof RetryImages>;

export const RetriedImages = z
  .object({ pending: z.int().meta({ description: "Images that this request wants tried again" }) })
  .meta({ id: "RetriedImages", example: { pending: 3 } });
