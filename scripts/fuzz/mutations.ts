import * as fc from "fast-check";
import { hostileJson, hostileNumber, hostileText } from "./hostile-values.ts";

/** `garble` keeps the kind, a text for a text and a number for a number, so that it gets past the schema. */
type Mutation = { at: number; act: "garble" | "replace" | "remove" | "add" | "repeat"; value: unknown; text: string; number: number };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat({ max: 10_000 }),
  act: fc.oneof(
    { weight: 6, arbitrary: fc.constant("garble" as const) },
    { weight: 4, arbitrary: fc.constant("replace" as const) },
    { weight: 3, arbitrary: fc.constantFrom("remove" as const, "add" as const, "repeat" as const) },
  ),
  value: hostileJson,
  text: hostileText,
  number: hostileNumber,
});

/** The values of `arbitrary`, half of them with one to three of their parts garbled, replaced, removed, added or repeated. Shrinks to none. */
export const mutated = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(arbitrary, fc.oneof(fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 3 })))
    .map(([value, mutations]) => mutations.reduce(mutate, value));

type Container = Record<string | number, unknown>;
type Place = { container: Container; key: string | number };

function mutate(value: unknown, { at, act, value: other, text, number }: Mutation): unknown {
  const copy: Container = { root: structuredClone(value) };
  const places = placesIn(copy).filter(({ container, key }) => act !== "garble" || /string|number/.test(typeof container[key]));
  const place = places[at % Math.max(places.length, 1)];
  if (!place) return value;
  const { container, key } = place;
  const current = container[key];
  if (act === "garble") put(container, key, typeof current === "string" ? text : number);
  else if (act === "remove" && container !== copy) remove(container, key);
  else if (act === "add" && isContainer(current)) put(current, Array.isArray(current) ? current.length : text, other);
  else if (act === "repeat" && Array.isArray(container)) container.push(current);
  else put(container, key, other);
  return copy.root;
}

/** Also under `__proto__`, which an assignment would take for something else. */
const put = (container: Container, key: string | number, value: unknown): Container =>
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });

function remove(container: Container, key: string | number): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete container[key];
}

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** Every part of a value. Not deeper than twelve levels: what is nested deeper was made so to be sent as it is. */
function placesIn(value: unknown, depth = 0): Place[] {
  if (!isContainer(value) || depth > 12) return [];
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()].slice(0, 50) : Object.keys(value);
  return keys.flatMap((key) => [{ container: value, key }, ...placesIn(value[key], depth + 1)]);
}
