import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { assortmentUpdated } from "./dark-store-events.ts";
import type { PutAssortment } from "./dark-store-schemas.ts";

const E4 = 10_000;

/** Says of items whether and how a dark store sells them, all or none. Answers how many. Refusals: NOT_FOUND, VARIANT_UNKNOWN naming the codes. */
export function putAssortment(scope: RequestScope, id: string, { items }: PutAssortment): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const codes = JSON.stringify(items.map(({ item_code }) => item_code));
  const rows = items.map(({ item_code, is_active, is_essential, demand_score, velocity_rank }) => ({
    item_code,
    is_active: is_active ? 1 : 0,
    is_essential: is_essential ? 1 : 0,
    demand_score_e4: Math.round(demand_score * E4),
    velocity_rank,
  }));
  const unknown = "json_each(?) AS named WHERE NOT EXISTS (SELECT 1 FROM variants AS v WHERE v.item_code = named.value)";
  return scope.db.write(
    unitOf(scope, {
      steps: [
        { guard: "NOT_FOUND", holds: "EXISTS (SELECT 1 FROM dark_stores WHERE dark_store_id = ?)", args: [id] },
        {
          guard: "VARIANT_UNKNOWN",
          holds: `NOT EXISTS (SELECT 1 FROM ${unknown})`,
          args: [codes],
          details: statement(
            `SELECT json_object('detail', 'These item codes are no variant of yours.',
               'item_codes', json((SELECT json_group_array(named.value) FROM ${unknown})))`,
            codes,
          ),
        },
        statement(
          `INSERT INTO dark_store_assortment (dark_store_id, variant_id, is_active, is_essential, demand_score_e4, velocity_rank, updated_at_ms)
           SELECT ?, v.variant_id, row.value ->> 'is_active', row.value ->> 'is_essential', row.value ->> 'demand_score_e4',
             row.value ->> 'velocity_rank', ?
           FROM json_each(?) AS row CROSS JOIN variants AS v ON v.item_code = row.value ->> 'item_code' WHERE true
           ON CONFLICT (dark_store_id, variant_id) DO UPDATE SET is_active = excluded.is_active, is_essential = excluded.is_essential,
             demand_score_e4 = excluded.demand_score_e4, velocity_rank = excluded.velocity_rank, updated_at_ms = excluded.updated_at_ms`,
          id,
          nowMs,
          JSON.stringify(rows),
        ),
        ...assortmentUpdated(
          scope,
          id,
          statement("SELECT v.variant_id FROM json_each(?) AS named CROSS JOIN variants AS v ON v.item_code = named.value", codes),
          nowMs,
        ),
      ],
      answer: { status: 200, select: statement("SELECT json_object('id', ?, 'items', ?)", id, items.length) },
      wakes: true,
    }),
  );
}
