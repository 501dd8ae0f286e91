import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { configOf } from "../../src/env.ts";
import { forgetDirectory } from "../../src/platform/tenancy/directory.ts";
import { limitedApp, newAddress } from "../support/worker/limited-app.ts";
import { newTenant, operate, operatorCall, type TestTenant } from "../support/worker/tenant-fixture.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await newTenant();
}, 60_000);

const from = (address: string, more: Record<string, string> = {}) => ({
  "x-tenant-id": tenant.slug,
  "cf-connecting-ip": address,
  ...more,
});

const unknownKey = () => `svk_${crypto.randomUUID()}`;

const rateHeadersIn = (headers: Headers) => [...headers.keys()].filter((name) => name.includes("ratelimit")).sort();
const ALL_FIVE = ["ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

describe("a route with a class", () => {
  test("of 12 at once exactly the 5 that are allowed take effect", async () => {
    const { send } = limitedApp({ sign_in: 5 });
    const address = newAddress();
    const before = (await send("POST", "/test/terminal_registration", from(newAddress()))).json.locations;
    const answers = await Promise.all(Array.from({ length: 12 }, () => send("POST", "/test/sign_in", from(address))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
    expect((await send("POST", "/test/terminal_registration", from(newAddress()))).json.locations).toBe(before + 6);
  });

  test("says with every answer how many more there are and when, and beyond them how long to wait", async () => {
    const { send } = limitedApp({ sign_in: 3 });
    const address = newAddress();
    for (const [index, body] of [{}, { nonsense: 1 }, {}, {}].entries()) {
      const sentS = Math.floor(Date.now() / 1000);
      const { status, headers, json } = await send("POST", "/test/sign_in", from(address), body);
      expect(status).toBe([200, 422, 200, 429][index]);
      expect(headers.get("x-ratelimit-limit")).toBe("3");
      expect(headers.get("x-ratelimit-remaining")).toBe(String([2, 1, 0, 0][index]));
      expect(headers.get("ratelimit-policy")).toBe('"sign_in";q=3;w=60');
      const [, remaining, waitS] = /^"sign_in";r=(\d);t=(\d+)$/.exec(headers.get("ratelimit") ?? "") ?? [];
      expect(remaining).toBe(headers.get("x-ratelimit-remaining"));
      expect(Number(waitS)).toBeGreaterThan(50);
      expect(Number(waitS)).toBeLessThanOrEqual(60);
      expect(Math.abs(Number(headers.get("x-ratelimit-reset")) - sentS - Number(waitS))).toBeLessThanOrEqual(2);
      expect(headers.get("access-control-expose-headers")).toContain("X-RateLimit-Remaining");
      if (status !== 429) continue;
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(headers.get("retry-after")).toBe(waitS);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(json).toMatchObject({ code: "RATE_LIMITED", status: 429, rate_class: "sign_in", request_id: headers.get("x-request-id") });
    }
  });

  test("is counted before the body is looked at, and after it is known who asks", async () => {
    const { send, calls } = limitedApp({ sign_in: 1 });
    const address = newAddress();
    await send("POST", "/test/sign_in", from(address));
    expect((await send("POST", "/test/sign_in", from(address), { nonsense: 1 })).status).toBe(429);
    const before = calls.limiter;
    expect((await send("POST", "/api/v1/stores", from(address))).status).toBe(401);
    expect((await send("POST", "/test/sign_in", from(address, { "x-tenant-id": "nobody-here" }))).status).toBe(404);
    expect(calls.limiter).toBe(before);
  });

  test("an address is what the platform says; what the client writes changes nothing", async () => {
    const { send } = limitedApp({ sign_in: 2 });
    const address = newAddress();
    const forged = () => {
      const ip = newAddress();
      return { "x-forwarded-for": ip, forwarded: `for=${ip}`, "x-real-ip": ip, "true-client-ip": ip };
    };
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await send("POST", "/test/sign_in", from(address, forged()))).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await send("POST", "/test/sign_in", from(newAddress(), { "x-forwarded-for": address }))).status).toBe(200);
  });

  test("classes, tenants and addresses are counted apart", async () => {
    const other = await newTenant();
    const { send } = limitedApp({ sign_in: 1, terminal_registration: 1 });
    const address = newAddress();
    expect((await send("POST", "/test/sign_in", from(address))).status).toBe(200);
    expect((await send("POST", "/test/sign_in", from(address))).status).toBe(429);
    expect((await send("POST", "/test/terminal_registration", from(address))).status).toBe(200);
    expect((await send("POST", "/test/sign_in", from(address, { "x-tenant-id": other.slug }))).status).toBe(200);
    expect((await send("POST", "/test/sign_in", from(newAddress()))).status).toBe(200);
  });

  test.each(["anonymous_write", "public_booking", "public_reservation"] as const)(
    "%s limits who writes without a credential",
    async (name) => {
      // The route of the first names no class.
      const { send } = limitedApp({ [name]: 2 });
      const address = newAddress();
      const statuses = [];
      for (let n = 0; n < 3; n++) statuses.push((await send("POST", `/test/${name}`, from(address))).status);
      expect(statuses).toEqual([200, 200, 429]);
    },
  );

  test("a read with a class is limited too", async () => {
    const { send } = limitedApp({ public_availability: 2 });
    const address = newAddress();
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await send("GET", "/test/availability", from(address))).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test("a known credential is not counted as the public; where everybody is, it is by itself and not by its address", async () => {
    const { send, calls } = limitedApp({ public_booking: 1, terminal_registration: 1 });
    const [one, two] = [await tenant.key("pos"), await tenant.key("pos")];
    const address = newAddress();
    for (const path of ["/test/public_booking", "/test/public_booking", "/test/anonymous_write"]) {
      const answer = await send("POST", path, from(address, { apikey: one }));
      expect([answer.status, rateHeadersIn(answer.headers)]).toEqual([200, []]);
    }
    expect(calls.limiter).toBe(0);
    const register = async (key: string, at: string) =>
      (await send("POST", "/test/terminal_registration", from(at, { apikey: key }))).status;
    expect([await register(one, address), await register(one, newAddress()), await register(two, address)]).toEqual([200, 429, 200]);
  });

  test("what was refused is not remembered under its key: sent again it takes effect, once", async () => {
    const own = await newTenant();
    const { send } = limitedApp({ sign_in: 1 });
    const address = newAddress();
    const at = { "x-tenant-id": own.slug, "cf-connecting-ip": address };
    await send("POST", "/test/sign_in", at);
    const key = { ...at, "idempotency-key": crypto.randomUUID() };
    for (let n = 0; n < 2; n++) expect((await send("POST", "/test/sign_in", key)).status).toBe(429);

    const raised = limitedApp({ sign_in: 5 });
    const first = await raised.send("POST", "/test/sign_in", key);
    expect([first.status, first.json.locations, first.headers.get("idempotent-replayed")]).toEqual([200, 2, null]);
    const again = await raised.send("POST", "/test/sign_in", key);
    expect([again.status, again.json.locations, again.headers.get("idempotent-replayed")]).toEqual([200, 2, "true"]);
    expect(again.headers.get("x-ratelimit-remaining")).toBe("2");
  });
});

describe("what costs nothing", () => {
  test("public reads, and reads with a known key, call no object and say nothing of limits", async () => {
    const key = await tenant.key("read");
    const { send, calls } = limitedApp({});
    const reads = [
      ["/api/v1/stores", {}],
      ["/api/v1/stores", {}],
      [`/api/v1/stores/${crypto.randomUUID()}/menu`, {}],
      ["/v1/store/category?store_id=00000000-0000-7000-8000-000000000000", {}],
      ["/api/v1/categories", { apikey: key }],
    ] as const;
    for (const [path, more] of reads) {
      const answer = await send("GET", path, from(newAddress(), more));
      expect([200, 404]).toContain(answer.status);
      expect(rateHeadersIn(answer.headers)).toEqual([]);
    }
    expect(calls.limiter).toBe(0);
  });
});

describe("keys that are not known", () => {
  test("are counted by address; beyond the limit they cost neither a look at the database nor an object", async () => {
    const { send, calls } = limitedApp({ failed_key: 3 });
    const address = newAddress();
    const attempt = (more: Record<string, string> = {}) => send("GET", "/api/v1/stores", from(address, { apikey: unknownKey(), ...more }));
    for (const remaining of ["2", "1", "0"]) {
      const answer = await attempt();
      expect(answer.db_round_trips).toBeGreaterThan(0);
      expect([answer.status, answer.headers.get("x-ratelimit-remaining")]).toEqual([401, remaining]);
      expect(rateHeadersIn(answer.headers)).toEqual(ALL_FIVE);
    }
    expect((await attempt()).status).toBe(429);
    const before = calls.limiter;
    for (let n = 0; n < 20; n++) {
      const answer = await attempt({ "x-forwarded-for": newAddress() });
      expect([answer.status, answer.json.code, answer.db_round_trips]).toEqual([429, "RATE_LIMITED", 0]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(calls.limiter).toBe(before);
    expect((await send("GET", "/api/v1/stores", from(newAddress(), { apikey: unknownKey() }))).status).toBe(401);
  });

  test("of 20 at once no more than the limit are answered 401", async () => {
    const { send } = limitedApp({ failed_key: 4 });
    const address = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send("GET", "/api/v1/categories", from(address, { authorization: `Bearer ${unknownKey()}` }))),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(16);
  });

  test("do not lock out a good key of the same address, nor the anonymous, nor the operator", async () => {
    const key = await tenant.key("read");
    const { send } = limitedApp({ failed_key: 1 });
    const address = newAddress();
    const good = () => send("GET", "/api/v1/categories", from(address, { apikey: key }));
    expect((await good()).status).toBe(200);
    for (const status of [401, 429])
      expect((await send("GET", "/api/v1/categories", from(address, { apikey: unknownKey() }))).status).toBe(status);
    expect((await good()).status).toBe(200);
    // No longer in memory: it has to be looked up, and is.
    forgetDirectory();
    expect((await good()).status).toBe(200);
    expect((await send("GET", "/api/v1/stores", from(address))).status).toBe(200);
    const operator = { "cf-connecting-ip": address, authorization: `Bearer ${configOf(env).OPERATOR_KEY}` };
    expect((await send("GET", "/internal/tenants", operator)).status).toBe(200);
  });

  test("a wrong operator's credential counts as well", async () => {
    const { send } = limitedApp({ failed_key: 2 });
    const wrong = { "cf-connecting-ip": newAddress(), authorization: "Bearer not-the-operator" };
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await send("GET", "/internal/tenants", wrong)).status);
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe("a limiter that fails", () => {
  const throwing = {
    getByName: () => ({ take: async () => Promise.reject(new Error("the object broke")) }),
  } as unknown as Pick<DurableObjectNamespace, "getByName">;
  const hanging = { getByName: () => ({ take: () => new Promise(() => {}) }) } as unknown as Pick<DurableObjectNamespace, "getByName">;

  test.each([
    ["throws", throwing],
    ["does not answer", hanging],
  ])("and %s: reads and sales pass, sign-ins and registrations do not", async (_, limiter) => {
    const { send } = limitedApp({}, limiter);
    const address = newAddress();
    const read = await send("GET", "/test/availability", from(address));
    expect([read.status, rateHeadersIn(read.headers)]).toEqual([200, []]);
    for (const path of ["/test/public_booking", "/test/public_reservation", "/test/anonymous_write"])
      expect((await send("POST", path, from(address))).status, path).toBe(200);
    for (const path of ["/test/sign_in", "/test/terminal_registration"]) {
      const refused = await send("POST", path, from(address));
      expect([refused.status, refused.json.code, refused.headers.get("retry-after")], path).toEqual([503, "UNAVAILABLE", "1"]);
    }
  });

  test("keys that nobody counts: 401, then for a while none that this isolate has not met is looked up from there", async () => {
    const key = await tenant.key("read");
    const { send } = limitedApp({}, throwing);
    const address = newAddress();
    expect((await send("GET", "/api/v1/categories", from(address, { apikey: key }))).status).toBe(200);
    expect((await send("GET", "/api/v1/categories", from(address, { apikey: unknownKey() }))).status).toBe(401);
    const next = await send("GET", "/api/v1/categories", from(address, { apikey: unknownKey() }));
    expect([next.status, next.json.code, next.db_round_trips]).toEqual([503, "UNAVAILABLE", 0]);
    forgetDirectory();
    expect((await send("GET", "/api/v1/categories", from(address, { apikey: key }))).status).toBe(200);
  });
});

describe("limits in configuration", () => {
  test("a tenant's own goes before the environment's, for that tenant only", async () => {
    const [own, other] = [await newTenant(), await newTenant()];
    const path = `/internal/tenants/${own.slug}/rate-limits`;
    expect((await operate("GET", path)).json.own).toEqual({});
    const put = await operate("PUT", path, { sign_in: 2 });
    expect(put.json.own).toEqual({ sign_in: 2 });
    expect(put.json.in_force).toContainEqual({ rate_class: "sign_in", limit: 2, window_s: 60 });
    expect((await operate("GET", path)).json).toEqual(put.json);

    const { send } = limitedApp({ sign_in: 1 });
    const statuses = async (slug: string) => {
      const found = [];
      const address = newAddress();
      for (let n = 0; n < 3; n++)
        found.push((await send("POST", "/test/sign_in", { "x-tenant-id": slug, "cf-connecting-ip": address })).status);
      return found;
    };
    // Once the replica has heard of it.
    await expect.poll(() => statuses(own.slug), { timeout: 10_000 }).toEqual([200, 200, 429]);
    expect(await statuses(other.slug)).toEqual([200, 429, 429]);
    await operate("PUT", path, {});
    expect((await operate("GET", path)).json.own).toEqual({});
  });

  test.each([{ failed_key: 5 }, { no_class: 5 }, { sign_in: 0 }, { sign_in: 1.5 }, { sign_in: 100_001 }])(
    "%j is no limit of a tenant",
    async (limits) => {
      expect((await operatorCall("PUT", `/internal/tenants/${tenant.slug}/rate-limits`, limits)).status).toBe(422);
    },
  );

  test.each(['{"no_class":5}', '{"sign_in":0}', '{"sign_in":"5"}', "five"])(
    "an environment with RATE_LIMITS %s is refused by name",
    (limits) => {
      expect(() => configOf({ ...env, RATE_LIMITS: limits })).toThrow(/RATE_LIMITS/);
    },
  );
});
