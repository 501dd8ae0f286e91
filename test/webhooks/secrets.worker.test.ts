import { env, exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { app } from "../../src/app.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";
import { wholeTenant } from "../support/worker/whole-tenant.ts";
import { hmac } from "./signing.ts";

const secretPath = (id: string) => `/api/v1/source-systems/${id}/webhook-secret`;
const FIRST = "first-secret-9f2c41";
const SECOND = "second-secret-77ab0e";

async function shopify(tenant: TestTenant): Promise<string> {
  const body = { source_type: "pos", name: crypto.randomUUID(), provider: "shopify" };
  return (await tenant.call("POST", "/api/v1/source-systems", { body })).json.id;
}

const slots = async (tenant: TestTenant, id: string) =>
  (await tenant.call("GET", `/api/v1/source-systems/${id}`)).json.webhook_secrets.map(({ slot }: { slot: string }) => slot);

/** Until the replica says so. */
const untilSlots = (tenant: TestTenant, id: string, expected: string[]) =>
  vi.waitFor(async () => expect(await slots(tenant, id)).toEqual(expected), { timeout: 5_000 });

const BODY = JSON.stringify({ id: 1 });

type Fetch = (address: string, init: RequestInit) => Promise<Response>;
const deployed: Fetch = (address, init) => exports.default.fetch(address, init);

/** What a notification signed with this secret is answered: one that only says that something changed. */
async function signedWith(tenant: TestTenant, id: string, secret: string, worker = deployed): Promise<number> {
  const headers = {
    "content-type": "application/json",
    "x-shopify-topic": "products/delete",
    "x-shopify-hmac-sha256": await hmac("SHA-256", "base64", secret, BODY),
  };
  return (await worker(`http://servery.test/webhooks/${id}?tenant=${tenant.slug}`, { method: "POST", headers, body: BODY })).status;
}

describe("a provider's secret", () => {
  test("changes with both good until the one before is removed; without any nothing is", async () => {
    const tenant = await newTenant();
    const id = await shopify(tenant);
    const put = (secret: string) => tenant.call("PUT", secretPath(id), { body: { secret } });
    const first = await put(FIRST);
    expect(first.json).toEqual({
      source_system_id: id,
      secrets: [{ slot: "current", secret_id: expect.any(String), key_id: "test", set_at: expect.stringMatching(/Z$/) }],
    });
    await put(SECOND);
    // The same again is the same: the one before is not pushed out.
    const again = await put(SECOND);
    expect(again.json.secrets.map(({ slot }: { slot: string }) => slot)).toEqual(["current", "previous"]);
    await untilSlots(tenant, id, ["current", "previous"]);
    expect([await signedWith(tenant, id, FIRST), await signedWith(tenant, id, SECOND)]).toEqual([202, 202]);
    expect((await tenant.call("DELETE", secretPath(id))).json.secrets).toHaveLength(1);
    await untilSlots(tenant, id, ["current"]);
    expect([await signedWith(tenant, id, FIRST), await signedWith(tenant, id, SECOND)]).toEqual([401, 202]);
    expect((await tenant.call("DELETE", `${secretPath(id)}?which=all`)).json.secrets).toEqual([]);
    await untilSlots(tenant, id, []);
    expect(await signedWith(tenant, id, SECOND)).toBe(401);
  });

  test("is made here where none is given, and answered to that request alone", async () => {
    const tenant = await newTenant();
    const id = await shopify(tenant);
    const made = await tenant.call("PUT", secretPath(id), { body: {}, idempotency_key: "k" });
    const again = await tenant.call("PUT", secretPath(id), { body: {}, idempotency_key: "k" });
    expect(made.json.secret).toMatch(/^whs_[\w-]{43}$/);
    expect([again.json, again.headers.get("idempotent-replayed")]).toEqual([made.json, "true"]);
    await untilSlots(tenant, id, ["current"]);
    expect(await signedWith(tenant, id, made.json.secret)).toBe(202);
    expect((await tenant.call("GET", `/api/v1/source-systems/${id}`)).text).not.toContain(made.json.secret);
  });

  test("of a provider of whose signatures nothing is known is refused, and one with no address is shown none", async () => {
    const tenant = await newTenant();
    const id = await shopify(tenant);
    const write = statement("UPDATE source_systems SET provider = 'iseller' WHERE source_system_id = ?", id);
    const answer = { status: 200, select: statement("SELECT 'null'") };
    await (await tenant.db()).write({ id: crypto.randomUUID(), lane: "sale", wakes: false, steps: [write], answer });
    const refused = await tenant.call("PUT", secretPath(id), { body: { secret: FIRST } });
    expect([refused.status, refused.json.code]).toEqual([422, "WEBHOOK_NOT_OFFERED"]);
    await vi.waitFor(async () => expect((await tenant.call("GET", `/api/v1/source-systems/${id}`)).json.webhook_url).toBeNull());
  });

  test("is told nowhere: not in the database, not in an answer, not in the log", async () => {
    const logged: string[] = [];
    const spies = (["log", "warn", "error", "info", "debug"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...args) => void logged.push(args.map(String).join(" "))),
    );
    try {
      const { tenant, dump } = await wholeTenant();
      const id = await shopify(tenant);
      const answers = [
        await tenant.call("PUT", secretPath(id), { body: { secret: FIRST }, idempotency_key: "one" }),
        await tenant.call("PUT", secretPath(id), { body: { secret: FIRST }, idempotency_key: "one" }),
        await tenant.call("PUT", secretPath(id), { body: { secret: SECOND } }),
        await tenant.call("PUT", secretPath(id), { raw: `{"secret": "${FIRST}"` }),
        await tenant.call("PUT", secretPath(id), { body: { secret: FIRST, unknown: 1 } }),
        await tenant.call("GET", `/api/v1/source-systems/${id}`),
        await tenant.call("GET", "/api/v1/source-systems"),
        await tenant.call("GET", "/api/v1/events?limit=100"),
      ];
      await untilSlots(tenant, id, ["current", "previous"]);
      expect(await signedWith(tenant, id, FIRST)).toBe(202);
      expect(await signedWith(tenant, id, "wrong")).toBe(401);
      const made = (await tenant.call("PUT", secretPath(id), { body: {}, idempotency_key: "made" })).json.secret as string;
      const all = `${await dump()}\n${answers.map(({ text }) => text).join("\n")}\n${logged.join("\n")}`;
      // What is looked through is what there is.
      expect(all).toContain("webhook_secrets");
      expect(all).toContain('"route":"/webhooks/{source_system_id}"');
      for (const secret of [FIRST, SECOND, made]) {
        const forms = [
          secret,
          btoa(secret),
          encodeURIComponent(secret),
          [...secret].map((letter) => letter.charCodeAt(0).toString(16)).join(""),
        ];
        for (const form of forms) expect(all.toLowerCase().includes(form.toLowerCase()), form).toBe(false);
      }
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});

describe("SECRETS_KEY", () => {
  const [old, fresh] = [7, 9].map((byte) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte))));

  /** The Worker with other keys. */
  const workerWith =
    (SECRETS_KEY: string): Fetch =>
    async (address, init) => {
      const waiting: Promise<unknown>[] = [];
      const context = { waitUntil: (work: Promise<unknown>) => void waiting.push(work), passThroughOnException() {}, props: {} };
      const response = await app.fetch(new Request(address, init), { ...env, SECRETS_KEY }, context as unknown as ExecutionContext);
      await Promise.all(waiting);
      return response;
    };

  test("changes without a pause: an earlier key opens, the newest seals anew at the next use, then the earlier may go", async () => {
    const tenant = await newTenant();
    const id = await shopify(tenant);
    for (const secret of [FIRST, SECOND]) await tenant.call("PUT", secretPath(id), { body: { secret } });
    await untilSlots(tenant, id, ["current", "previous"]);
    const keyIds = async () =>
      (await tenant.call("GET", `/api/v1/source-systems/${id}`)).json.webhook_secrets.map(({ key_id }: { key_id: string }) => key_id);
    expect(await signedWith(tenant, id, FIRST, workerWith(`next:${fresh}`))).toBe(401);
    expect(await signedWith(tenant, id, FIRST, workerWith(`next:${fresh},test:${old}`))).toBe(202);
    await vi.waitFor(async () => expect(await keyIds()).toEqual(["next", "next"]), { timeout: 5_000 });
    for (const secret of [FIRST, SECOND]) expect(await signedWith(tenant, id, secret, workerWith(`next:${fresh}`))).toBe(202);
    // The one that was taken away opens nothing.
    expect(await signedWith(tenant, id, FIRST)).toBe(401);
  });

  test("what was sealed for one source system opens for no other", async () => {
    const tenant = await newTenant();
    const [one, other] = [await shopify(tenant), await shopify(tenant)];
    await tenant.call("PUT", secretPath(one), { body: { secret: FIRST } });
    const copy = statement(
      "UPDATE source_systems SET webhook_secrets = (SELECT webhook_secrets FROM source_systems WHERE source_system_id = ?) WHERE source_system_id = ?",
      one,
      other,
    );
    const answer = { status: 200, select: statement("SELECT 'null'") };
    await (await tenant.db()).write({ id: crypto.randomUUID(), lane: "sale", wakes: false, steps: [copy], answer });
    await untilSlots(tenant, other, ["current"]);
    expect([await signedWith(tenant, one, FIRST), await signedWith(tenant, other, FIRST)]).toEqual([202, 401]);
  });
});
