import { quantityToE4 } from "../../kernel/quantity.ts";
import { statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import { countingIds } from "./counting-ids.ts";
import { DUE_RESERVED_SQL } from "./ledger-fold.ts";
import { movementSteps, movementsJsonSql, positionsJsonSql } from "./movement-steps.ts";
import { namedVariantSql, variantsExist } from "./named.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import { insertEntries, type LedgerEntry, writtenEntries } from "./record-movements.ts";
import type { CreateTransfer } from "./schemas.ts";

/**
 * Moves stock from one location to another: both sides of every line or nothing; no read before. Answers `{ transfer_id, movements,
 * positions }`. Refusals: LOCATION_UNKNOWN, VARIANT_UNKNOWN, STOCK_INSUFFICIENT where more would leave than is available there.
 */
export function transferStock(scope: RequestScope, transfer: CreateTransfer): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const transferId = scope.clock.newId();
  const ids = countingIds(scope.clock.newId(), 2 * transfer.lines.length);
  const entries = transfer.lines.flatMap(({ variant_id, item_code, quantity }, index): LedgerEntry[] => {
    const quantityE4 = quantityToE4(quantity) ?? 0;
    const side = (place: 0 | 1) => ({
      movement_id: ids[2 * index + place] ?? "",
      variant_id,
      item_code,
      occurred_at_ms: nowMs,
      reference_type: "transfer",
      reference_id: transfer.reference_id ?? transferId,
    });
    return [
      { ...side(0), location_id: transfer.from_location_id, movement_type: "transfer_out", quantity_e4: -quantityE4 },
      { ...side(1), location_id: transfer.to_location_id, movement_type: "transfer_in", quantity_e4: quantityE4 },
    ];
  });
  const written = writtenEntries(entries);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        locationsExist([transfer.from_location_id, transfer.to_location_id]),
        variantsExist(transfer.lines, "body.lines"),
        isThere(transfer, nowMs),
        insertEntries(entries, nowMs),
        ...movementSteps(scope, written, { has_counts: false, now_ms: nowMs }),
        ...orderabilitySteps(scope, nowMs, statement(`SELECT w.location_id, w.variant_id FROM (${written.sql}) AS w`, ...written.args)),
      ],
      answer: {
        status: 201,
        select: statement(
          `SELECT json_object('transfer_id', ?, 'movements', ${movementsJsonSql(written)}, 'positions', ${positionsJsonSql(written)})`,
          transferId,
          ...written.args,
          ...written.args,
        ),
      },
      wakes: true,
    }),
  );
}

/** What nobody keeps stock of cannot leave, nor what is promised to an order. */
function isThere({ from_location_id, lines }: CreateTransfer, nowMs: number): Guard {
  const list = JSON.stringify(
    lines.map(({ variant_id, item_code, quantity }) => ({ variant_id, item_code, quantity_e4: quantityToE4(quantity) })),
  );
  const short = `FROM (SELECT v.variant_id, v.item_code, sum(e.value ->> 'quantity_e4') AS quantity_e4,
        max(coalesce(p.available_e4 + coalesce(${DUE_RESERVED_SQL}, 0), 0)) AS available_e4, coalesce(max(p.allow_negative), 0) AS allow_negative
      FROM json_each(?) AS e CROSS JOIN variants AS v ON v.variant_id = ${namedVariantSql("e.value")}
        LEFT JOIN stock_positions AS p ON p.location_id = ? AND p.variant_id = v.variant_id
      GROUP BY v.variant_id) AS s
    WHERE s.quantity_e4 > s.available_e4 AND s.allow_negative = 0`;
  const args = [nowMs, list, from_location_id];
  return {
    guard: "STOCK_INSUFFICIENT",
    holds: `NOT EXISTS (SELECT 1 ${short})`,
    args,
    details: statement(
      `SELECT json_object('detail', 'There is not enough of ' || group_concat(s.item_code, ', ') || '.', 'location_id', ?,
        'lines', json_group_array(json_object('variant_id', s.variant_id, 'item_code', s.item_code, 'requested', s.quantity_e4 / 10000.0,
          'available', max(s.available_e4, 0) / 10000.0))) ${short}`,
      from_location_id,
      ...args,
    ),
  };
}
