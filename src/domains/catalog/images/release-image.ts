import { type Statement, statement } from "../../../platform/db/statement.ts";
import { wantImageCopy } from "./want-images.ts";

/**
 * Gives a product's image back to the provider: its copy at once where there is one, else as soon as it is copied. Without what every change of an image
 * asks for (`imagesChanged`).
 */
export const imageReleased = (productId: string, nowMs: number): Statement[] => [
  statement(
    `UPDATE products SET image_owner = 'provider', updated_at_ms = ?1, main_image_url = (SELECT i.object_path FROM product_images AS i
       WHERE i.product_id = products.product_id AND products.external_image_url IS NOT NULL)
     WHERE product_id = ?2`,
    nowMs,
    productId,
  ),
  statement(
    `INSERT INTO product_images (product_id, source_url, state, next_attempt_at_ms, updated_at_ms)
     SELECT p.product_id, p.external_image_url, 'pending', ?1, ?1 FROM products AS p
     WHERE p.product_id = ?2 AND p.external_image_url IS NOT NULL
     ON CONFLICT (product_id) DO UPDATE SET source_url = excluded.source_url, state = 'pending', run_id = NULL, attempts = 0,
       next_attempt_at_ms = excluded.next_attempt_at_ms, claim = NULL, is_unchanged = 0, reason = NULL, detail = NULL,
       updated_at_ms = excluded.updated_at_ms
     WHERE product_images.source_url <> excluded.source_url`,
    nowMs,
    productId,
  ),
  wantImageCopy(nowMs),
];
