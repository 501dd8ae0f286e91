import { AppError } from "../../../kernel/errors.ts";
import { cleanText } from "./plain-text.ts";
import { hasCounts } from "./square-stock.ts";
import { integer, isObject, type Json, list, record, text } from "./stated-values.ts";

/** One catalogue object of any shape, its body's field names in snake_case. */
export interface SquareObject {
  /** Where it stands in the payload, in the payload's own spelling. */
  position: string;
  /** The same for its body: `objects[0].item_data`, `catalog[3].itemData`. */
  body_position: string;
  type: string;
  id: string | null;
  version: number | null;
  updated_at_ms: number | null;
  is_deleted: boolean;
  /** Whether any location has it. */
  is_present: boolean;
  body: Json;
  /** Only in seed files, where an object's picture stands beside it. */
  image_url: string | null;
}

/** The object types that the mapper reads, and those that come along and are passed over. */
const TYPES = new Set(
  (
    "ITEM ITEM_VARIATION CATEGORY MODIFIER_LIST MODIFIER TAX IMAGE ITEM_OPTION ITEM_OPTION_VAL DISCOUNT PRICING_RULE PRODUCT_SET " +
    "TIME_PERIOD MEASUREMENT_UNIT SUBSCRIPTION_PLAN SUBSCRIPTION_PLAN_VARIATION CUSTOM_ATTRIBUTE_DEFINITION QUICK_AMOUNTS_SETTINGS " +
    "AVAILABILITY_PERIOD"
  ).split(" "),
);

/** Square nests eight levels at most; a payload nested deeper is cut here and not on the call stack. */
const DEPTH_LIMIT = 24;

const snakeCase = (key: string): string =>
  /^[a-z][A-Za-z0-9]*$/.test(key) ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key;

function snakeKeys(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH_LIMIT) return null;
  if (Array.isArray(value)) return value.map((one) => snakeKeys(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snakeCase(key), snakeKeys(inner, depth + 1)]));
}

/** The body is named after the type, save for one. */
const bodyField = (type: string): string => (type === "ITEM_OPTION_VAL" ? "item_option_value_data" : `${type.toLowerCase()}_data`);

/** An object inside another's body, keys in snake_case already. Its type is what the place says: some leave it out. */
export function nestedObject(value: unknown, type: string, position: string): SquareObject {
  const object = record(value);
  const field = bodyField(type);
  const updatedAt = Date.parse(text(object.updated_at) ?? "");
  return {
    position,
    body_position: `${position}.${field}`,
    type,
    id: text(object.id),
    version: integer(object.version),
    updated_at_ms: Number.isNaN(updatedAt) ? null : updatedAt,
    is_deleted: object.is_deleted === true,
    is_present: object.present_at_all_locations !== false || list(object.present_at_location_ids).length > 0,
    body: record(object[field]),
    image_url: null,
  };
}

interface Located {
  value: unknown;
  position: string;
  image_url?: string | null;
  is_related?: boolean;
}

const isTyped = (value: unknown): boolean => isObject(value) && typeof value.type === "string" && TYPES.has(value.type);

const located = (values: readonly unknown[], field: string, isRelated: boolean): Located[] =>
  values.map((value, index) => ({ value, position: `${field}[${index}]`, is_related: isRelated }));

/** The payload's objects by the first shape that fits; null where none does. */
function locate(payload: unknown): Located[] | null {
  if (!isObject(payload)) return null;
  const relatedField = Object.hasOwn(payload, "relatedObjects") ? "relatedObjects" : "related_objects";
  const related = located(list(payload[relatedField]), relatedField, true);
  for (const field of ["objects", "items", "catalog"]) {
    const values = payload[field];
    if (Array.isArray(values) && (values.length === 0 || values.some(isTyped))) return [...located(values, field, false), ...related];
  }
  if (isTyped(payload.object)) return [{ value: payload.object, position: "object" }, ...related];
  if (isTyped(payload)) return [{ value: payload, position: "payload" }];
  const entries = Object.entries(payload);
  if (!entries.some(([, entry]) => isObject(entry) && isTyped(entry.data))) return null;
  return entries.map(([key, entry]) => ({
    value: record(entry).data,
    position: `[${JSON.stringify(key)}].data`,
    image_url: text(record(record(entry).image).url),
  }));
}

function unreadable(payload: unknown): AppError {
  const codes = list(record(payload).errors).flatMap((error) => text(record(error).code) ?? []);
  const answered = codes.length > 0 ? `Square answered with ${cleanText(codes.slice(0, 3).join(", ")).slice(0, 200)} and no objects. ` : "";
  return new AppError("PAYLOAD_UNREADABLE", {
    detail: `${answered}Expected catalogue objects of Square: {"objects": [], "related_objects": []} as list, search or batch-retrieve answer, {"object": {}} as retrieve answers, one object with "type" and "id", inventory counts ({"counts": []}), or an SDK seed ({"catalog": []}, or {"#id": {"data": {}}}).`,
  });
}

/**
 * Every object of the payload, keys normalised once, and the places that hold something else. An object that stands
 * among the related ones and elsewhere too is answered once. Throws `AppError("PAYLOAD_UNREADABLE")`.
 */
export function readSquareObjects(payload: unknown): { objects: SquareObject[]; strays: string[] } {
  const places = locate(payload) ?? (hasCounts(payload) ? [] : null);
  if (places === null) throw unreadable(payload);
  const objects: SquareObject[] = [];
  const strays: string[] = [];
  const seen = new Set<string>();
  for (const { value, position, image_url = null, is_related = false } of places) {
    const type = text(record(value).type);
    if (type === null) {
      strays.push(position);
      continue;
    }
    const object = nestedObject(snakeKeys(value, 0), type, position);
    const identity = `${type} ${object.id}`;
    if (is_related && object.id !== null && seen.has(identity)) continue;
    seen.add(identity);
    const camelField = bodyField(type).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const bodyPosition = Object.hasOwn(record(value), camelField) ? `${position}.${camelField}` : object.body_position;
    objects.push({ ...object, body_position: bodyPosition, image_url });
  }
  return { objects, strays };
}
