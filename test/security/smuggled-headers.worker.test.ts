import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { operate } from "../support/worker/tenant-fixture.ts";
import { type WholeTenant, wholeTenant } from "../support/worker/whole-tenant.ts";

/** Only Host, `x-tenant-id` and the credential name the tenant, each once; whatever else a request carries changes nothing. */
let theirs: WholeTenant;
let own: WholeTenant;
let theirDomain: string;
let plain: string;

beforeAll(async () => {
  [theirs, own] = await Promise.all([wholeTenant(), wholeTenant()]);
  theirDomain = `${theirs.tenant.slug}.example.com`;
  await operate("POST", `/internal/tenants/${theirs.tenant.slug}/domains`, { domain: theirDomain });
  plain = (await own.tenant.call("GET", "/api/v1/products")).text;
}, 60_000);

interface Answer {
  status: number;
  text: string;
}

async function get(url: string, headers: [string, string][]): Promise<Answer> {
  const response = await exports.default.fetch(url, { headers: new Headers(headers) });
  return { status: response.status, text: await response.text() };
}

const tellsOfThem = (text: string): string[] => theirs.marks.filter((mark) => text.includes(mark));
const key = (of: WholeTenant): [string, string] => ["apikey", of.tenant.admin_key];
const PRODUCTS = "http://servery.test/api/v1/products";

describe("x-tenant-id", () => {
  test("twice, in either order, as one list or as two fields, is nobody's", async () => {
    const [a, b] = [theirs.tenant.slug, own.tenant.slug];
    const lists: [string, string][][] = [
      [
        ["x-tenant-id", a],
        ["x-tenant-id", b],
      ],
      [
        ["x-tenant-id", b],
        ["x-tenant-id", a],
      ],
      [
        ["X-Tenant-Id", b],
        ["x-tenant-id", b],
      ],
      [["x-tenant-id", `${b},${a}`]],
      [["x-tenant-id", `${b}, ${b}`]],
      [["x-tenant-id", `${b},`]],
      [["x-tenant-id", `${b};${a}`]],
      [["x-tenant-id", `${b} ${a}`]],
    ];
    for (const list of lists) {
      for (const of of [own, theirs]) {
        const answer = await get(PRODUCTS, [key(of), ...list]);
        expect(answer.status, JSON.stringify(list)).toBe(404);
        expect(tellsOfThem(answer.text)).toEqual([]);
      }
    }
  });

  test("white space around it is no part of it, inside it or in place of it it is nobody's", async () => {
    const { slug } = own.tenant;
    for (const padded of [` ${slug}`, `${slug}  `, `\t${slug}\t`]) {
      expect(await get(PRODUCTS, [key(own), ["x-tenant-id", padded]])).toEqual({ status: 200, text: plain });
    }
    for (const strange of [
      "",
      " ",
      "\t",
      `${slug.slice(0, 3)} ${slug.slice(3)}`,
      slug.toUpperCase(),
      `%20${slug}`,
      `${slug}%00`,
      `"${slug}"`,
    ]) {
      expect((await get(PRODUCTS, [key(own), ["x-tenant-id", strange]])).status, JSON.stringify(strange)).toBe(404);
    }
  });

  test("of another tenant beside the Host or the credential: 404, whichever of the three is the odd one", async () => {
    for (const host of [`${theirs.tenant.slug}.localhost`, theirDomain]) {
      const url = `http://${host}/api/v1/products`;
      const mixtures: [string, string][][] = [
        [key(own)],
        [key(own), ["x-tenant-id", own.tenant.slug]],
        [key(own), ["x-tenant-id", theirs.tenant.slug]],
        [key(theirs), ["x-tenant-id", own.tenant.slug]],
        [key(theirs), ["x-tenant-id", own.tenant.tenant_id]],
      ];
      for (const headers of mixtures) {
        const answer = await get(url, headers);
        expect(answer.status, `${host} ${JSON.stringify(headers)}`).toBe(404);
        expect(tellsOfThem(answer.text)).toEqual([]);
      }
    }
    expect((await get(PRODUCTS, [key(own), ["x-tenant-id", theirs.tenant.slug]])).status).toBe(404);
  });
});

