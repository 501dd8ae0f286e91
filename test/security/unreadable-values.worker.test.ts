import { beforeAll, describe, expect, test } from "vitest";
import { toBase64Url, utf8 } from "../../src/kernel/bytes.ts";
import { type SqlValue, statement } from "../../src/platform/db/statement.ts";
import { unitOf } from "../../src/platform/http/scope.ts";
import { newTenant, type TestTenant } from "../support/worker/tenant-fixture.ts";

/**
 * Values that JSON can write and the database cannot read. One of them in a batch used to fail every unit of it again and again until
 * all gave up, and one in a read to be taken for a dead replica.
 */
let tenant: TestTenant;
beforeAll(async () => {
  tenant = await newTenant();
}, 30_000);

const HALVES = ["\\ud800", "\\uDFFF", "\\udc00\\ud800", "a\\uD83Db", "\\\\\\ud800"];

describe("half of a surrogate pair in a JSON body", () => {
  const bodies: [method: string, path: string, body: (text: string) => string][] = [
    ["POST", "/api/v1/stores", (text) => `{"name":"${text}","timezone":"UTC","currency":"USD"}`],
    ["POST", "/api/v1/stores", (text) => `{"name":"a","timezone":"UTC","currency":"USD","address":{"line_1":"${text}"}}`],
    ["POST", "/api/v1/menus/drafts", (text) => `{"name":"a","currency":"USD","sections":[{"name":"${text}","items":[]}]}`],
    ["POST", "/api/v1/menus/publishes", (text) => `{"draft_ids":["${text}"],"store_ids":["a"]}`],
    ["POST", "/v1/items-flat/regenerate", (text) => `{"store_id":"${text}"}`],
    ["POST", "/v1/items-flat/regenerate", (text) => `{"${text}":1}`],
  ];

  test.each(bodies)("%s %s refuses it as no JSON, at once", async (method, path, body) => {
    for (const half of HALVES) {
      const answer = await tenant.call(method, path, { raw: body(half) });
      expect([half, answer.status, answer.json.code]).toEqual([half, 400, "BAD_JSON"]);
    }
  });

  test("is told from whole pairs and from a backslash that is meant", async () => {
    for (const [written, meant] of [
      ["\\ud83c\\udf5c", "🍜"],
      ["\\\\ud800", "\\ud800"],
      ["\\\\\\ud83c\\uDF5C", "\\🍜"],
    ]) {
      const answer = await tenant.call("POST", "/api/v1/stores", { raw: `{"name":"${written}","timezone":"UTC","currency":"USD"}` });
      expect([answer.status, answer.json.name]).toEqual([201, meant]);
    }
  });
});

describe("a cursor that no list gave", () => {
  const keys = [
    '[1e300,"a"]',
    '[1e999,"a"]',
    '[1.5,"a"]',
    '["\\ud800","a"]',
    '[9223372036854775807,"a"]',
    '[1,"\\udfff"]',
    "[1e300]",
    '["\\ud800"]',
  ];
  const lists = ["stores", "products", "variants", "categories", "source-systems", "ingestions", "menus/drafts", "menus/publishes"];

  test.each(lists)("/api/v1/%s refuses it", async (list) => {
    for (const key of keys) {
      const answer = await tenant.call("GET", `/api/v1/${list}?cursor=${toBase64Url(utf8(key))}`);
      expect([key, answer.status, answer.json.code]).toEqual([key, 400, "BAD_REQUEST"]);
    }
  });
});

describe("a statement's argument", () => {
  const ODD: SqlValue[] = ["a\ud800b", "\udfff", Number.POSITIVE_INFINITY, Number.NaN, 1e300, 2 ** 63, -0, 0.1, "\u0000"];

  test("of any kind harms none of the units that are committed beside it", async () => {
    const { scope } = await tenant.scope();
    const unit = (value: SqlValue) =>
      unitOf(scope, { steps: [], answer: { status: 200, select: statement("SELECT json_array(typeof(?))", value) } });
    const began = Date.now();
    const results = await Promise.all([...ODD, ...Array(20).fill("plain")].map((value) => scope.db.write(unit(value))));
    expect(results.map(({ kind }) => kind)).toEqual(Array(ODD.length + 20).fill("applied"));
    expect(Date.now() - began).toBeLessThan(4_000);
    const types = results.map((result) => (result.kind === "applied" ? JSON.parse(result.answer)[0] : null));
    expect(types.slice(0, ODD.length)).toEqual(["text", "text", "null", "null", "real", "real", "integer", "real", "text"]);
  });

  test("of any kind is read by the replica, and none is a sign that it is down", async () => {
    const { scope, meter } = await tenant.scope();
    for (const value of ODD) await scope.db.read([statement("SELECT ? AS value", value)]);
    await expect(scope.db.read([statement("SELECT nonsense FROM nowhere")])).rejects.toMatchObject({ code: "INTERNAL" });
    const before = meter.primary_fallbacks;
    await scope.db.read([statement("SELECT 1 AS one")]);
    expect(meter.primary_fallbacks).toBe(before);
    expect(before).toBe(1);
  });
});
