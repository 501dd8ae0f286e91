import * as fc from "fast-check";
import { headerText, hostileHeaderValue, hostileJson, hostileNumber, hostileText } from "./hostile-values.ts";
import type { KnownTenant, KnownWorld } from "./known-world.ts";
import type { Operation, Schema } from "./operations.ts";
import { bodyOf } from "./request-bodies.ts";
import { type SchemaContext, valuesOf } from "./schema-values.ts";

/** A request as it goes over the wire; `target` is the request line's, visible ASCII. */
export type WireRequest = { method: string; target: string; headers: Record<string, string>; body: Uint8Array | null };

const ODD_HEADERS = [
  ...["accept", "accept-encoding", "accept-language", "authorization", "apikey", "cache-control", "consistency-token", "content-encoding"],
  ...["content-type", "cookie", "forwarded", "idempotency-key", "if-match", "if-modified-since", "if-none-match", "min-menu-version"],
  ...["origin", "prefer", "range", "referer", "traceparent", "tracestate", "user-agent", "x-forwarded-for", "x-forwarded-host"],
  ...["x-forwarded-proto", "x-http-method-override", "x-namespace", "x-namespace-bin", "x-original-url", "x-request-id", "x-rewrite-url"],
  "x-tenant-id",
] as const;

/** Requests to one route: mostly ones that nearly work, by somebody who may, and then wrong in a part or two. */
export function wireRequests(operation: Operation, world: KnownWorld, components: Record<string, Schema>): fc.Arbitrary<WireRequest> {
  return fc.oneof(...world.tenants.map((tenant) => requestsOf(operation, world, tenant, { components, known: tenant.values })));
}

function requestsOf(operation: Operation, world: KnownWorld, tenant: KnownTenant, context: SchemaContext): fc.Arbitrary<WireRequest> {
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        { weight: 1, arbitrary: fc.constantFrom("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") },
      ),
      path: pathOf(operation, context),
      query: queryOf(operation, context),
      credential: credentialOf(operation, world, tenant),
      tenancy: tenancyOf(operation, world, tenant),
      key: keyOf(operation),
      odd: fc.oneof(
        { weight: 3, arbitrary: fc.constant<[string, string][]>([]) },
        { weight: 1, arbitrary: fc.array(fc.tuple(fc.constantFrom(...ODD_HEADERS), hostileHeaderValue), { minLength: 1, maxLength: 3 }) },
      ),
      body: bodyOf(operation, tenant, context),
    })
    .map(({ method, path, query, credential, tenancy, key, odd, body }) => ({
      method,
      target: `${path}${query}`,
      headers: { ...credential, ...tenancy, ...key, ...body.headers, ...Object.fromEntries(odd) },
      body: body.bytes,
    }));
}

/** Of each part: beyond 64 KB in all the runtime answers 414 by itself. */
const LONGEST_TARGET = 6_000;

