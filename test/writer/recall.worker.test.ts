import { describe, expect, it } from "vitest";
import { recallReply } from "../../src/platform/idempotency/recall.ts";
import { newTenant, operatorCall } from "../support/worker/tenant-fixture.ts";

const PATH = "/api/v1/menus/drafts";
const BODY = '{"name":"Once","currency":"USD","sections":[]}';

describe("a repeat that this isolate has seen decided", () => {
  it("is answered byte for byte, with the first answer's Consistency-Token", async () => {
    const tenant = await newTenant();
    const post = (raw = BODY, more: { key?: string } = {}) => tenant.call("POST", PATH, { raw, idempotency_key: "one", ...more });
    const first = await post();
    expect(first).toMatchObject({ status: 201 });
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const known = { tenant: tenant.tenant_id, principal: "admin/first", method: "post", route: PATH, key: "one" };
    const url = `http://servery.test${PATH}`;
    const bytes = new TextEncoder().encode(BODY);
    const recalled = (now: number, at = url, of = bytes) => recallReply(known, at, of, now);
    expect(recalled(Date.now())?.text).toBe(first.text);
    expect(recalled(Date.now() + 10_000)).toBeNull();
    expect(recalled(Date.now(), `${url}?a=1`)).toBeNull();
    expect(recalled(Date.now(), url, bytes.slice(1))).toBeNull();

    const again = await post();
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.headers.get("consistency-token")).toBe(first.headers.get("consistency-token"));
    // The same by content, so the writer is asked; it says the same.
    const spaced = await post(`${BODY} `);
    expect(spaced).toMatchObject({ status: 201, text: first.text });
    expect(spaced.headers.get("idempotent-replayed")).toBe("true");
    expect(await post(BODY.replace("Once", "Twice"))).toMatchObject({ status: 409, json: { code: "IDEMPOTENCY_KEY_REUSED" } });
    expect((await post(BODY, { key: await tenant.key("menu") })).headers.get("idempotent-replayed")).toBeNull();
  });

  it("repeats a refusal with its first request id", async () => {
    const tenant = await newTenant();
    const store = { name: "S", code: "S1", timezone: "UTC", currency: "USD" };
    await tenant.call("POST", "/api/v1/stores", { body: store });
    const refused = () => tenant.call("POST", "/api/v1/stores", { body: store, idempotency_key: "taken" });
    const first = await refused();
    const again = await refused();
    expect(first).toMatchObject({ status: 409, json: { code: "STORE_CODE_TAKEN" } });
    expect(again).toMatchObject({ status: 409, text: first.text });
    expect(again.headers.get("content-type")).toBe("application/problem+json");
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });

  it("leaves no API key in memory: an answer with a secret is made anew", async () => {
    const tenant = await newTenant();
    const path = `/internal/tenants/${tenant.slug}/keys`;
    const post = () => operatorCall("POST", path, { role: "menu", name: "once" }, { "idempotency-key": `k-${tenant.slug}` });
    const first = await post();
    expect(first.status).toBe(201);
    expect((await post()).text).toBe(first.text);
    const known = {
      tenant: "central",
      principal: "operator",
      method: "post",
      route: "/internal/tenants/{slug}/keys",
      key: `k-${tenant.slug}`,
    };
    for (const of of ["central", tenant.tenant_id]) {
      const bytes = new TextEncoder().encode('{"role":"menu","name":"once"}');
      expect(recallReply({ ...known, tenant: of }, `http://servery.test${path}`, bytes, Date.now())).toBeNull();
    }
  });
});
