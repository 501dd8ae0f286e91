import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { statement } from "../../src/platform/db/statement.ts";
import type { UnitOfWork, UnitResult } from "../../src/platform/db/unit-of-work.ts";
import type { WriteTarget } from "../../src/platform/writer/tenant-writer.object.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

type Commit = (target: WriteTarget, units: UnitOfWork[]) => Promise<UnitResult[]>;

/** The Worker with another way to its writers. */
function envWith(commit: (reach: Commit) => Commit): Env {
  const getByName = (name: string) => ({
    commit: commit((target, units) => env.TENANT_WRITER.getByName(name).commit(target, units) as Promise<UnitResult[]>),
  });
  return { ...env, TENANT_WRITER: { getByName } as unknown as Env["TENANT_WRITER"] };
}

async function createStore(tenant: TestTenant, bindings: Env, key: string): Promise<Response> {
  const context = createExecutionContext();
  const headers = { "content-type": "application/json", "x-tenant-id": tenant.slug, apikey: tenant.admin_key, "idempotency-key": key };
  const body = JSON.stringify({ name: "Corner", timezone: "UTC", currency: "USD" });
  const response = await app.fetch(new Request("http://servery.test/api/v1/stores", { method: "POST", headers, body }), bindings, context);
  await waitOnExecutionContext(context);
  return response;
}

const stores = async (tenant: TestTenant): Promise<unknown> =>
  (await (await tenant.db()).read([statement("SELECT count(*) AS stores FROM stores")], { fresh: true }))[0]?.[0]?.["stores"];

const overloaded = Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });

describe("a writer that cannot be reached", () => {
  test.each([
    ["says that it is overloaded", "WRITER_BUSY", overloaded],
    ["is not there", "UNAVAILABLE", new Error("Network connection lost.")],
  ])("%s: 503 with Retry-After, nothing written, and the same key is free", async (_, code, failure) => {
    const tenant = await newTenant();
    const refused = await createStore(
      tenant,
      envWith(() => () => Promise.reject(failure)),
      "k",
    );
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, code]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await stores(tenant)).toBe(0);
    const again = await createStore(tenant, env, "k");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    expect(await stores(tenant)).toBe(1);
  });

  test("breaks after it has written: 503, and the retry gets the receipt's answer", async () => {
    const tenant = await newTenant();
    let decided: UnitResult | undefined;
    const lost = await createStore(
      tenant,
      envWith((reach) => async (target, units) => {
        const results = await reach(target, units);
        // Not what goes on beside it, such as the key's last use.
        if (units[0]?.receipt) [decided] = results;
        throw new Error("Network connection lost.");
      }),
      "k",
    );
    expect([lost.status, lost.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await stores(tenant)).toBe(1);
    const again = await createStore(tenant, env, "k");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(await again.text()).toBe(decided?.kind === "applied" ? decided.answer : null);
    expect(await stores(tenant)).toBe(1);
  });
});
