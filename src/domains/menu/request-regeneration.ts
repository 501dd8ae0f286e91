import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { want } from "../../platform/writer/wanted.ts";

/** Asks for a store's regeneration; asked again while it is wanted, it joins. Answers `{ store_id, status }`. Refusals: NOT_FOUND. */
export function requestRegeneration(scope: RequestScope, storeId: string): Promise<UnitResult> {
  return scope.db.write(
    unitOf(scope, {
      steps: [
        {
          guard: "NOT_FOUND",
          holds: "EXISTS (SELECT 1 FROM stores WHERE store_id = ?)",
          args: [storeId],
          details: statement("SELECT json_object('detail', 'There is no such store.')"),
        },
        want("regenerate_store", storeId, { store_id: storeId }, scope.clock.now()),
      ],
      answer: { status: 202, select: statement("SELECT json_object('store_id', ?, 'status', 'queued')", storeId) },
      wakes: true,
    }),
  );
}
