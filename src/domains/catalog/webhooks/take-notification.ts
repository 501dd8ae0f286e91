import { fromUtf8, sha256Hex } from "../../../kernel/bytes.ts";
import { AppError } from "../../../kernel/errors.ts";
import { type Statement, statement } from "../../../platform/db/statement.ts";
import type { UnitStep } from "../../../platform/db/unit-of-work.ts";
import { failureOf, type Reply } from "../../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { want } from "../../../platform/writer/wanted.ts";
import { isSigned, type SignatureScheme } from "./signature.ts";
import { type Notification, WEBHOOKS } from "./webhook-kinds.ts";
import { type HookedSource, openKept, readHookedSource, sealAnew } from "./webhook-secrets.ts";

export const FORM = "application/x-www-form-urlencoded";
/** How WooCommerce tries an address when a webhook is saved: unsigned, and it wants 200. It says nothing, so anybody may. */
const PING = /^webhook_id=\d{1,20}$/;

/** Checked where there is no such source system, so that this takes as long. */
const ANY_SCHEME: SignatureScheme = { header: "x-signature", hash: "SHA-256", encoding: "hex", signs: "body" };

const DELIVERIES_KEPT_MS = 7 * 86_400_000;
const LONGEST_KEY = 200;

export interface NotificationRequest {
  source_system_id: string;
  bytes: Uint8Array;
  content_type: string;
}

const accepted = (isTaken: boolean): Reply => ({ status: 202, body: { accepted: isTaken } });

/**
 * Takes a provider's notification and answers at once; the work it asks for is done from a queue. One read of a replica, one unit of work.
 * UNAUTHENTICATED for whatever its source system's secret did not sign, be there such a source system or not. Throws BAD_JSON.
 */
export async function takeNotification(scope: RequestScope, request: NotificationRequest): Promise<Reply> {
  const { source_system_id: id, bytes } = request;
  if (request.content_type === FORM && bytes.length < 64 && PING.test(fromUtf8(bytes))) return { status: 200, body: { accepted: false } };
  const source = await readHookedSource(scope.db, id);
  const kind = source && Object.hasOwn(WEBHOOKS, source.provider) ? WEBHOOKS[source.provider] : undefined;
  if (!(await isGenuine(scope, id, source, kind?.signature ?? ANY_SCHEME, bytes)) || !source || !kind)
    throw new AppError("UNAUTHENTICATED", { detail: "This is not signed with a secret of a source system here." });
  const notification = kind.read(scope.headers, bytes);
  if (notification.kind === "ignored" || !source.is_active) return accepted(false);
  const reseal = await sealAnew(scope, id, source.secrets);
  const steps = [...once(scope, id, notification.event_id), ...(reseal ? [reseal] : [])];
  return notification.kind === "refresh" ? wantRefresh(scope, id, steps) : keep(scope, request, notification, steps);
}

async function isGenuine(
  scope: RequestScope,
  id: string,
  source: HookedSource | null,
  scheme: SignatureScheme,
  body: Uint8Array,
): Promise<boolean> {
  const secrets = (await Promise.all((source?.secrets ?? []).map((kept) => openKept(scope, id, kept)))).filter((secret) => secret !== null);
  const header = source?.signature_header ?? scheme.header;
  const signed = { url: scope.url.href, headers: scope.headers, body, now_ms: scope.clock.now() };
  return isSigned({ ...scheme, header }, signed, secrets);
}

/** Refuses what was taken before, by the provider's own id of it. */
function once(scope: RequestScope, id: string, eventId: string | null): UnitStep[] {
  if (eventId === null) return [];
  const nowMs = scope.clock.now();
  return [
    statement(
      `DELETE FROM webhook_deliveries WHERE (source_system_id, event_id) IN
         (SELECT source_system_id, event_id FROM webhook_deliveries WHERE received_at_ms < ? ORDER BY received_at_ms LIMIT 10)`,
      nowMs - DELIVERIES_KEPT_MS,
    ),
    statement(
      "INSERT INTO webhook_deliveries (source_system_id, event_id, received_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      id,
      eventId.slice(0, LONGEST_KEY),
      nowMs,
    ),
    { guard: "CONFLICT" },
  ];
}

