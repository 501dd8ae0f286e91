import { toBase64Url, utf8 } from "../../../kernel/bytes.ts";
import type { DatabaseHandle, ReadOptions } from "../../../platform/db/database.ts";
import { type Row, type Statement, statement } from "../../../platform/db/statement.ts";
import type { Scope } from "../../../platform/http/scope.ts";
import { logEvent } from "../../../platform/observability/log.ts";
import { openSecret, type Sealed, sealSecret } from "../../../platform/secrets/sealed.ts";

/** `previous`: good until it is removed, so that a provider can be given a new one at leisure. */
export type Slot = "current" | "previous";

/** As a source system's row keeps it. */
export interface KeptSecret extends Sealed {
  slot: Slot;
  secret_id: string;
  set_at_ms: number;
}

/** What of a source system its webhook needs. */
export interface HookedSource {
  provider: string;
  is_active: boolean;
  signature_header: string | null;
  secrets: KeptSecret[];
  refresh_wanted_at_ms: number | null;
}

/** By a star: this Worker serves databases that have not got the newest columns yet. */
export const hookedStatement = (id: string): Statement => statement("SELECT * FROM source_systems WHERE source_system_id = ?", id);

/** Null where there is no such source system. */
export async function readHookedSource(db: DatabaseHandle, id: string, options: ReadOptions = {}): Promise<HookedSource | null> {
  const [rows] = await db.read([hookedStatement(id)], options);
  return rows?.[0] ? hookedOf(rows[0]) : null;
}

/** Of a row of `hookedStatement`. */
export function hookedOf(row: Row): HookedSource {
  const { signature_header } = JSON.parse(String(row["settings"])) as { signature_header?: string };
  return {
    provider: String(row["provider"]),
    is_active: row["is_active"] === 1,
    signature_header: signature_header ?? null,
    secrets: JSON.parse(String(row["webhook_secrets"] ?? "[]")) as KeptSecret[],
    refresh_wanted_at_ms: (row["refresh_wanted_at_ms"] ?? null) as number | null,
  };
}

const contextOf = ({ tenant }: Scope, id: string): string => `webhook-secret\n${tenant.tenant_id}\n${id}`;

/** Seals a secret for a source system. */
export async function keepSecret(scope: Scope, id: string, secret: string, kept: Omit<KeptSecret, keyof Sealed>): Promise<KeptSecret> {
  return { ...kept, ...(await sealSecret(scope.config.SECRETS_KEY, secret, contextOf(scope, id))) };
}

/** The secret; null where it cannot be opened, which is told in the log. */
export async function openKept(scope: Scope, id: string, kept: KeptSecret): Promise<string | null> {
  const secret = await openSecret(scope.config.SECRETS_KEY, kept, contextOf(scope, id));
  if (secret === null) {
    const { secret_id, key_id } = kept;
    logEvent("webhook.secret_unreadable", { tenant: scope.tenant.slug, source_system_id: id, secret_id, key_id });
  }
  return secret;
}

/** Seals with the newest key what an earlier one sealed; null where that has been done. Nothing where the secrets changed meanwhile. */
export async function sealAnew(scope: Scope, id: string, kept: readonly KeptSecret[]): Promise<Statement | null> {
  const newest = scope.config.SECRETS_KEY[0]?.id;
  if (kept.every(({ key_id }) => key_id === newest)) return null;
  const anew = await Promise.all(
    kept.map(async (one) => {
      const secret = one.key_id === newest ? null : await openKept(scope, id, one);
      const { slot, secret_id, set_at_ms } = one;
      return secret === null ? one : keepSecret(scope, id, secret, { slot, secret_id, set_at_ms });
    }),
  );
  return statement(
    "UPDATE source_systems SET webhook_secrets = ? WHERE source_system_id = ? AND webhook_secrets = ?",
    JSON.stringify(anew),
    id,
    JSON.stringify(kept),
  );
}

/** A secret of our making, derived from its id: an answer that shows it can be repeated, though no receipt holds it. */
export async function deriveWebhookSecret(tokenSecret: string, secretId: string): Promise<string> {
  const key = await crypto.subtle.importKey("raw", utf8(tokenSecret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `whs_${toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(`webhook-secret:${secretId}`))))}`;
}
