import * as fc from "fast-check";
import type { Schema } from "./operations.ts";

export type SchemaContext = {
  components: Record<string, Schema>;
  /** What exists, by the name of the field or parameter that would hold it: real ids, codes, slugs. */
  known: ReadonlyMap<string, readonly string[]>;
};

const DEEPEST = 6;

/** Values as the schema wants them, or nearly: a check that is not in the schema may still refuse them. `name` is the field's. */
export function valuesOf(schema: Schema, context: SchemaContext, name = "", depth = 0): fc.Arbitrary<unknown> {
  const made = madeOf(schema, context, name, depth);
  const known = context.known.get(name) ?? [];
  return fc.oneof(
    { weight: 4, arbitrary: made },
    ...(known.length > 0 && isText(schema) ? [{ weight: 8, arbitrary: fc.constantFrom(...known) }] : []),
    ...(schema.example === undefined ? [] : [{ weight: 4, arbitrary: likeExample(schema.example, context, name) }]),
  );
}

/** The example, with what exists here in the place of its invented ids. */
function likeExample(example: unknown, context: SchemaContext, name: string): fc.Arbitrary<unknown> {
  const known = context.known.get(name) ?? [];
  if (typeof example === "string") return known.length > 0 ? fc.constantFrom(...known) : fc.constant(example);
  if (Array.isArray(example)) {
    if (known.length > 0) return fc.subarray([...known], { minLength: 1 });
    return fc.tuple(...example.map((item) => likeExample(item, context, name)));
  }
  if (typeof example !== "object" || example === null) return fc.constant(example);
  const fields = Object.entries(example).map(([key, value]) => [key, likeExample(value, context, key)] as const);
  return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
}

const isText = (schema: Schema): boolean => schema.type === "string" || (Array.isArray(schema.type) && schema.type.includes("string"));

function madeOf(schema: Schema, context: SchemaContext, name: string, depth: number): fc.Arbitrary<unknown> {
  const inner = (part: Schema, partName = name) => valuesOf(part, context, partName, depth + 1);
  if (schema.$ref !== undefined) return inner(context.components[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => inner(choice)));
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => inner(part));
    return fc.tuple(...parts).map((values) => Object.assign({}, ...values.filter((value) => typeof value === "object")));
  }
  const types = schema.type === undefined ? ["any"] : [schema.type].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, context, name, depth)));
}

function ofType(type: string, schema: Schema, context: SchemaContext, name: string, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: Math.max(schema.minimum ?? -10, -(2 ** 31)), max: Math.min(schema.maximum ?? 100_000, 2 ** 31 - 1) });
    case "number":
      return fc.integer({ min: -10, max: 1_000_000 }).map((tenThousandths) => tenThousandths / 10_000);
    case "string":
      return textOf(schema);
    case "array":
      return fc.array(valuesOf(schema.items ?? {}, context, name, depth + 1), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: depth > DEEPEST ? 0 : Math.min(schema.maxItems ?? 4, 4),
      });
    case "object":
      return objectOf(schema, context, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === "uuid") return fc.uuid();
  if (schema.format === "date-time") return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (schema.format === "uri") return fc.webUrl();
  const bounds = { minLength: Math.min(schema.minLength ?? 0, 300), maxLength: Math.min(schema.maxLength ?? 40, 300) };
  const free = fc.oneof(fc.string({ ...bounds }), fc.string({ ...bounds, unit: "grapheme" }));
  if (schema.pattern === undefined) return free;
  try {
    // Not every pattern can be turned round (look-arounds cannot): then any text will do.
    return fc.oneof({ weight: 5, arbitrary: fc.stringMatching(new RegExp(schema.pattern)) }, free);
  } catch {
    return free;
  }
}

function objectOf(schema: Schema, context: SchemaContext, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, part]) => [name, valuesOf(part, context, name, depth + 1)] as const);
  if (fields.length > 0) return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [], noNullPrototype: true });
  const rest =
    typeof schema.additionalProperties === "object" ? valuesOf(schema.additionalProperties, context, "", depth + 1) : fc.string();
  return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/), rest, { maxKeys: 4, noNullPrototype: true });
}
