import { quantityToE4 } from "../../kernel/quantity.ts";
import { jsonListSql } from "../../platform/db/json-list-sql.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import { namedVariantSql, variantsExist } from "./named.ts";
import type { CreateReconciliation } from "./reconciliation-schemas.ts";

/**
 * What should have been there against what was counted, for a location and a period (`from` included, `to` not). Changes nothing. At most
 * three statements whatever the number of variants: whether what is named exists, and one SELECT, linear in the period and in what came
 * between the newest count before it and its beginning. Answers a part of the reconciliation. Refusals: LOCATION_UNKNOWN, VARIANT_UNKNOWN.
 */
export function reconcile(scope: RequestScope, asked: CreateReconciliation): Promise<UnitResult> {
  return scope.db.write(
    unitOf(scope, {
      steps: [locationsExist([asked.location_id]), ...(asked.counts ? [variantsExist(asked.counts, "body.counts")] : [])],
      answer: { status: 201, select: reconciliation(asked) },
      lane: "bulk",
    }),
  );
}

function reconciliation(asked: CreateReconciliation): Statement {
  const figures = periodFigures(asked);
  const parts = "f.opening_e4 + f.purchases_e4 + f.sales_e4 + f.returns_e4 + f.waste_e4 + f.adjustments_e4 + f.transfers_e4";
  const figure = (name: string) => `'${name}', f.${name}_e4 / 10000.0`;
  const row = `json_object('variant_id', f.variant_id, 'item_code', v.item_code, ${[
    "opening",
    "purchases",
    "sales",
    "returns",
    "waste",
    "adjustments",
    "transfers",
  ]
    .map(figure)
    .join(", ")}, 'expected', (${parts}) / 10000.0, ${figure("counted")}, 'variance', (f.counted_e4 - (${parts})) / 10000.0)`;
  return statement(
    `SELECT json_object('location_id', ?, 'from', ?, 'to', ?,
       'data', ${jsonListSql(row, `(${figures.sql}) AS f CROSS JOIN variants AS v ON v.variant_id = f.variant_id`, asked.counts ? "v.item_code" : "f.variant_id")},
       'next_cursor', ${asked.counts ? "NULL" : NEXT_CURSOR})`,
    asked.location_id,
    asked.from,
    asked.to,
    ...figures.args,
    ...(asked.counts ? [] : [asked.location_id, asked.cursor ?? "", asked.limit, asked.limit]),
  );
}

/** The last variant of a full part that is not the last. */
const NEXT_CURSOR = `(SELECT max(page.variant_id) FROM (SELECT p.variant_id, row_number() OVER () AS place, count(*) OVER () AS places
  FROM (SELECT p.variant_id FROM stock_positions AS p WHERE p.location_id = ? AND p.variant_id > ? ORDER BY p.variant_id LIMIT 1 + ?) AS p) AS page
  WHERE page.places > ? AND page.place < page.places)`;

/** The variants that are reconciled: location_id, variant_id and what the request says was counted of them. */
function reconciled({ location_id, counts, cursor, limit }: CreateReconciliation): Statement {
  if (counts) {
    return statement(
      `SELECT ? AS location_id, ${namedVariantSql("e.value")} AS variant_id, sum(e.value ->> 'quantity_e4') AS counted_e4 FROM json_each(?) AS e
       GROUP BY 2`,
      location_id,
      JSON.stringify(counts.map(({ variant_id, item_code, quantity }) => ({ variant_id, item_code, quantity_e4: quantityToE4(quantity) }))),
    );
  }
  return statement(
    `SELECT p.location_id, p.variant_id, NULL AS counted_e4 FROM stock_positions AS p WHERE p.location_id = ? AND p.variant_id > ?
     ORDER BY p.variant_id LIMIT ?`,
    location_id,
    cursor ?? "",
    limit,
  );
}

const sumOf = (...types: string[]): string =>
  `coalesce(sum(iif(m.movement_type IN (${types.map((type) => `'${type}'`).join(", ")}), m.quantity_e4, 0)), 0)`;

/** Where the newest count of a place `p` is that `when` (over `n`) allows. */
const newest = (column: string, when: string): string => `(SELECT n.${column} FROM stock_movements AS n INDEXED BY stock_movements_counts
  WHERE n.location_id = p.location_id AND n.variant_id = p.variant_id AND n.movement_type = 'count' AND ${when}
  ORDER BY n.occurred_at_ms DESC, n.movement_id DESC LIMIT 1)`;

/** One row a variant. A count in the period is carried on to its end by what came after it. */
function periodFigures(asked: CreateReconciliation): Statement {
  const places = reconciled(asked);
  const [fromMs, toMs] = [Date.parse(asked.from), Date.parse(asked.to)];
  const inPeriod = "n.occurred_at_ms >= ? AND n.occurred_at_ms < ?";
  const marked = `SELECT p.*, ${newest("occurred_at_ms", "n.occurred_at_ms < ?")} AS base_at_ms, ${newest("movement_id", "n.occurred_at_ms < ?")} AS base_id,
      ${newest("occurred_at_ms", inPeriod)} AS count_at_ms, ${newest("movement_id", inPeriod)} AS count_id
    FROM (${places.sql}) AS p LIMIT -1`;
  const opened = `SELECT k.*, coalesce((SELECT c.quantity_e4 FROM stock_movements AS c WHERE c.location_id = k.location_id
        AND c.variant_id = k.variant_id AND c.occurred_at_ms = k.base_at_ms AND c.movement_id = k.base_id), 0)
      + coalesce((SELECT sum(o.quantity_e4) FROM stock_movements AS o WHERE o.location_id = k.location_id AND o.variant_id = k.variant_id
        AND (o.occurred_at_ms, o.movement_id) > (coalesce(k.base_at_ms, -9000000000000000), coalesce(k.base_id, ''))
        AND o.occurred_at_ms < ?), 0) AS opening_e4
    FROM (${marked}) AS k LIMIT -1`;
  return statement(
    `SELECT a.variant_id, a.opening_e4, ${sumOf("purchase")} AS purchases_e4, ${sumOf("sale", "sale_committed")} AS sales_e4,
       ${sumOf("return")} AS returns_e4, ${sumOf("waste")} AS waste_e4, ${sumOf("adjustment")} AS adjustments_e4,
       ${sumOf("transfer_in", "transfer_out")} AS transfers_e4,
       coalesce(a.counted_e4, sum(iif((m.occurred_at_ms, m.movement_id) >= (a.count_at_ms, a.count_id), m.quantity_e4, 0)) + iif(a.count_id IS NULL, NULL, 0))
         AS counted_e4
     FROM (${opened}) AS a LEFT JOIN stock_movements AS m ON m.location_id = a.location_id AND m.variant_id = a.variant_id
       AND m.occurred_at_ms >= ? AND m.occurred_at_ms < ?
     GROUP BY a.variant_id`,
    fromMs,
    fromMs,
    fromMs,
    fromMs,
    toMs,
    fromMs,
    toMs,
    ...places.args,
    fromMs,
    toMs,
  );
}
