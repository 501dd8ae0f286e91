import { type Statement, statement } from "../../../platform/db/statement.ts";
import type { Scope } from "../../../platform/http/scope.ts";
import { selectedProductsUpserted } from "../events.ts";
import type { ImageResult } from "./decide-copy.ts";
import { imagesChanged } from "./want-images.ts";

/** An object that is being removed is gone by then. */
export const CONDEMNED_MS = 3_600_000;

const CONDEMNED = "EXISTS (SELECT 1 FROM condemned_images AS c WHERE c.object_path = done.value ->> '$.copy.object_path')";

/**
 * What came of a page, set-based. Only rows that are still this claim's: one that a run has wanted anew meanwhile, or that another worker has
 * taken over, is left to them. A merchant's own image is never replaced.
 */
export function recordCopies(scope: Scope, claim: string, results: readonly ImageResult[], nowMs: number): Statement[] {
  if (results.length === 0) return [];
  const done = JSON.stringify(results);
  const mine = "i.product_id = done.value ->> 'product_id' AND i.claim = ?2 AND i.state = 'pending'";
  const changed = `SELECT i.product_id FROM json_each(?) AS done CROSS JOIN product_images AS i ON i.product_id = done.value ->> 'product_id'
    CROSS JOIN products AS p ON p.product_id = i.product_id
    WHERE i.claim = ? AND i.state = 'copied' AND p.image_owner = 'provider' AND p.main_image_url IS NOT i.object_path`;
  return [
    // Its bytes are those of an object that is just being removed: once more, when that is over.
    statement(
      `UPDATE product_images AS i SET claim = NULL, next_attempt_at_ms = ?3 FROM json_each(?1) AS done WHERE ${mine} AND ${CONDEMNED}`,
      done,
      claim,
      nowMs + CONDEMNED_MS,
    ),
    statement(
      `UPDATE product_images AS i SET state = done.value ->> 'state', attempts = done.value ->> 'attempts',
         next_attempt_at_ms = done.value ->> 'next_attempt_at_ms', reason = done.value ->> 'reason', detail = done.value ->> 'detail',
         is_unchanged = done.value ->> 'state' = 'copied' AND i.object_path IS NOT NULL
           AND coalesce(done.value ->> '$.copy.object_path', i.object_path) = i.object_path,
         updated_at_ms = ?3
       FROM json_each(?1) AS done WHERE ${mine}`,
      done,
      claim,
      nowMs,
    ),
    statement(
      `UPDATE product_images AS i SET object_path = done.value ->> '$.copy.object_path', copied_url = i.source_url,
         etag = done.value ->> '$.copy.etag', last_modified = done.value ->> '$.copy.last_modified', bytes = done.value ->> '$.copy.bytes'
       FROM json_each(?1) AS done
       WHERE i.product_id = done.value ->> 'product_id' AND i.claim = ?2 AND i.state = 'copied' AND done.value ->> '$.copy.object_path' IS NOT NULL`,
      done,
      claim,
    ),
    ...showChanged(scope, statement(changed, done, claim), nowMs),
  ];
}

/** The products of this SELECT of `product_id` get the copy that their image's row names; nothing happens where there are none. */
export function showChanged(scope: Scope, changed: Statement, nowMs: number): Statement[] {
  const mark = scope.clock.newId();
  const marked = statement("SELECT i.product_id FROM product_images AS i WHERE i.claim = ?", mark);
  return [
    statement(`UPDATE product_images SET claim = ? WHERE product_id IN (${changed.sql})`, mark, ...changed.args),
    statement(
      `UPDATE products SET updated_at_ms = ?, main_image_url = (SELECT i.object_path FROM product_images AS i WHERE i.product_id = products.product_id)
       WHERE product_id IN (${marked.sql})`,
      nowMs,
      mark,
    ),
    ...selectedProductsUpserted(scope, marked, nowMs),
    ...imagesChanged(nowMs, statement("EXISTS (SELECT 1 FROM product_images AS i WHERE i.claim = ?)", mark)),
  ];
}
