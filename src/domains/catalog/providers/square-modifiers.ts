import { isCurrency } from "../../../kernel/money.ts";
import type { CanonicalProductModifierGroup, ProviderContext } from "../canonical.ts";
import type { CanonicalRows, PlacedOption, Refusal } from "./canonical-rows.ts";
import { nestedObject, type SquareObject } from "./square-objects.ts";
import { idRefusal, integer, isRefusal, type Json, list, readName, record, text } from "./stated-values.ts";

/** An amount of money in minor units; null where none is stated. */
export interface Money {
  amount_minor: number;
  currency: string;
}

/** `price_money`: its amount may be absent, which is no amount and not zero. */
export function readMoney(value: unknown, context: ProviderContext): Money | null | Refusal {
  if (value === null || value === undefined) return null;
  const { amount, currency } = record(value);
  if (typeof value === "object" && (amount === null || amount === undefined)) return null;
  const amountMinor = integer(amount);
  if (amountMinor === null) {
    const reason = typeof amount === "number" && !Number.isInteger(amount) ? "PRICE_NOT_INTEGER" : "PRICE_INVALID";
    return { reason, message: "price_money.amount must be a whole number of minor units." };
  }
  if (amountMinor < 0) return { reason: "PRICE_NEGATIVE", message: "price_money.amount must not be negative." };
  const code = text(currency) ?? context.currency;
  if (!isCurrency(code)) return { reason: "CURRENCY_UNKNOWN", message: `"${code}" is not a currency of ISO 4217.` };
  return { amount_minor: amountMinor, currency: code };
}

/** In the order of `ordinal`, objects without one last, otherwise as they stand. */
export const byOrdinal = <T>(rows: readonly T[], bodyOf: (row: T) => Json): T[] => {
  const ordinal = (row: T): number => integer(bodyOf(row).ordinal) ?? Number.MAX_SAFE_INTEGER;
  return rows.toSorted((a, b) => ordinal(a) - ordinal(b));
};

/** The version, or failing that the time of change in ms, of the newest of the objects. */
export function newestVersion(objects: readonly SquareObject[]): number | null {
  const newest = (values: readonly (number | null)[]): number | null =>
    values.reduce((largest, value) => (value !== null && (largest === null || value > largest) ? value : largest), null);
  return newest(objects.map(({ version }) => version)) ?? newest(objects.map(({ updated_at_ms }) => updated_at_ms));
}

interface Bounds {
  min: number;
  max: number | null;
}

/** A list's own bounds: -1 or nothing is "not set", a maximum of 0 is "no limit", SINGLE with nothing set is one. */
function listBounds(body: Json): Bounds {
  const min = integer(body.min_selected_modifiers);
  const max = integer(body.max_selected_modifiers);
  const unsetMax = body.selection_type === "SINGLE" ? 1 : null;
  return { min: Math.max(min ?? 0, 0), max: max === null || max === -1 ? unsetMax : max <= 0 ? null : max };
}

/** A product's use of a list: -1 or nothing takes the list's bound; a maximum of 0, and anything below -1, lifts it. */
function linkBounds(link: Json): Pick<CanonicalProductModifierGroup, "min_select" | "max_select"> {
  const min = integer(link.min_selected_modifiers);
  const max = integer(link.max_selected_modifiers);
  return {
    min_select: min === null || min === -1 ? null : Math.max(min, 0),
    max_select: max === null || max === -1 ? null : max <= 0 ? "unlimited" : max,
  };
}

function readOption(modifier: SquareObject, externalId: string, context: ProviderContext): PlacedOption | Refusal {
  const name = readName(modifier.body.name);
  if (isRefusal(name)) return name;
  const money = readMoney(modifier.body.price_money, context);
  if (isRefusal(money)) return money;
  const invalidId = idRefusal(externalId);
  if (invalidId !== null) return invalidId;
  return {
    position: modifier.position,
    option: {
      external_id: externalId,
      name,
      price_delta_minor: money?.amount_minor ?? 0,
      item_code: null,
      is_active: !modifier.is_deleted && modifier.is_present && modifier.body.hidden_online !== true,
      is_default: modifier.body.on_by_default === true,
    },
  };
}

function mapModifierList(rows: CanonicalRows, object: SquareObject, context: ProviderContext): void {
  const { id, body, position } = object;
  const name = readName(body.name);
  const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
  if (refusal !== null || id === null || isRefusal(name)) {
    if (refusal !== null) rows.refuseGroup(position, id, refusal);
    return;
  }
  const modifiers = list(body.modifiers).map((raw, index) => {
    const modifier = nestedObject(raw, "MODIFIER", `${object.body_position}.modifiers[${index}]`);
    return { modifier, external_id: modifier.id ?? `${id}/${index}` };
  });
  const options: PlacedOption[] = [];
  for (const { modifier, external_id } of byOrdinal(modifiers, (row) => row.modifier.body)) {
    const option = readOption(modifier, external_id, context);
    if (isRefusal(option)) rows.refuse({ position: modifier.position, item_code: null }, option);
    else options.push(option);
  }
  const { min, max } = listBounds(body);
  const provider_version = newestVersion([object, ...modifiers.map(({ modifier }) => modifier)]);
  const group = { external_id: id, name, min_select: min, max_select: max, options: [], provider_version };
  rows.addGroup(position, group, options, body.allow_quantities === true);
}

/** A deleted list, a text field and what customers must not see are no choice of a customer; an empty list is none either. */
const isChoice = ({ is_deleted, body }: SquareObject): boolean =>
  !is_deleted && body.modifier_type !== "TEXT" && body.hidden_from_customer !== true && list(body.modifiers).length > 0;

export function mapModifierLists(rows: CanonicalRows, lists: readonly SquareObject[], context: ProviderContext): void {
  for (const object of lists) if (isChoice(object)) mapModifierList(rows, object, context);
}

/** The lists that an item uses, in its order. A list that the payload does not hold may have come before; one that it holds deleted or hidden is left out. */
export function modifierLinks(
  rows: CanonicalRows,
  itemBody: Json,
  payloadIds: ReadonlySet<string>,
): CanonicalProductModifierGroup[] | Refusal {
  const links = new Map<string, CanonicalProductModifierGroup>();
  for (const link of byOrdinal(list(itemBody.modifier_list_info).map(record), (row) => row)) {
    const externalId = text(link.modifier_list_id);
    if (externalId === null || link.enabled === false || link.hidden_from_customer === true || links.has(externalId)) continue;
    const canonical = { external_id: externalId, ...linkBounds(link) };
    const refusal = rows.groupLinkRefusal(canonical);
    if (refusal !== null) return refusal;
    if (rows.group(externalId) !== undefined || !payloadIds.has(externalId)) links.set(externalId, canonical);
  }
  return [...links.values()];
}
