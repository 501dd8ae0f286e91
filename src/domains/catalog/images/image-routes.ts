import { z } from "zod";
import { type Endpoint, endpoint } from "../../../platform/http/endpoint.ts";
import { Id, PageQuery } from "../../../platform/http/fields.ts";
import { refuse } from "../../../platform/http/refuse.ts";
import { ok, replyOf } from "../../../platform/http/reply.ts";
import { IMAGE_TYPES, MAX_IMAGE_BYTES } from "../../media/index.ts";
import { Product } from "../schemas.ts";
import { listImages } from "./list-images.ts";
import { putImage, releaseImage } from "./put-image.ts";
import { retryImages } from "./retry-images.ts";
import { ImageState, ProductImagePage, RetriedImages, RetryImages } from "./schemas.ts";

const tag = "Images";
const ProductParams = z.strictObject({ product_id: Id });

const list = endpoint(
  {
    method: "get",
    path: "/api/v1/images",
    tag,
    summary: "The providers' images and what became of copying each",
    description: "`state=failed` is what was given up: see `POST /api/v1/images/retry`.",
    access: ["catalog", "read"],
    idempotency: "none",
    query: PageQuery.extend({ state: ImageState.optional() }),
    answers: { 200: { description: "A page of images", schema: ProductImagePage } },
  },
  async (scope, { query }) => ok(await listImages(scope.db, query)),
);

const retry = endpoint(
  {
    method: "post",
    path: "/api/v1/images/retry",
    tag,
    summary: "Try images again, or ask their providers for newer ones",
    access: ["catalog"],
    idempotency: "required",
    body: RetryImages,
    answers: { 202: { description: "How many are tried again", schema: RetriedImages } },
  },
  async (scope, { body }) => replyOf(await retryImages(scope, body)),
);

const put = endpoint(
  {
    method: "put",
    path: "/api/v1/products/{product_id}/image",
    tag,
    summary: "Give a product an image of your own",
    description: "Its first bytes say what it is. From then on it is `ours`: no sync replaces it.",
    access: ["catalog"],
    idempotency: "accepted",
    params: ProductParams,
    body: {
      content_types: [...Object.values(IMAGE_TYPES), "application/octet-stream"],
      max_bytes: MAX_IMAGE_BYTES,
      examples: { "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>' },
    },
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND", "CONFLICT", "IMAGE_REFUSED"],
  },
  async (scope, { params, body }) =>
    replyOf(await putImage(scope, params.product_id, body.bytes).catch((failure) => refuse(scope, scope.db, failure))),
);

const release = endpoint(
  {
    method: "delete",
    path: "/api/v1/products/{product_id}/image",
    tag,
    summary: "Give a product's image back to its provider",
    access: ["catalog"],
    idempotency: "accepted",
    params: ProductParams,
    answers: { 200: { description: "The product", schema: Product } },
    errors: ["NOT_FOUND"],
  },
  async (scope, { params }) => replyOf(await releaseImage(scope, params.product_id).catch((failure) => refuse(scope, scope.db, failure))),
);

export const imageRoutes: Endpoint[] = [list, retry, put, release];
