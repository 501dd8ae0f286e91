import { type SqlValue, statement } from "../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { want } from "../../platform/writer/wanted.ts";
import { codeIsFree } from "./create-store.ts";
import { LOCATION_EVENT_SQL } from "./events.ts";
import { readStore, storeAnswer } from "./reader.ts";
import type { Store, UpdateStore } from "./schemas.ts";

/** The given fields that differ from the store as it is. */
export function changedFields(store: Store, given: UpdateStore): UpdateStore {
  const differs = ([field, value]: [string, unknown]): boolean => {
    if (value === undefined) return false;
    const current = store[field as keyof Store];
    return field === "address" ? addressText(value as Store["address"]) !== addressText(current as Store["address"]) : value !== current;
  };
  return Object.fromEntries(Object.entries(given).filter(differs)) as UpdateStore;
}

const addressText = (address: Store["address"]): string =>
  JSON.stringify(address && Object.entries(address).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Changes the given fields. One read before, to know whether anything changes at all: only then the event and the storefront's
 * regeneration. Answers the store. Refusals: STORE_CODE_TAKEN; throws NOT_FOUND.
 */
export async function updateStore(scope: RequestScope, storeId: string, given: UpdateStore): Promise<UnitResult> {
  const changed = changedFields(await readStore(scope.db, storeId, { fresh: true }), given);
  const isChanged = Object.keys(changed).length > 0;
  return scope.db.write(
    unitOf(scope, {
      steps: isChanged ? updateSteps(scope, storeId, changed) : [],
      answer: { status: 200, select: storeAnswer(storeId) },
      wakes: isChanged,
    }),
  );
}

function updateSteps(scope: RequestScope, storeId: string, changed: UpdateStore): UnitStep[] {
  const nowMs = scope.clock.now();
  const { address, ...plain } = changed;
  const columns: [string, SqlValue][] = Object.entries(plain).map(([column, value]) => [column, value ?? null]);
  if (address !== undefined) columns.push(["address", address === null ? null : JSON.stringify(address)]);
  const steps: UnitStep[] = [];
  if (changed.code) steps.push(codeIsFree(changed.code, storeId));
  steps.push(
    statement(
      `UPDATE stores SET ${columns.map(([column]) => `${column} = ?`).join(", ")}, updated_at_ms = ? WHERE store_id = ?`,
      ...columns.map(([, value]) => value),
      nowMs,
      storeId,
    ),
  );
  if (changed.name !== undefined) {
    steps.push(
      statement(
        "UPDATE locations SET name = ? WHERE location_id = (SELECT location_id FROM stores WHERE store_id = ?)",
        changed.name,
        storeId,
      ),
    );
  }
  steps.push(
    ...emitEvents(
      {
        event_type: "store.location.updated",
        source: "store-hub",
        schema_version: 1,
        trace_id: scope.trace_id,
        occurred_at_ms: nowMs,
        rows: statement(LOCATION_EVENT_SQL, storeId),
      },
      scope.clock.newId(),
    ),
    // The storefront document carries the store's particulars.
    want("regenerate_store", storeId, { store_id: storeId }, nowMs),
  );
  return steps;
}
