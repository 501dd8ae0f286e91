import { statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { emitEvents } from "../../platform/writer/outbox.ts";
import { LOCATION_EVENT_SQL } from "./events.ts";
import { storeAnswer } from "./reader.ts";
import type { CreateStore } from "./schemas.ts";

/** Refuses with STORE_CODE_TAKEN where another store has the code. */
export const codeIsFree = (code: string, storeId: string): Guard => ({
  guard: "STORE_CODE_TAKEN",
  holds: "NOT EXISTS (SELECT 1 FROM stores WHERE code = ? AND store_id <> ?)",
  args: [code, storeId],
  details: statement(
    "SELECT json_object('detail', 'Store \"' || name || '\" has the code \"' || code || '\".', 'store_id', store_id) FROM stores WHERE code = ?",
    code,
  ),
});

/** Creates a store and its location. Answers the store. Refusals: STORE_CODE_TAKEN. */
export function createStore(scope: RequestScope, store: CreateStore): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const storeId = scope.clock.newId();
  const locationId = scope.clock.newId();
  const code = store.code ?? null;
  return scope.db.write(
    unitOf(scope, {
      steps: [
        ...(code === null ? [] : [codeIsFree(code, storeId)]),
        statement(
          "INSERT INTO locations (location_id, kind, name, created_at_ms) VALUES (?, 'store', ?, ?)",
          locationId,
          store.name,
          nowMs,
        ),
        statement(
          `INSERT INTO stores (store_id, location_id, name, code, timezone, currency, locale, address, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)`,
          storeId,
          locationId,
          store.name,
          code,
          store.timezone,
          store.currency,
          store.locale ?? scope.tenant.locale,
          store.address ? JSON.stringify(store.address) : null,
          nowMs,
        ),
        ...emitEvents(
          {
            event_type: "store.location.created",
            source: "store-hub",
            schema_version: 1,
            trace_id: scope.trace_id,
            occurred_at_ms: nowMs,
            rows: statement(LOCATION_EVENT_SQL, storeId),
          },
          scope.clock.newId(),
        ),
      ],
      answer: { status: 201, select: storeAnswer(storeId) },
      wakes: true,
    }),
  );
}
