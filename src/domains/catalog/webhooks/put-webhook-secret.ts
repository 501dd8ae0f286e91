import { AppError } from "../../../kernel/errors.ts";
import { type Statement, statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";
import { type Reply, replyOf } from "../../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { WEBHOOKS } from "./webhook-kinds.ts";
import { deriveWebhookSecret, keepSecret, openKept, readHookedSource } from "./webhook-secrets.ts";

/** A SELECT of one JSON text: what may be told of a source system's secrets. */
export const secretsAnswer = (id: string): Statement =>
  statement(
    `SELECT json_object('source_system_id', s.source_system_id, 'secrets', json((SELECT json_group_array(json_object(
       'slot', kept.value ->> 'slot', 'secret_id', kept.value ->> 'secret_id', 'key_id', kept.value ->> 'key_id',
       'set_at', ${timestampSql("kept.value ->> 'set_at_ms'")})) FROM json_each(s.webhook_secrets) AS kept)))
     FROM source_systems AS s WHERE s.source_system_id = ?`,
    id,
  );

/**
 * Makes this the secret that the provider signs with; the one before stays good until it is removed. Without `given` one is made here and
 * answered, the only time. The same again changes nothing. One read before: the secrets there are. Throws NOT_FOUND, and
 * WEBHOOK_NOT_OFFERED where the provider has none.
 */
export async function putWebhookSecret(scope: RequestScope, id: string, given: string | undefined): Promise<Reply> {
  const source = await readHookedSource(scope.db, id, { fresh: true });
  if (!source) throw new AppError("NOT_FOUND", { detail: "There is no such source system." });
  if (!Object.hasOwn(WEBHOOKS, source.provider)) {
    const detail = `Nothing is known of how ${source.provider} would sign a notification.`;
    throw new AppError("WEBHOOK_NOT_OFFERED", { detail });
  }
  const current = source.secrets.find(({ slot }) => slot === "current");
  const isThere = given !== undefined && current !== undefined && (await openKept(scope, id, current)) === given;
  const secretId = scope.clock.newId();
  const secret = given ?? (await deriveWebhookSecret(scope.config.TOKEN_SECRET, secretId));
  const kept = await keepSecret(scope, id, secret, { slot: "current", secret_id: secretId, set_at_ms: scope.clock.now() });
  const put = statement(
    `UPDATE source_systems SET webhook_secrets = json_array(json(?1),
         json((SELECT json_set(kept.value, '$.slot', 'previous') FROM json_each(webhook_secrets) AS kept WHERE kept.value ->> 'slot' = 'current')))
     WHERE source_system_id = ?2`,
    JSON.stringify(kept),
    id,
  );
  // The first has none before it.
  const dropNull = statement(
    "UPDATE source_systems SET webhook_secrets = json_remove(webhook_secrets, '$[1]') WHERE source_system_id = ? AND json_type(webhook_secrets, '$[1]') = 'null'",
    id,
  );
  const result = await scope.db.write(
    unitOf(scope, { steps: isThere ? [] : [put, dropNull], answer: { status: 200, select: secretsAnswer(id) } }),
  );
  // Another object than what was decided: a reply that holds a secret is remembered nowhere.
  const { text, ...reply } = replyOf(result);
  if (result.kind !== "applied") return { ...reply, ...(text === undefined ? {} : { text }) };
  const answer = JSON.parse(result.answer) as { secrets: { slot: string; secret_id: string }[] };
  const made = answer.secrets.find(({ slot }) => slot === "current")?.secret_id;
  const shown = given === undefined && made !== undefined ? { secret: await deriveWebhookSecret(scope.config.TOKEN_SECRET, made) } : {};
  return { ...reply, body: { ...answer, ...shown } };
}
