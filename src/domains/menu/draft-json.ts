import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import { VARIANT_VISIBLE_SQL } from "../catalog/index.ts";

/**
 * Each item of a row of `menu_drafts AS d`, in its place: `s` is the section, `i` the item. Aggregates take rows in the order of a scan or of a
 * sorted subquery; sqld does not read ORDER BY inside them.
 */
const ITEMS = "json_each(d.sections) AS s CROSS JOIN json_each(s.value, '$.items') AS i";

const SECTIONS = `(SELECT json_group_array(json_object('name', s.value ->> 'name', 'display_type', s.value ->> 'display_type',
    'items', json((SELECT json_group_array(json_object('item_code', i.value ->> 'item_code', 'price', i.value ->> 'price_minor'))
      FROM json_each(s.value, '$.items') AS i))))
  FROM json_each(d.sections) AS s)`;

/** What a publish would not take as it is now. The catalogue moves on, so it is told with every answer and kept nowhere. */
const PROBLEMS = `(SELECT json_group_array(json_object('path', 'sections.' || f.section || '.items.' || f.item, 'item_code', f.item_code,
    'reason', f.reason, 'message', f.message))
  FROM (
    SELECT s.key AS section, i.key AS item, i.value ->> 'item_code' AS item_code,
      CASE WHEN v.variant_id IS NULL THEN 'item_unknown' ELSE 'hidden' END AS reason,
      CASE WHEN v.variant_id IS NULL THEN 'no item has this code; a publish would fail' ELSE 'is hidden; a publish would leave it out' END AS message
    FROM ${ITEMS} LEFT JOIN variants AS v ON v.item_code = i.value ->> 'item_code' LEFT JOIN products AS p ON p.product_id = v.product_id
    WHERE v.variant_id IS NULL OR NOT ${VARIANT_VISIBLE_SQL}
    UNION ALL
    SELECT s.key, i.key, i.value ->> 'item_code', 'price_missing', 'has no price; a publish would fail'
    FROM ${ITEMS} WHERE i.value ->> 'price_minor' IS NULL
    ORDER BY 1, 2, 4
  ) AS f)`;

/** A SELECT of one JSON text: the draft as the API gives it; no row where there is none. */
export const draftAnswer = (draftId: string): Statement =>
  statement(
    `SELECT json_object('id', d.draft_id, 'name', d.name, 'currency', d.currency, 'provider', d.provider, 'revision', d.revision,
      'sections', json(${SECTIONS}), 'problems', json(${PROBLEMS}),
      'created_at', ${timestampSql("d.created_at_ms")}, 'updated_at', ${timestampSql("d.updated_at_ms")}) AS draft
    FROM menu_drafts AS d WHERE d.draft_id = ?`,
    draftId,
  );
