import { sha256Hex } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { statement } from "../../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { storeImageBytes } from "../../media/index.ts";
import { productAnswer, readProduct } from "../catalog-reader.ts";
import { productsUpserted, variantsUpserted } from "../events.ts";
import type { Product } from "../schemas.ts";
import { newVersions } from "../variant-versions.ts";
import { imageReleased } from "./release-image.ts";
import { imagesChanged } from "./want-images.ts";

/**
 * A merchant's own image: from then on it is ours, and no sync replaces it. Answers the product. Throws NOT_FOUND, and IMAGE_REFUSED for what is
 * no image that is taken. Refusals: CONFLICT, where these very bytes are just being swept away.
 */
export async function putImage(scope: RequestScope, productId: string, bytes: Uint8Array): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const stored = await storeImageBytes(scope.bindings.MEDIA, scope.tenant.tenant_id, bytes);
  if (stored.kind === "refused") {
    throw new AppError("IMAGE_REFUSED", { detail: `The image is not taken: ${stored.detail}.`, extensions: { reason: stored.reason } });
  }
  const path = stored.object_path;
  return scope.db.write(
    unitOf(scope, {
      steps: [
        {
          guard: "CONFLICT",
          holds: "NOT EXISTS (SELECT 1 FROM condemned_images WHERE object_path = ?)",
          args: [path],
          details: statement(
            "SELECT json_object('detail', 'Nothing used this image for long, and it is just being removed. Send it again in an hour.')",
          ),
        },
        statement(
          "UPDATE products SET main_image_url = ?, image_owner = 'ours', updated_at_ms = ? WHERE product_id = ?",
          path,
          scope.clock.now(),
          productId,
        ),
        // Nothing is fetched for it; a copy of the provider's is kept for the day it is given back.
        statement("DELETE FROM product_images WHERE product_id = ? AND state <> 'copied'", productId),
        ...(await edited(scope, product, path)),
      ],
      answer: { status: 200, select: productAnswer(productId) },
      wakes: true,
    }),
  );
}

/** Gives the image back to the provider: its copy at once where there is one, else as soon as it is copied. Answers the product. Throws NOT_FOUND. */
export async function releaseImage(scope: RequestScope, productId: string): Promise<UnitResult> {
  const product = await readProduct(scope.db, productId, { fresh: true });
  const isOurs = product.fields.image.owner === "ours";
  const nowMs = scope.clock.now();
  return scope.db.write(
    unitOf(scope, {
      steps: isOurs ? [...imageReleased(productId, nowMs), ...(await edited(scope, product, null))] : [],
      answer: { status: 200, select: productAnswer(productId) },
      wakes: isOurs,
    }),
  );
}

/** As every edit by hand: a version of each variant, events, and live menus come to show it. */
async function edited(scope: RequestScope, product: Product, mainImageUrl: string | null): Promise<UnitStep[]> {
  const nowMs = scope.clock.now();
  const variantIds = product.variants.map(({ variant_id }) => variant_id);
  const payload = JSON.stringify({ product: { main_image_url: mainImageUrl } });
  return [
    ...newVersions(variantIds, payload, await sha256Hex(payload), nowMs),
    ...productsUpserted(scope, [product.id], nowMs),
    ...variantsUpserted(scope, variantIds, nowMs),
    ...imagesChanged(nowMs),
  ];
}
