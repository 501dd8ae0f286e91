import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { isActiveStatus } from "./create-dark-store.ts";
import { darkStoreCapacityChanged, darkStoreStatusChanged } from "./dark-store-events.ts";
import { darkStoreAnswer, readDarkStore } from "./dark-store-reader.ts";
import type { DarkStore, UpdateDarkStore } from "./dark-store-schemas.ts";

/** The dark store as it is to be. */
export function changedDarkStore(
  current: DarkStore,
  given: UpdateDarkStore,
): Pick<DarkStore, "name" | "status" | "is_active" | "capacity"> {
  const status = given.status ?? current.status;
  const is_active = given.is_active ?? (given.status === undefined ? current.is_active : isActiveStatus(given.status));
  return { name: given.name ?? current.name, status, is_active, capacity: given.capacity ?? current.capacity };
}

/**
 * Changes the given fields; an event only for what changes. One read before. Answers the dark store. Refusals: CONFLICT where it changed
 * meanwhile; throws NOT_FOUND.
 */
export async function updateDarkStore(scope: RequestScope, id: string, given: UpdateDarkStore): Promise<UnitResult> {
  const current = await readDarkStore(scope.db, id, { fresh: true });
  const next = changedDarkStore(current, given);
  const hasStatusChanged = next.status !== current.status || next.is_active !== current.is_active;
  const hasCapacityChanged = next.capacity !== current.capacity;
  const isChanged = hasStatusChanged || hasCapacityChanged || next.name !== current.name;
  const nowMs = scope.clock.now();
  const steps = [
    statement(
      `UPDATE dark_stores SET name = ?, status = ?, is_active = ?, capacity = ?, updated_at_ms = ?
       WHERE dark_store_id = ? AND name = ? AND status = ? AND is_active = ? AND capacity = ?`,
      next.name,
      next.status,
      next.is_active ? 1 : 0,
      next.capacity,
      nowMs,
      id,
      current.name,
      current.status,
      current.is_active ? 1 : 0,
      current.capacity,
    ),
    { guard: "CONFLICT" } as const,
    ...(hasStatusChanged ? darkStoreStatusChanged(scope, id, given.reason ?? null, nowMs) : []),
    ...(hasCapacityChanged ? darkStoreCapacityChanged(scope, id, nowMs) : []),
  ];
  return scope.db.write(
    unitOf(scope, { steps: isChanged ? steps : [], answer: { status: 200, select: darkStoreAnswer(id) }, wakes: isChanged }),
  );
}
