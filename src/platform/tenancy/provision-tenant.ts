import { AppError } from "../../kernel/errors.ts";
import { createNamespace } from "../db/namespaces.ts";
import { statement } from "../db/statement.ts";
import type { Tenant } from "../db/tenant.ts";
import type { UnitResult } from "../db/unit-of-work.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { refuse } from "../http/refuse.ts";
import { appliedAnswer } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";
import { deriveApiKey, hashApiKey } from "./api-key.ts";
import { readCell } from "./cells.ts";
import { forgetDirectory, readTenant } from "./directory.ts";
import { migrateTenant } from "./migrate-tenant.ts";
import { tenantNamespace } from "./tenant-namespace.ts";

export interface TenantParticulars {
  slug: string;
  name: string;
  currency: string;
  locale: string;
  domain?: string | undefined;
  cell_id?: string | undefined;
}

export interface ProvisionedTenant {
  tenant_id: string;
  slug: string;
  host: string;
  /** Of the first admin key, which is derived from it. */
  key_id: string;
}

/**
 * Makes a tenant and remembers the answer under the request's key, where it has one: 201, or 200 where the tenant was there already, with
 * the tenant; refusals TENANT_CONFLICT, DOMAIN_TAKEN. The answer names the first key, which is derived again each time.
 */
export async function provisionOnce(scope: PlatformScope, wanted: TenantParticulars): Promise<UnitResult> {
  try {
    const { tenant, created } = await provisionTenant(scope, wanted);
    const answer = { status: created ? 201 : 200, select: statement("SELECT ?", JSON.stringify(tenant)) };
    return await scope.central.write(unitOf(scope, { steps: [], answer }));
  } catch (failure) {
    return refuse(scope, scope.central, failure);
  }
}

/**
 * Makes a tenant: its row, domain and first key in one unit; then its database; then the database's tables. Cut anywhere, the same call
 * goes on where it stopped; made already, it answers the same again. `created`: by this call, or by an earlier one with the same key.
 * Throws TENANT_CONFLICT where the slug stands with other particulars, DOMAIN_TAKEN.
 */
async function provisionTenant(scope: PlatformScope, wanted: TenantParticulars): Promise<{ tenant: ProvisionedTenant; created: boolean }> {
  const known = await readTenant(scope.central, wanted.slug);
  if (known) assertSame(known, wanted);
  const created = known && !scope.receipt ? false : await recordTenant(scope, wanted);

  const tenant = known ?? (await readTenant(scope.central, wanted.slug));
  if (!tenant) throw new AppError("INTERNAL", { cause: new Error("the tenant's row is gone") });
  assertSame(tenant, wanted);
  if (tenant.status !== "active") {
    const cell = await readCell(scope, tenant.cell_id);
    await createNamespace(cell.admin, tenant.database.namespace);
    await migrateTenant(scope, tenant);
    forgetDirectory();
  }
  return { tenant: await provisioned(scope, tenant), created };
}

function assertSame(known: Tenant, wanted: TenantParticulars): void {
  const differing = (["name", "currency", "locale"] as const).filter((field) => known[field] !== wanted[field]);
  if (wanted.cell_id !== undefined && wanted.cell_id !== known.cell_id)
    throw new AppError("TENANT_CONFLICT", { detail: `${wanted.slug} lives in cell ${known.cell_id}.` });
  if (differing.length > 0)
    throw new AppError("TENANT_CONFLICT", { detail: `${wanted.slug} exists with another ${differing.join(", ")}.` });
}

/** Whether it was not there before. */
async function recordTenant(scope: PlatformScope, wanted: TenantParticulars): Promise<boolean> {
  const nowMs = scope.clock.now();
  const tenantId = scope.clock.newId();
  const keyId = scope.clock.newId();
  const keyHash = await hashApiKey(await deriveApiKey(scope.config.TOKEN_SECRET, keyId));
  const [cells] = await scope.central.read(
    [
      statement(
        `SELECT c.cell_id FROM cells c WHERE ?1 IS NULL OR c.cell_id = ?1
         ORDER BY (SELECT count(*) FROM tenants t WHERE t.cell_id = c.cell_id), c.cell_id LIMIT 1`,
        wanted.cell_id ?? null,
      ),
    ],
    { fresh: true },
  );
  const cellId = cells?.[0]?.["cell_id"];
  if (typeof cellId !== "string") {
    throw new AppError("VALIDATION_FAILED", {
      detail: wanted.cell_id ? `There is no cell ${wanted.cell_id}.` : "There is no cell yet; PUT /internal/cells/{cell_id} first.",
    });
  }
  const domainSteps = wanted.domain
    ? [
        statement(
          "INSERT INTO domains (domain, tenant_id, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          wanted.domain,
          tenantId,
          nowMs,
        ),
        { guard: "DOMAIN_TAKEN" as const },
      ]
    : [];
  const { receipt } = scope;
  // The key itself is for the answer; what it recorded is remembered beside it.
  const recording = {
    ...scope,
    receipt: receipt && { ...receipt, method: "", route: "tenant-row", key: `${receipt.route} ${receipt.key}` },
  };
  const unit = unitOf(recording, {
    steps: [
      statement(
        `INSERT INTO tenants (tenant_id, slug, name, currency, locale, cell_id, namespace, status, schema_version, created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'creating', 0, ?) ON CONFLICT DO NOTHING`,
        tenantId,
        wanted.slug,
        wanted.name,
        wanted.currency,
        wanted.locale,
        cellId,
        tenantNamespace(wanted.slug),
        nowMs,
      ),
      // A second call at the same moment: the first one's row stands, and is read next.
      { guard: "CONFLICT" },
      ...domainSteps,
      statement(
        "INSERT INTO api_keys (key_id, tenant_id, key_hash, role, name, created_at_ms) VALUES (?, ?, ?, 'admin', 'first', ?)",
        keyId,
        tenantId,
        keyHash,
        nowMs,
      ),
    ],
    answer: { status: 201, select: statement("SELECT json_object('tenant_id', ?)", tenantId) },
  });
  const result = await scope.central.write(unit);
  if (result.kind === "refused" && result.code === "CONFLICT") return false;
  appliedAnswer(result);
  return true;
}

async function provisioned(scope: PlatformScope, tenant: Tenant): Promise<ProvisionedTenant> {
  const [domains, keys] = await scope.central.read(
    [
      statement("SELECT domain FROM domains WHERE tenant_id = ? ORDER BY created_at_ms, domain LIMIT 1", tenant.tenant_id),
      statement(
        "SELECT key_id FROM api_keys WHERE tenant_id = ? AND role = 'admin' AND name = 'first' AND revoked_at_ms IS NULL",
        tenant.tenant_id,
      ),
    ],
    { fresh: true },
  );
  const keyId = keys?.[0]?.["key_id"];
  if (typeof keyId !== "string")
    throw new AppError("TENANT_CONFLICT", { detail: `${tenant.slug} exists and its first key was revoked; create another key.` });
  const host = domains?.[0]?.["domain"] ?? `${tenant.slug}.localhost`;
  return {
    tenant_id: tenant.tenant_id,
    slug: tenant.slug,
    host: String(host),
    key_id: keyId,
  };
}
