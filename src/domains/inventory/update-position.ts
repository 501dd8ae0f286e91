import { quantityToE4 } from "../../kernel/quantity.ts";
import { type SqlValue, statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { positionAnswer } from "./reader.ts";
import type { UpdatePosition } from "./schemas.ts";

/** Sets what may happen with a variant's stock at a location. Answers the position. Refusals: NOT_FOUND where no stock is kept of it there. */
export function updatePosition(scope: RequestScope, locationId: string, variantId: string, given: UpdatePosition): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const columns: [name: string, value: SqlValue][] = [["updated_at_ms", nowMs]];
  if (given.allow_negative !== undefined) columns.push(["allow_negative", given.allow_negative ? 1 : 0]);
  if (given.reorder_point !== undefined) columns.push(["reorder_point_e4", quantityToE4(given.reorder_point)]);
  if (given.max_stock !== undefined) columns.push(["max_stock_e4", given.max_stock === null ? null : quantityToE4(given.max_stock)]);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `UPDATE stock_positions SET ${columns.map(([name]) => `${name} = ?`).join(", ")} WHERE location_id = ? AND variant_id = ?`,
          ...columns.map(([, value]) => value),
          locationId,
          variantId,
        ),
        {
          guard: "NOT_FOUND",
          details: statement("SELECT json_object('detail', 'No stock is kept of it there: record a count or a purchase first.')"),
        },
        ...orderabilitySteps(scope, nowMs, statement("SELECT ? AS location_id, ? AS variant_id", locationId, variantId)),
      ],
      answer: { status: 200, select: positionAnswer(locationId, variantId, nowMs) },
      wakes: true,
    }),
  );
}
