import { AppError } from "../../../kernel/errors.ts";
import { isObject, type Json, list, record, statedId, text } from "./stated-values.ts";

/** An object of one of Revel's resources. */
export interface Resource {
  id: string | null;
  value: Json;
  position: string;
}

const KINDS = [
  "product",
  "productcategory",
  "modifierclass",
  "modifier",
  "productmodifierclass",
  "comboproductset",
  "comboproductsetproduct",
  "inventory",
  "tax",
  "attribute",
  "attributevalue",
] as const;
export type Kind = (typeof KINDS)[number];

export interface RevelPayload {
  of(kind: Kind): readonly Resource[];
  /** What a reference names: an object of the payload by a URI, a number or a text, or the object that stands in its place. */
  resolve(kind: Kind, reference: unknown): Resource | undefined;
  /** What belongs to no resource that can be told. */
  strays: string[];
}

const DEPTH_LIMIT = 8;
const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);

/** The id in `/resources/Product/3209/`, in `{"id": 3209}` and in 3209. */
export function refId(value: unknown): string | null {
  if (isObject(value)) return statedId(value.id) ?? (typeof value.resource_uri === "string" ? refId(value.resource_uri) : null);
  const stated = statedId(value);
  return stated?.includes("/") ? (stated.split("/").findLast((part) => part !== "" && !part.startsWith("?")) ?? null) : stated;
}

/** `ProductCategory`, `product_categories` and `/products/ProductCategory/` are one resource. */
function kindOf(name: string): Kind | null {
  const plain = name.replace(/[^A-Za-z]/g, "").toLowerCase();
  const aliases: [string, string][] = [
    ["categories", "productcategory"],
    ["inventories", "inventory"],
    ["taxes", "tax"],
  ];
  const known = aliases.find(([alias]) => alias === plain)?.[1];
  const singular = plain.replace(/classes$/, "class").replace(/categories$/, "category");
  for (const candidate of [known ?? plain, singular, plain.replace(/s$/, "")]) if (isKind(candidate)) return candidate;
  return null;
}

/** The resource in an object's own address. */
function kindOfUri(uri: unknown): Kind | null | undefined {
  const parts = (text(uri) ?? "").split("/").filter((part) => part !== "");
  return parts.length < 2 ? undefined : kindOf(parts.at(-2) ?? "");
}

/** Without an address only what it has can tell. */
function guessKind(value: Json): Kind | null {
  if ("quantity_in_hand" in value) return "inventory";
  if ("modifierclass" in value && "product" in value) return "productmodifierclass";
  if ("modifierClass" in value) return "modifier";
  return "name" in value && "price" in value ? "product" : null;
}

const unreadable = (): AppError =>
  new AppError("PAYLOAD_UNREADABLE", {
    detail:
      'Expected resources of Revel: a list answer ({"meta": {}, "objects": []}), several of them in a list, or by name: {"Product": [], ' +
      '"ProductCategory": [], "ModifierClass": [], "Modifier": [], "ProductModifierClass": [], "ComboProductSet": [], "Inventory": []}.',
  });

/** Every object of the payload by its resource. Throws `AppError("PAYLOAD_UNREADABLE")` where it has none that is read here. */
export function readRevel(payload: unknown): RevelPayload {
  const byKind = new Map<Kind, Resource[]>(KINDS.map((kind) => [kind, []]));
  const byId = new Map<Kind, Map<string, Resource>>(KINDS.map((kind) => [kind, new Map()]));
  const strays: string[] = [];
  let isKnown = false;

  const take = (value: unknown, position: string, field: Kind | null): void => {
    if (!isObject(value)) {
      strays.push(position);
      return;
    }
    const stated = kindOfUri(value.resource_uri);
    const kind = field ?? (stated === undefined ? guessKind(value) : stated);
    // Another resource that came along is passed over; what names none is a mistake.
    if (kind === null) {
      if (stated === undefined) strays.push(position);
      return;
    }
    isKnown = true;
    const resource = { id: refId(value), value, position };
    byKind.get(kind)?.push(resource);
    if (resource.id !== null && !byId.get(kind)?.has(resource.id)) byId.get(kind)?.set(resource.id, resource);
  };

  const walk = (value: unknown, position: string, field: Kind | null, depth: number): void => {
    const at = (name: string): string => (position === "" ? name : `${position}.${name}`);
    if (depth > DEPTH_LIMIT) return;
    if (Array.isArray(value)) {
      if (field !== null || (depth > 0 && value.length === 0)) isKnown = true;
      for (const [index, one] of value.entries()) {
        const place = `${position}[${index}]`;
        if (isObject(one) && Array.isArray(one.objects)) walk(one, place, field, depth + 1);
        else take(one, place, field);
      }
    } else if (isObject(value) && Array.isArray(value.objects)) walk(value.objects, at("objects"), field, depth + 1);
    else if (field !== null || (isObject(value) && typeof value.resource_uri === "string")) {
      if (isObject(value)) take(value, position || "payload", field);
    } else if (isObject(value)) {
      const named = Object.entries(value).flatMap(([name, inner]) => {
        const kind = kindOf(name);
        return kind === null || typeof inner !== "object" ? [] : [[name, inner, kind] as const];
      });
      for (const [name, inner, kind] of named) walk(inner, at(name), kind, depth + 1);
    }
  };
  walk(payload, "", null, 0);
  if (!isKnown) throw unreadable();

  // Categories may hold their children instead of being named by them.
  const nest = (parent: Resource, depth: number): void => {
    for (const [index, value] of list(parent.value.subcategories).entries()) {
      const id = refId(value);
      if (!isObject(value) || id === null || byId.get("productcategory")?.has(id)) continue;
      const position = `${parent.position}.subcategories[${index}]`;
      const child = { id, value: { ...value, parent: parent.id }, position };
      byKind.get("productcategory")?.push(child);
      byId.get("productcategory")?.set(id, child);
      if (depth < DEPTH_LIMIT) nest(child, depth + 1);
    }
  };
  for (const category of [...(byKind.get("productcategory") ?? [])]) nest(category, 0);

  return {
    strays,
    of: (kind) => byKind.get(kind) ?? [],
    resolve: (kind, reference) => {
      const id = refId(reference);
      const known = id === null ? undefined : byId.get(kind)?.get(id);
      return known ?? (isObject(reference) ? { id, value: record(reference), position: "" } : undefined);
    },
  };
}
