import { quantityToE4 } from "../../kernel/quantity.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard } from "../../platform/db/unit-of-work.ts";
import { namedVariantSql } from "./named.ts";
import type { Line } from "./reservation-schemas.ts";

type LineModifier = Line["modifiers"][number];

/** Lines as the statements below take them: quantities in ten-thousandths, the same thing named twice in one line. */
export interface StockLine {
  variant_id?: string | undefined;
  item_code?: string | undefined;
  quantity_e4: number;
  modifiers: { option_id: string; quantity_e4: number }[];
  /** The places in the request that it sums up. */
  lines: number[];
}

const e4 = (quantity: number): number => quantityToE4(quantity) ?? 0;

/** Sums lines that name the same variant the same way. Of two names for one variant, or of bundles, SQL makes one sum. */
export function stockLines(lines: readonly Line[]): StockLine[] {
  const byName = new Map<string, StockLine>();
  lines.forEach(({ variant_id, item_code, quantity, modifiers }, index) => {
    const name = variant_id ?? `code ${item_code}`;
    const line = byName.get(name) ?? { variant_id, item_code, quantity_e4: 0, modifiers: [], lines: [] };
    line.quantity_e4 += e4(quantity);
    line.modifiers.push(...modifiers.map((modifier) => chosen(modifier, quantity)));
    line.lines.push(index);
    byName.set(name, line);
  });
  return [...byName.values()];
}

/** Rounded up: never less is held than is needed. */
const chosen = ({ option_id, quantity }: LineModifier, lineQuantity: number) => ({
  option_id,
  quantity_e4: Math.ceil((e4(quantity) * e4(lineQuantity)) / 10_000),
});

/**
 * What lines take out of stock: a SELECT of variant_id, quantity_e4 and `lines` (JSON), one row a variant. A bundle is its components, a
 * modifier option that is a variant is one more.
 */
export function wantedStock(lines: readonly StockLine[]): Statement {
  const list = JSON.stringify(lines);
  const hasModifiers = lines.some(({ modifiers }) => modifiers.length > 0);
  const options = `UNION ALL
    SELECT v.variant_id, o.value ->> 'quantity_e4', l.value ->> 'lines'
    FROM json_each(?) AS l CROSS JOIN json_each(l.value, '$.modifiers') AS o
      CROSS JOIN modifier_options AS chosen ON chosen.modifier_option_id = o.value ->> 'option_id'
      CROSS JOIN variants AS v ON v.item_code = chosen.item_code`;
  return statement(
    `SELECT taken.variant_id, sum(taken.quantity_e4) AS quantity_e4, json_group_array(json(taken.lines)) AS lines FROM (
       SELECT v.variant_id, l.value ->> 'quantity_e4' AS quantity_e4, l.value ->> 'lines' AS lines
       FROM json_each(?) AS l CROSS JOIN variants AS v ON v.variant_id = ${namedVariantSql("l.value")}
       WHERE NOT EXISTS (SELECT 1 FROM bundle_components AS b WHERE b.bundle_variant_id = v.variant_id)
       UNION ALL
       SELECT c.variant_id, ((l.value ->> 'quantity_e4') * b.quantity_e4 + 9999) / 10000, l.value ->> 'lines'
       FROM json_each(?) AS l CROSS JOIN bundle_components AS b ON b.bundle_variant_id = ${namedVariantSql("l.value")}
         CROSS JOIN variants AS c ON c.item_code = b.item_code
       ${hasModifiers ? options : ""}) AS taken
     GROUP BY taken.variant_id`,
    list,
    list,
    ...(hasModifiers ? [list] : []),
  );
}

/** Refuses with MODIFIER_UNKNOWN, naming each option that is nobody's. None where no line has options. */
export function modifiersExist(lines: readonly Line[]): Guard[] {
  const ids = [...new Set(lines.flatMap(({ modifiers }) => modifiers.map(({ option_id }) => option_id)))];
  if (ids.length === 0) return [];
  const unknown = "FROM json_each(?) AS e WHERE NOT EXISTS (SELECT 1 FROM modifier_options AS o WHERE o.modifier_option_id = e.value)";
  return [
    {
      guard: "MODIFIER_UNKNOWN",
      holds: `NOT EXISTS (SELECT 1 ${unknown})`,
      args: [JSON.stringify(ids)],
      details: statement(
        `SELECT json_object('detail', 'There is no modifier option ' || group_concat(e.value, ', ') || '.', 'option_ids', json_group_array(e.value)) ${unknown}`,
        JSON.stringify(ids),
      ),
    },
  ];
}