async function wantRefresh(scope: RequestScope, id: string, steps: UnitStep[]): Promise<Reply> {
  const mark = statement("UPDATE source_systems SET refresh_wanted_at_ms = ? WHERE source_system_id = ?", scope.clock.now(), id);
  const result = await scope.db.write(
    unitOf(withoutKey(scope), { steps: [...steps, mark], answer: { status: 202, select: statement("SELECT 'null'") } }),
  );
  if (result.kind !== "applied" && result.kind !== "refused") throw failureOf(result);
  return accepted(true);
}

const withoutKey = (scope: RequestScope): RequestScope => ({ ...scope, receipt: undefined });

/** Keeps the body until a run takes it, in place of an older one of the same object, and asks for that run. */
async function keep(
  scope: RequestScope,
  { source_system_id: id, bytes, content_type }: NotificationRequest,
  notification: Extract<Notification, { kind: "payload" }>,
  steps: UnitStep[],
): Promise<Reply> {
  const { topic, occurred_at_ms } = notification;
  const hash = await sha256Hex(bytes);
  const named = notification.object_id || hash;
  const objectId = named.length > LONGEST_KEY ? await sha256Hex(named) : named;
  const nowMs = scope.clock.now();
  const bodyKey = `${scope.tenant.tenant_id}/webhooks/${id}/${scope.clock.newId()}`;
  const { MEDIA } = scope.bindings;
  // Before the row that names it: a crash between leaves an object that nothing names, never a row without its body.
  await MEDIA.put(bodyKey, bytes, { httpMetadata: { contentType: content_type } });
  const put = statement(
    `INSERT INTO webhook_notifications (source_system_id, topic, object_id, body_key, body_hash, content_type, body_bytes, occurred_at_ms, received_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (source_system_id, topic, object_id) DO UPDATE SET replaced_body_key = webhook_notifications.body_key,
       body_key = excluded.body_key, body_hash = excluded.body_hash, content_type = excluded.content_type, body_bytes = excluded.body_bytes,
       occurred_at_ms = excluded.occurred_at_ms, received_at_ms = excluded.received_at_ms
     WHERE excluded.body_hash <> webhook_notifications.body_hash
       AND coalesce(excluded.occurred_at_ms >= webhook_notifications.occurred_at_ms, 1)`,
    id,
    topic,
    objectId,
    bodyKey,
    hash,
    content_type,
    bytes.length,
    occurred_at_ms,
    nowMs,
  );
  const result = await scope.db.write(
    unitOf(withoutKey(scope), {
      steps: [...steps, put, want("gather_notifications", id, {}, nowMs)],
      answer: { status: 202, select: keptBody(id, topic, objectId) },
      wakes: true,
    }),
  );
  if (result.kind === "unavailable") throw failureOf(result);
  const kept = result.kind === "applied" ? (JSON.parse(result.answer) as { body_key: string; replaced_body_key: string | null }) : null;
  const isOurs = kept?.body_key === bodyKey;
  const unneeded = isOurs ? kept.replaced_body_key : bodyKey;
  if (unneeded !== null) scope.wait_until(MEDIA.delete(unneeded));
  if (result.kind !== "applied" && result.kind !== "refused") throw failureOf(result);
  return accepted(true);
}

const keptBody = (id: string, topic: string, objectId: string): Statement =>
  statement(
    `SELECT json_object('body_key', body_key, 'replaced_body_key', replaced_body_key) FROM webhook_notifications
     WHERE source_system_id = ? AND topic = ? AND object_id = ?`,
    id,
    topic,
    objectId,
  );
