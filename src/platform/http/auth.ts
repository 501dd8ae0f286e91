import { AppError } from "../../kernel/errors.ts";
import { OLDEST_SERVED_SCHEMA_VERSION } from "../db/migrations.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { KnownKey } from "../tenancy/directory.ts";
import { knownTerminal } from "../tenancy/known-terminals.ts";
import { mayDo, type Principal } from "../tenancy/roles.ts";
import { isTerminalToken, openTerminalToken } from "../tenancy/terminal-token.ts";
import type { Access, Endpoint } from "./endpoint.ts";
import type { Runtime } from "./runtime.ts";

const HOUR_MS = 3_600_000;

const credentialOf = (headers: Headers): string | null => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? headers.get("apikey");
};

/** Constant time in the length of what was given. */
function sameSecret(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length;
  for (let index = 0; index < given.length; index++) difference |= given.charCodeAt(index) ^ secret.charCodeAt(index % secret.length);
  return difference === 0;
}

const OPERATOR: Principal = { key_id: "operator", role: "admin", owner: "operator" };

const isOperator = (runtime: Runtime, headers: Headers): boolean => {
  const credential = credentialOf(headers);
  return credential !== null && sameSecret(credential, runtime.config.OPERATOR_KEY);
};

export async function requireOperator(runtime: Runtime, headers: Headers): Promise<void> {
  if (!isOperator(runtime, headers)) {
    if (credentialOf(headers) !== null) await runtime.limits.countFailedKey(headers);
    throw new AppError("UNAUTHENTICATED", { detail: "This route takes the operator's credential as Authorization: Bearer." });
  }
}

/**
 * Which tenant is meant and who asks. Host, `x-tenant-id` (on some routes `?tenant=`) and credential may each name the tenant; where two of them disagree
 * the answer is 404, as if the tenant were not there.
 */
export async function resolveTenant(
  runtime: Runtime,
  url: URL,
  headers: Headers,
  endpoint: Pick<Endpoint, "operator_too" | "tenant_in_query">,
): Promise<{ tenant: Tenant; principal: Principal | null }> {
  const { directory } = runtime;
  const operator = (endpoint.operator_too ?? false) && isOperator(runtime, headers);
  const references = [headers.get("x-tenant-id"), endpoint.tenant_in_query ? url.searchParams.get("tenant") : null];
  const credential = credentialOf(headers);
  const [byHost, byReferences, key] = await Promise.all([
    tenantOfHost(runtime, url.hostname),
    Promise.all(references.flatMap((reference) => (reference === null ? [] : directory.byReference(reference)))),
    credential === null || operator ? null : keyOf(runtime, credential, headers),
  ]);
  if (credential !== null && !key && !operator) {
    await runtime.limits.countFailedKey(headers);
    throw new AppError("UNAUTHENTICATED", { detail: "The credential is not known; it may have been revoked." });
  }
  const [byReference] = byReferences;
  if (byHost === "unknown" || byReferences.includes(null)) throw new AppError("TENANT_UNKNOWN");
  const byKey = key && !byHost && !byReference ? await directory.byReference(key.tenant_id) : null;
  const tenant = byHost ?? byReference ?? byKey;
  if (!tenant) throw new AppError("TENANT_REQUIRED", { detail: "Use the tenant's own domain, or send x-tenant-id." });
  const disagree = [byHost?.tenant_id, ...byReferences.map((one) => one?.tenant_id), key?.tenant_id].some(
    (id) => id !== undefined && id !== tenant.tenant_id,
  );
  if (disagree) throw new AppError("TENANT_UNKNOWN");
  if (tenant.status !== "active" || tenant.schema_version < OLDEST_SERVED_SCHEMA_VERSION) {
    throw new AppError("TENANT_BEHIND", { detail: "The operator can bring it up to date with npm run migrate.", retry_after_s: 10 });
  }
  if (key && !key.principal.terminal) noteUse(runtime, key);
  return { tenant, principal: operator ? OPERATOR : (key?.principal ?? null) };
}

function keyOf(runtime: Runtime, credential: string, headers: Headers): Promise<KnownKey | null> {
  if (isTerminalToken(credential)) return terminalOf(runtime, credential);
  return runtime.directory.byKey(credential, () => runtime.limits.mayLookUpKey(headers));
}

/** A terminal's token names its tenant, whose database knows whether it still holds. */
async function terminalOf(runtime: Runtime, token: string): Promise<KnownKey | null> {
  const claim = await openTerminalToken(runtime.config.TOKEN_SECRET, token);
  const tenant = claim && (await runtime.directory.byReference(claim.tenant_id));
  if (!claim || tenant?.status !== "active") return null;
  const principal = await knownTerminal(runtime.open(tenant.database), runtime, claim, token);
  return principal && { principal, tenant_id: tenant.tenant_id, last_used_at_ms: null };
}

/** null: the host is nobody's, which is fine where something else names the tenant. */
async function tenantOfHost(runtime: Runtime, written: string): Promise<Tenant | "unknown" | null> {
  // A dot at the end says that the name is whole; it is the same host.
  const hostname = written.replace(/\.$/, "");
  const slug = runtime.config.ENVIRONMENT === "dev" && hostname.endsWith(".localhost") ? hostname.slice(0, -".localhost".length) : null;
  if (slug === null) return runtime.directory.byDomain(hostname);
  return (await runtime.directory.byReference(slug)) ?? "unknown";
}

export function requireAccess(access: Access, principal: Principal | null): void {
  if (access === "public" || access === "open" || access === "operator") return;
  if (!principal)
    throw new AppError("UNAUTHENTICATED", { detail: "Send a key of this tenant as apikey, or a token as Authorization: Bearer." });
  if (!mayDo(principal, access))
    throw new AppError("FORBIDDEN", { detail: `This needs the role ${["admin", ...access].join(" or ")}; the key has ${principal.role}.` });
}

/** Last use is kept to the hour: writing it at every request would make every read a write. */
function noteUse(runtime: Runtime, key: KnownKey): void {
  const nowMs = runtime.clock.now();
  if (key.last_used_at_ms !== null && nowMs - key.last_used_at_ms < HOUR_MS) return;
  key.last_used_at_ms = nowMs;
  runtime.wait_until(
    runtime.central.write({
      id: runtime.clock.newId(),
      lane: "bulk",
      wakes: false,
      steps: [
        statement(
          "UPDATE api_keys SET last_used_at_ms = max(coalesce(last_used_at_ms, 0), ?) WHERE key_id = ?",
          nowMs,
          key.principal.key_id,
        ),
      ],
      answer: { status: 200, select: statement("SELECT json_object()") },
    }),
  );
}
