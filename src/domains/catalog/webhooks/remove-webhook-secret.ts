import { statement } from "../../../platform/db/statement.ts";
import type { UnitResult } from "../../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { readSourceSystem } from "../source-systems.ts";
import { secretsAnswer } from "./put-webhook-secret.ts";

/** Removes the secret before the current one, or all: then nothing is taken any more. One read before. Throws NOT_FOUND. */
export async function removeWebhookSecret(scope: RequestScope, id: string, which: "previous" | "all"): Promise<UnitResult> {
  await readSourceSystem(scope.db, id, { fresh: true });
  const remove = statement(
    `UPDATE source_systems SET webhook_secrets = (SELECT json_group_array(json(kept.value)) FROM json_each(webhook_secrets) AS kept
       WHERE kept.value ->> 'slot' = ?1) WHERE source_system_id = ?2`,
    which === "all" ? "" : "current",
    id,
  );
  return scope.db.write(unitOf(scope, { steps: [remove], answer: { status: 200, select: secretsAnswer(id) } }));
}
