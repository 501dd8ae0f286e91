import { AppError } from "../../kernel/errors.ts";
import { quantityToE4 } from "../../kernel/quantity.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import { countingIds } from "./counting-ids.ts";
import { movementSteps, movementsJsonSql, positionsJsonSql } from "./movement-steps.ts";
import { namedVariantSql, variantsExist } from "./named.ts";
import { orderabilitySteps } from "./orderability-steps.ts";
import type { MovementInput } from "./schemas.ts";

/** A clock that is wrong by less than this is believed; a count from further ahead would void what happens until then. */
const CLOCKS_DIFFER_MS = 86_400_000;

/** A movement on its way into the ledger. */
export interface LedgerEntry {
  movement_id: string;
  variant_id?: string | undefined;
  item_code?: string | undefined;
  location_id: string;
  movement_type: string;
  quantity_e4: number;
  occurred_at_ms: number;
  reference_type?: string | undefined;
  reference_id?: string | undefined;
}

/**
 * Writes movements into the ledger, all or none, in whatever order they come; no read before. Answers `{ movements, positions, below_zero }`.
 * Refusals: LOCATION_UNKNOWN, VARIANT_UNKNOWN, STOCK_CHANGED where a count's `expected_quantity` is not what is on hand. Throws
 * VALIDATION_FAILED for what has not happened yet.
 */
export function recordMovements(scope: RequestScope, movements: readonly MovementInput[]): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const ids = countingIds(scope.clock.newId(), movements.length);
  const entries = movements.map((movement, index) => entryOf(movement, ids[index] ?? "", nowMs, index));
  const written = writtenEntries(entries);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        locationsExist(movements.map(({ location_id }) => location_id)),
        variantsExist(movements, "body.movements"),
        ...expectations(movements),
        insertEntries(entries, nowMs),
        ...movementSteps(scope, written, { has_counts: movements.some(({ movement_type }) => movement_type === "count"), now_ms: nowMs }),
        ...orderabilitySteps(scope, nowMs, statement(`SELECT w.location_id, w.variant_id FROM (${written.sql}) AS w`, ...written.args)),
      ],
      answer: {
        status: 201,
        select: statement(
          `SELECT json_object('movements', ${movementsJsonSql(written)}, 'positions', ${positionsJsonSql(written)},
            'below_zero', ${positionsJsonSql(written, "p.on_hand_e4 < 0")})`,
          ...written.args,
          ...written.args,
          ...written.args,
        ),
      },
      wakes: true,
    }),
  );
}

function entryOf(movement: MovementInput, movementId: string, nowMs: number, index: number): LedgerEntry {
  const occurredAtMs = Date.parse(movement.occurred_at);
  if (occurredAtMs > nowMs + CLOCKS_DIFFER_MS) {
    const path = `body.movements.${index}.occurred_at`;
    const message = "has not happened yet";
    throw new AppError("VALIDATION_FAILED", { detail: `${path} ${message}`, errors: [{ path, message }] });
  }
  const { variant_id, item_code, location_id, movement_type, reference_type, reference_id } = movement;
  const quantity_e4 = quantityToE4(movement.quantity ?? movement.quantity_delta ?? 0) ?? 0;
  const named = { movement_id: movementId, variant_id, item_code, location_id, movement_type };
  return { ...named, quantity_e4, occurred_at_ms: occurredAtMs, reference_type, reference_id };
}

/** Writes the entries; their variants and locations are known to exist. */
export const insertEntries = (entries: readonly LedgerEntry[], nowMs: number): Statement =>
  statement(
    `INSERT INTO stock_movements (location_id, variant_id, occurred_at_ms, movement_id, movement_type, quantity_e4, reference_type, reference_id,
       created_at_ms)
     SELECT e.value ->> 'location_id', ${namedVariantSql("e.value")}, e.value ->> 'occurred_at_ms', e.value ->> 'movement_id',
       e.value ->> 'movement_type', e.value ->> 'quantity_e4', e.value ->> 'reference_type', e.value ->> 'reference_id', ?
     FROM json_each(?) AS e`,
    nowMs,
    JSON.stringify(entries),
  );

/** A SELECT of the rows that `insertEntries` wrote. */
export const writtenEntries = (entries: readonly LedgerEntry[]): Statement =>
  statement(
    `SELECT m.* FROM json_each(?) AS e CROSS JOIN stock_movements AS m ON m.location_id = e.value ->> 'location_id'
       AND m.variant_id = ${namedVariantSql("e.value")} AND m.occurred_at_ms = e.value ->> 'occurred_at_ms'
       AND m.movement_id = e.value ->> 'movement_id'`,
    JSON.stringify(
      entries.map(({ variant_id, item_code, location_id, occurred_at_ms, movement_id }) => ({
        variant_id,
        item_code,
        location_id,
        occurred_at_ms,
        movement_id,
      })),
    ),
  );

/** Compare and swap: each count that says what it expects is held against what is on hand before any of this. */
function expectations(movements: readonly MovementInput[]): UnitStep[] {
  const expected = movements.flatMap(({ variant_id, item_code, location_id, expected_quantity }, index) =>
    expected_quantity === undefined
      ? []
      : [{ index, variant_id, item_code, location_id, expected_e4: expected_quantity === null ? null : quantityToE4(expected_quantity) }],
  );
  if (expected.length === 0) return [];
  const list = JSON.stringify(expected);
  const stale = `FROM json_each(?) AS e LEFT JOIN stock_positions AS p
      ON p.location_id = e.value ->> 'location_id' AND p.variant_id = ${namedVariantSql("e.value")}
    WHERE p.on_hand_e4 IS NOT e.value ->> 'expected_e4'`;
  const guard: Guard = {
    guard: "STOCK_CHANGED",
    holds: `NOT EXISTS (SELECT 1 ${stale})`,
    args: [list],
    details: statement(
      `SELECT json_object('detail', 'The stock has changed since; count again or send the current figure as expected_quantity.',
        'counts', json_group_array(json_object('index', e.value ->> 'index', 'location_id', e.value ->> 'location_id',
          'variant_id', ${namedVariantSql("e.value")}, 'item_code', e.value ->> 'item_code',
          'expected_quantity', (e.value ->> 'expected_e4') / 10000.0, 'current_quantity', p.on_hand_e4 / 10000.0)))
       ${stale}`,
      list,
    ),
  };
  return [guard];
}