/** Percent-encoded where the runtime's own HTTP would refuse the request line; what is already encoded, well or badly, stays. */
const targetText = (text: string): string =>
  [...Buffer.from(text.toWellFormed())]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && !'"#<>'.includes(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, "0")}`,
    )
    .join("")
    .slice(0, LONGEST_TARGET);

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed()).slice(0, LONGEST_TARGET);

function pathOf(operation: Operation, { known }: SchemaContext): fc.Arbitrary<string> {
  const segments = operation.path_names.map((name) => {
    const real = known.get(name) ?? [];
    return fc.oneof(
      ...(real.length > 0 ? [{ weight: 24, arbitrary: fc.constantFrom(...real).map(encoded) }] : []),
      { weight: 1, arbitrary: fc.uuid() },
      { weight: 2, arbitrary: hostileText.map((text) => encoded(text)) },
      { weight: 1, arbitrary: hostileText.map(targetText) },
      {
        weight: 1,
        arbitrary: fc.constantFrom("%", "%zz", "%00", "%c0%af", "%ff", "..%2f..", "%252e", ";a=1", ".", "..", "a%20b", "%0d%0aa:b"),
      },
    );
  });
  return fc
    .tuple(
      fc.tuple(...segments),
      fc.oneof(
        { weight: 30, arbitrary: fc.constant("") },
        { weight: 1, arbitrary: fc.constantFrom("/", "//", "/..", "%2f", ";", ".json") },
      ),
    )
    .map(([values, end]) => {
      let index = 0;
      return operation.path.replaceAll(/\{\w+\}/g, () => values[index++] ?? "") + end;
    });
}

/** What the lists' cursors are made of, so that they are taken for one. */
const cursor: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 6, arbitrary: fc.array(fc.oneof(hostileNumber, hostileText), { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: hostileJson },
  )
  .map((key) => Buffer.from(JSON.stringify(key)).toString("base64url").slice(0, LONGEST_TARGET));

function queryOf({ query }: Operation, context: SchemaContext): fc.Arbitrary<string> {
  const known = query.map(({ name, schema }) => {
    const right = valuesOf(schema, context, name).map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));
    const value = fc.oneof(
      { weight: 4, arbitrary: right.map(encoded) },
      { weight: 1, arbitrary: hostileText.map(targetText) },
      ...(name === "cursor" ? [{ weight: 15, arbitrary: cursor }] : []),
    );
    return fc.oneof({ weight: 3, arbitrary: fc.constant("") }, { weight: 2, arbitrary: value.map((text) => `${name}=${text}`) });
  });
  const strange = fc.oneof(
    { weight: 20, arbitrary: fc.constant("") },
    { weight: 2, arbitrary: fc.tuple(hostileText, hostileText).map(([name, value]) => `${targetText(name)}=${targetText(value)}`) },
    { weight: 1, arbitrary: fc.constantFrom("&&", "=", "%", "a=%zz", "limit=1&limit=2", "a[b]=1", "dry_run=true", "?") },
  );
  return fc.tuple(fc.tuple(...known), strange).map(([parts, extra]) => {
    const text = [...parts, extra].filter((part) => part !== "").join("&");
    return text === "" ? "" : `?${text}`;
  });
}

type Headers = Record<string, string>;

function credentialOf({ access }: Operation, world: KnownWorld, tenant: KnownTenant): fc.Arbitrary<Headers> {
  const right = access === "operator" ? world.operator_key : tenant.admin_key;
  const wrong = fc.oneof(
    fc.constantFrom(
      world.operator_key,
      tenant.admin_key,
      tenant.kds_key,
      ...world.tenants.map(({ admin_key }) => admin_key),
      "svk_unknown",
      "",
    ),
    hostileHeaderValue,
  );
  const sent = (key: fc.Arbitrary<string>) =>
    fc.oneof(
      key.map((apikey): Headers => ({ apikey })),
      key.map((token): Headers => ({ authorization: `Bearer ${token}` })),
    );
  const none = fc.constant<Headers>({});
  return fc.oneof(
    {
      weight: 16,
      arbitrary: access === "public" || access === "open" ? fc.oneof(none, sent(fc.constant(right))) : sent(fc.constant(right)),
    },
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: sent(wrong) },
  );
}

function tenancyOf({ access }: Operation, world: KnownWorld, tenant: KnownTenant): fc.Arbitrary<Headers> {
  if (access === "open" || access === "operator") return fc.constant({});
  const others = world.tenants.flatMap(({ slug, tenant_id }) => [slug, tenant_id]);
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant<Headers>({ "x-tenant-id": tenant.slug }) },
    { weight: 2, arbitrary: fc.constant<Headers>({ "x-tenant-id": tenant.tenant_id }) },
    { weight: 4, arbitrary: fc.constant<Headers>({ host: tenant.host }) },
    { weight: 1, arbitrary: fc.constant<Headers>({}) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...others), hostileHeaderValue).map((value): Headers => ({ "x-tenant-id": value })) },
    { weight: 1, arbitrary: fc.constantFrom(...others).map((value): Headers => ({ host: tenant.host, "x-tenant-id": value })) },
  );
}

function keyOf({ takes_key }: Operation): fc.Arbitrary<Headers> {
  if (!takes_key) return fc.constant({});
  const fresh = fc.uuid().map((key): Headers => ({ "idempotency-key": key }));
  return fc.oneof(
    { weight: 14, arbitrary: fresh },
    { weight: 2, arbitrary: fc.constantFrom("again-1", "again-2", '"again-1"').map((key): Headers => ({ "idempotency-key": key })) },
    { weight: 1, arbitrary: fc.constant<Headers>({}) },
    { weight: 1, arbitrary: hostileText.map((key): Headers => ({ "idempotency-key": headerText(key) })) },
  );
}