describe("Host", () => {
  const forms = (host: string) => [host.toUpperCase(), `${host}.`, `${host}:8080`, `${host.toUpperCase()}.:443`, `user:pass@${host}`];

  test("in capitals, with a trailing dot, a port or a user names the same tenant, and nobody else's key opens it", async () => {
    for (const host of [...forms(`${theirs.tenant.slug}.localhost`), ...forms(theirDomain)]) {
      const url = `http://${host}/api/v1/products`;
      const crossed = await get(url, [key(own)]);
      expect(crossed.status, host).toBe(404);
      expect(tellsOfThem(crossed.text), host).toEqual([]);
      expect((await get(url, [key(own), ["x-tenant-id", own.tenant.slug]])).status, host).toBe(404);
      expect((await get(url, [key(theirs)])).status, host).toBe(200);
    }
  });

  test("that only looks like theirs is nobody's", async () => {
    for (const host of [
      `x.${theirDomain}`,
      `${theirDomain}.evil.example`,
      `${theirs.tenant.slug}.localhost.evil.example`,
      `evil-${theirDomain}`,
    ]) {
      expect((await get(`http://${host}/api/v1/stores`, [])).status, host).toBe(400);
    }
    expect((await get(`http://x.${theirs.tenant.slug}.localhost/api/v1/stores`, [])).status).toBe(404);
  });
});

describe("every other header", () => {
  const names = [
    ...["x-namespace", "x-namespace-bin", "x-forwarded-host", "x-forwarded-server", "x-forwarded-for", "x-forwarded-prefix", "forwarded"],
    ...["x-host", "x-original-host", "x-original-url", "x-rewrite-url", "x-http-host-override", "x-tenant", "tenant-id", "x_tenant_id"],
    ...[
      "x-real-ip",
      "true-client-ip",
      "cf-connecting-ip",
      "via",
      "cookie",
      "x-apikey",
      "x-api-key",
      "proxy-authorization",
      "origin",
      "referer",
    ],
  ];

  test("that proxies use for host, path, tenant or database changes nothing", async () => {
    const { slug, tenant_id, admin_key } = theirs.tenant;
    const values = [
      ...[slug, tenant_id, theirDomain, `${slug}.localhost`, `t-${slug}`, btoa(`t-${slug}`), `host=${theirDomain}`, admin_key],
      ...[`/api/v1/stores/${theirs.ids["store_id"]}`, "/internal/tenants", `http://${theirDomain}/api/v1/products`, `tenant=${slug}`],
    ];
    for (const name of names) {
      await Promise.all(
        values.map(async (value) => {
          const answer = await get(PRODUCTS, [key(own), ["x-tenant-id", own.tenant.slug], [name, value]]);
          expect(answer, `${name}: ${value}`).toEqual({ status: 200, text: plain });
        }),
      );
    }
  }, 60_000);

  test("that stands in for the method changes nothing", async () => {
    const draft = `/api/v1/menus/drafts/${own.ids["draft_id"]}`;
    const before = await own.dump();
    for (const name of ["x-http-method-override", "x-http-method", "x-method-override", "_method"]) {
      for (const method of ["DELETE", "PUT", "POST", "PATCH"]) {
        const answer = await own.tenant.call("GET", draft, { headers: { [name]: method } });
        expect(answer.status, `${name}: ${method}`).toBe(200);
        expect((await own.tenant.call("GET", `${draft}?_method=${method}`, { headers: { [name]: method } })).status).toBe(200);
        const public_ = await own.tenant.call("POST", "/healthz", { headers: { [name]: "GET" }, idempotency_key: null });
        expect(public_.status, `${name}: GET`).toBe(405);
      }
    }
    expect(await own.dump()).toBe(before);
  });

  test("a credential counts once: Authorization goes before apikey, and one that is wrong is not made good by the other", async () => {
    const bearer = (value: string): [string, string] => ["authorization", value];
    const ownKey = own.tenant.admin_key;
    const own_ = ["x-tenant-id", own.tenant.slug] as [string, string];
    expect((await get(PRODUCTS, [own_, bearer(`Bearer ${ownKey}`), ["apikey", "svk_wrong"]])).status).toBe(200);
    expect((await get(PRODUCTS, [own_, bearer("Bearer svk_wrong"), ["apikey", ownKey]])).status).toBe(401);
    expect((await get(PRODUCTS, [own_, bearer(`Bearer ${theirs.tenant.admin_key}`), ["apikey", ownKey]])).status).toBe(404);
    for (const pair of [
      [bearer(`Bearer ${ownKey}`), bearer(`Bearer ${ownKey}`)],
      [
        ["apikey", ownKey],
        ["apikey", theirs.tenant.admin_key],
      ],
      [["apikey", `${theirs.tenant.admin_key}, ${ownKey}`]],
      [["apikey", ""]],
      [bearer("")],
      [bearer("Bearer")],
      [bearer(`Basic ${btoa(`admin:${ownKey}`)}`)],
      [bearer(`Bearer ${ownKey.slice(0, -1)}`)],
      [bearer(`Bearer ${ownKey.toLowerCase()}`)],
    ] as [string, string][][]) {
      expect((await get(PRODUCTS, [own_, ...pair])).status, JSON.stringify(pair)).toBe(401);
    }
  });
});
