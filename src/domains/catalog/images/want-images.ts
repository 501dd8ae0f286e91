import { type Statement, statement } from "../../../platform/db/statement.ts";
import { wantAt, wantEach } from "../../../platform/writer/wanted.ts";

/** The one key of its kind: a tenant has one copy job, one showing, one sweep. */
export const ALL = "all";

/**
 * Wants the images of these products copied, of those whose address differs from the one that was wanted last; the same address again is
 * not asked for. What a merchant uploaded is left alone.
 */
export function wantImages(runId: string, productIds: readonly string[], nowMs: number): Statement[] {
  if (productIds.length === 0) return [];
  const ids = JSON.stringify(productIds);
  return [
    statement(
      `INSERT INTO product_images (product_id, source_url, state, run_id, next_attempt_at_ms, updated_at_ms)
       SELECT p.product_id, p.external_image_url, 'pending', ?2, ?3, ?3
       FROM json_each(?1) AS changed CROSS JOIN products AS p ON p.product_id = changed.value
       WHERE p.external_image_url IS NOT NULL AND p.image_owner = 'provider'
       ON CONFLICT (product_id) DO UPDATE SET source_url = excluded.source_url, state = 'pending', run_id = excluded.run_id, attempts = 0,
         next_attempt_at_ms = excluded.next_attempt_at_ms, claim = NULL, is_unchanged = 0, reason = NULL, detail = NULL,
         updated_at_ms = excluded.updated_at_ms
       WHERE product_images.source_url <> excluded.source_url`,
      ids,
      runId,
      nowMs,
    ),
    // Nobody offers it any more; a copy there is stays.
    statement(
      `DELETE FROM product_images WHERE product_id IN (SELECT p.product_id FROM json_each(?1) AS changed
         CROSS JOIN products AS p ON p.product_id = changed.value WHERE p.external_image_url IS NULL) AND state <> 'copied'`,
      ids,
    ),
  ];
}

/** Asks for the copy job when the next image is due; where none is pending, for nothing. */
export const wantImageCopy = (nowMs: number): Statement =>
  wantAt(
    "copy_images",
    statement(
      `SELECT '${ALL}' AS key, '{}' AS payload, i.next_attempt_at_ms AS due_at_ms FROM product_images AS i
       WHERE i.state = 'pending' ORDER BY i.next_attempt_at_ms LIMIT 1`,
    ),
    nowMs,
  );

/**
 * For every change of a product's own image, in its unit of work: live menus come to show it, and what it replaced is swept some day.
 * `where`: a condition, of a unit that may change none.
 */
export const imagesChanged = (nowMs: number, where: Statement = statement("true")): Statement[] => [
  statement(`UPDATE catalog_state SET image_revision = image_revision + 1 WHERE ${where.sql}`, ...where.args),
  wantEach("show_images", statement(`SELECT ? AS key, '{}' AS payload WHERE ${where.sql}`, ALL, ...where.args), nowMs),
  wantSweep(nowMs, where),
];

const SWEEP_EVERY_MS = 86_400_000;

/** Asks for the next sweep, a day from now at the latest. */
export const wantSweep = (nowMs: number, where: Statement = statement("true")): Statement =>
  wantAt(
    "sweep_images",
    statement(`SELECT ? AS key, '{}' AS payload, ? AS due_at_ms WHERE ${where.sql}`, ALL, nowMs + SWEEP_EVERY_MS, ...where.args),
    nowMs,
  );
