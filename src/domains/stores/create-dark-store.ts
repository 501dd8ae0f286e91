import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { darkStoreCreated } from "./dark-store-events.ts";
import { darkStoreAnswer } from "./dark-store-reader.ts";
import type { CreateDarkStore } from "./dark-store-schemas.ts";

/** Whether a status means that orders are taken. */
export const isActiveStatus = (status: CreateDarkStore["status"]): boolean => status === "active" || status === "busy";

/** Makes a store one that is picked from. Answers the dark store. Refusals: STORE_UNKNOWN; CONFLICT where the store is one already. */
export function createDarkStore(scope: RequestScope, given: CreateDarkStore): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const id = scope.clock.newId();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        { guard: "STORE_UNKNOWN", holds: "EXISTS (SELECT 1 FROM stores WHERE store_id = ?)", args: [given.store_id] },
        {
          guard: "CONFLICT",
          holds: "NOT EXISTS (SELECT 1 FROM dark_stores WHERE store_id = ?)",
          args: [given.store_id],
          details: statement(
            "SELECT json_object('detail', 'This store is a dark store already.', 'dark_store_id', dark_store_id) FROM dark_stores WHERE store_id = ?",
            given.store_id,
          ),
        },
        statement(
          `INSERT INTO dark_stores (dark_store_id, store_id, name, status, is_active, capacity, created_at_ms, updated_at_ms)
           SELECT ?, s.store_id, coalesce(?, s.name), ?, ?, ?, ?, ? FROM stores AS s WHERE s.store_id = ?`,
          id,
          given.name ?? null,
          given.status,
          isActiveStatus(given.status) ? 1 : 0,
          given.capacity,
          nowMs,
          nowMs,
          given.store_id,
        ),
        ...darkStoreCreated(scope, id, nowMs),
      ],
      answer: { status: 201, select: darkStoreAnswer(id) },
      wakes: true,
    }),
  );
}
