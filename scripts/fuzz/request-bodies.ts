import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { hostileBody, hostileHeaderValue, hostileJson, hostileNumber, hostileText } from "./hostile-values.ts";
import type { KnownTenant } from "./known-world.ts";
import { mutated } from "./mutations.ts";
import type { Operation } from "./operations.ts";
import { type SchemaContext, valuesOf } from "./schema-values.ts";

/** With the headers that say what it is. */
export type RequestBody = { bytes: Uint8Array | null; headers: Record<string, string> };

/**
 * Routes whose success would take the stack under test apart: a cell at another address makes the databases of new tenants unreachable.
 * They are only asked what must be refused.
 */
const DISMANTLING = new Set(["PUT /internal/cells/{cell_id}"]);

const NONE: RequestBody = { bytes: null, headers: {} };

/** Bodies for a route: mostly what it takes, as it is or wrong in a part or two; also what no JSON writer makes, packed ones, none. */
export function bodyOf(operation: Operation, tenant: KnownTenant, context: SchemaContext): fc.Arbitrary<RequestBody> {
  const bodies = operation.body.map(({ content_type, schema, example }) => {
    const values = schema.properties || schema.$ref ? valuesOf(schema, context) : fc.constantFrom(example ?? {}, ...tenant.payloads);
    const written = /json/.test(content_type)
      ? mutated(values).map((value) => Buffer.from(JSON.stringify(dismantled(operation, value)) ?? ""))
      : csvText(String(example ?? "a,b")).map((text) => Buffer.from(text));
    return bodiesOf(content_type, written);
  });
  const [first, ...others] = bodies;
  if (first) return fc.oneof({ weight: 3, arbitrary: first }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));
  if (operation.method === "GET") return fc.constant(NONE);
  const unasked = hostileJson.map(
    (value): RequestBody => ({ bytes: Buffer.from(JSON.stringify(value)), headers: { "content-type": "application/json" } }),
  );
  return fc.oneof({ weight: 6, arbitrary: fc.constant(NONE) }, { weight: 1, arbitrary: unasked });
}

function bodiesOf(contentType: string, written: fc.Arbitrary<Uint8Array>): fc.Arbitrary<RequestBody> {
  const type = fc.oneof(
    { weight: 20, arbitrary: fc.constant(contentType) },
    { weight: 1, arbitrary: fc.constantFrom(`${contentType}; charset=utf-16`, "text/plain", "multipart/form-data; boundary=x", "", ";") },
    { weight: 1, arbitrary: hostileHeaderValue },
  );
  const typed = (bytes: fc.Arbitrary<Uint8Array>) =>
    fc.tuple(bytes, type).map(([body, text]): RequestBody => ({ bytes: body, headers: { "content-type": text } }));
  const packed = fc.tuple(written, fc.constantFrom("gzip", "deflate", "br")).map(
    ([bytes, encoding]): RequestBody => ({
      bytes: gzipSync(bytes),
      headers: { "content-type": contentType, "content-encoding": encoding },
    }),
  );
  return fc.oneof(
    { weight: 16, arbitrary: typed(written) },
    { weight: 3, arbitrary: typed(hostileBody) },
    { weight: 1, arbitrary: packed },
    { weight: 1, arbitrary: fc.constant(NONE) },
  );
}

/** The columns of the example, some left out, and rows of what belongs there or does not. */
function csvText(example: string): fc.Arbitrary<string> {
  const [header = "", ...rows] = example.split("\n").filter((line) => line !== "");
  const cells = rows.flatMap((row) => row.split(","));
  const cell = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("", ...cells) },
    { weight: 2, arbitrary: hostileText.map((text) => `"${text.replaceAll('"', '""')}"`) },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: hostileNumber.map(String) },
  );
  const names = header.split(",");
  return fc
    .record({
      columns: fc.oneof(
        fc.constant(names),
        fc.subarray(names),
        fc.array(fc.oneof(fc.constantFrom(...names), hostileText), { maxLength: 6 }),
      ),
      rows: fc.array(fc.array(cell, { maxLength: names.length + 1 }), { maxLength: 6 }),
      mark: fc.oneof({ weight: 6, arbitrary: fc.constant(",") }, fc.constantFrom(";", "\t", "|")),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      start: fc.constantFrom("", "", "\ufeff", "sep=,\n"),
    })
    .map(({ columns, rows: lines, mark, end, start }) => start + [columns, ...lines].map((line) => line.join(mark)).join(end));
}

function dismantled({ name }: Operation, value: unknown): unknown {
  if (!DISMANTLING.has(name)) return value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, no_such_field: true } : value;
}
