import { statement } from "../../platform/db/statement.ts";
import type { Guard } from "../../platform/db/unit-of-work.ts";

/** A variant as a request names it: by one of the two. */
export interface NamedVariant {
  variant_id?: string | undefined;
  item_code?: string | undefined;
}

/** The id of the variant that a JSON value of `json_each` names, in SQL; null where a code is nobody's. */
export const namedVariantSql = (value: string): string =>
  `coalesce(${value} ->> 'variant_id', (SELECT named.variant_id FROM variants AS named WHERE named.item_code = ${value} ->> 'item_code'))`;

/** Refuses with VARIANT_UNKNOWN, naming each of the list that is nobody's. `path` is where in the request the list stands. */
export function variantsExist(entries: readonly NamedVariant[], path: string): Guard {
  const list = JSON.stringify(entries.map(({ variant_id, item_code }) => ({ variant_id, item_code })));
  const unknown = `FROM json_each(?) AS e WHERE NOT EXISTS (SELECT 1 FROM variants AS v WHERE v.variant_id = ${namedVariantSql("e.value")})`;
  return {
    guard: "VARIANT_UNKNOWN",
    holds: `NOT EXISTS (SELECT 1 ${unknown})`,
    args: [list],
    details: statement(
      `SELECT json_object('detail', 'There is no variant ' || group_concat(coalesce(e.value ->> 'item_code', e.value ->> 'variant_id'), ', ') || '.',
        'errors', json_group_array(json_object('message', 'no such variant',
          'path', '${path}.' || e.key || iif(e.value ->> 'item_code' IS NULL, '.variant_id', '.item_code'))))
       ${unknown}`,
      list,
    ),
  };
}
