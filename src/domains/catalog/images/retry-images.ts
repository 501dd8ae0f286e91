import { statement } from "../../../platform/db/statement.ts";
import type { UnitResult } from "../../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import type { RetryImages } from "./schemas.ts";
import { wantImageCopy } from "./want-images.ts";

/**
 * Wants images tried again that were refused or given up, or, to see whether the provider has another picture at the same address, copied
 * ones. What a merchant uploaded is left alone. Answers `{ pending }`.
 */
export function retryImages(scope: RequestScope, { product_ids, states, revalidate }: RetryImages): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const mark = scope.clock.newId();
  const wanted = JSON.stringify(revalidate ? [...states, "copied"] : states);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `UPDATE product_images SET state = 'pending', attempts = 0, next_attempt_at_ms = ?1, claim = ?2, reason = NULL, detail = NULL, updated_at_ms = ?1
           WHERE state IN (SELECT value FROM json_each(?3)) AND (?4 IS NULL OR product_id IN (SELECT value FROM json_each(?4)))
             AND (SELECT p.image_owner FROM products AS p WHERE p.product_id = product_images.product_id) = 'provider'`,
          nowMs,
          mark,
          wanted,
          product_ids === undefined ? null : JSON.stringify(product_ids),
        ),
        wantImageCopy(nowMs),
      ],
      answer: {
        status: 202,
        select: statement(
          "SELECT json_object('pending', (SELECT count(*) FROM product_images WHERE state = 'pending' AND claim = ?))",
          mark,
        ),
      },
      wakes: true,
    }),
  );
}
