import type { CanonicalProductModifierGroup, CanonicalVariant } from "../canonical.ts";
import { type CanonicalRows, isUsableKey, type PlacedOption, type Refusal } from "./canonical-rows.ts";
import { type Resource, type RevelPayload, refId } from "./revel-resources.ts";
import { readMajorPrice, statedFlag } from "./stated-amounts.ts";
import { idRefusal, integer, isRefusal, type Json, list, readName, statedId } from "./stated-values.ts";

/** Active unless it says otherwise. */
export const isOn = (value: unknown): boolean => statedFlag(value) !== false;

/** A number under the first of the names that has one. */
function stated(value: Json, names: readonly string[]): number | null {
  for (const name of names) {
    const flag = value[name] === true ? 1 : value[name];
    const number = integer(flag);
    if (number !== null) return number;
  }
  return null;
}

const MINIMUM = ["forced", "minimum_amount", "min_amount", "minimum", "min"];
const MAXIMUM = ["lock_amount", "maximum_amount", "max_amount", "maximum", "max"];
const classOf = ({ modifierclass, modifier_class, modifierClass }: Json): unknown => modifierclass ?? modifier_class ?? modifierClass;

export const bySort = <T extends { value: Json }>(rows: readonly T[]): T[] => {
  const sort = ({ value }: T): number => integer(value.sort) ?? integer(value.sorting) ?? 0;
  return rows.toSorted((a, b) => sort(a) - sort(b));
};

function readOption({ id, value, position }: Resource, currency: string): PlacedOption | Refusal {
  const name = readName(value.name);
  if (isRefusal(name)) return name;
  const price = readMajorPrice(value.price, currency);
  if (isRefusal(price)) return price;
  const refusal = idRefusal(id);
  if (refusal !== null || id === null) return refusal ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const option = {
    external_id: id,
    name,
    price_delta_minor: price ?? 0,
    item_code: null,
    is_active: isOn(value.active),
    is_default: false,
  };
  return { position, option };
}

/** Modifier classes with the modifiers that name them. How many may be chosen is said by each product's use of the class. */
export function mapModifierClasses(rows: CanonicalRows, payload: RevelPayload, currency: string): void {
  const byClass = Map.groupBy(payload.of("modifier"), ({ value }) => refId(classOf(value)));
  for (const { id, value, position } of payload.of("modifierclass")) {
    const inside = list(value.modifiers).flatMap((one, index): Resource[] => {
      const resource = payload.resolve("modifier", one);
      return resource === undefined ? [] : [{ ...resource, position: resource.position || `${position}.modifiers[${index}]` }];
    });
    const modifiers = [...new Map([...(byClass.get(id) ?? []), ...inside].map((one) => [one.id ?? one.position, one])).values()];
    if (!isOn(value.active) || modifiers.length === 0) continue;
    const name = readName(value.name);
    const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || id === null || isRefusal(name)) {
      if (refusal !== null) rows.refuseGroup(position, id, refusal);
      continue;
    }
    const options = bySort(modifiers).flatMap((modifier): PlacedOption[] => {
      const option = readOption(modifier, currency);
      if (!isRefusal(option)) return [option];
      rows.refuse({ position: modifier.position, item_code: null }, option);
      return [];
    });
    // A modifier may be taken more than once unless its product says otherwise.
    rows.addGroup(position, { external_id: id, name, min_select: 0, max_select: null, options: [], provider_version: null }, options, true);
  }
}

/** The uses of modifier classes by product. */
export const usesByProduct = (payload: RevelPayload): ReadonlyMap<string | null, Resource[]> =>
  Map.groupBy(payload.of("productmodifierclass"), ({ value }) => refId(value.product));

/**
 * The classes that the products of one matrix use. No maximum, or 0 or below, is none; a minimum below 1 is none required, and so is one that only
 * some of the sizes have. A class that the payload does not hold may have come before.
 */
export function modifierLinks(
  rows: CanonicalRows,
  payload: RevelPayload,
  uses: ReadonlyMap<string | null, Resource[]>,
  parent: string,
  children: readonly string[],
): CanonicalProductModifierGroup[] | Refusal {
  const links = new Map<string, CanonicalProductModifierGroup>();
  const users = new Map<string, Set<string>>();
  for (const product of [parent, ...children]) {
    for (const { value } of bySort(uses.get(product) ?? [])) {
      const id = refId(classOf(value));
      if (id === null || !isUsableKey(id) || !isOn(value.active)) continue;
      const by = users.get(id) ?? new Set();
      users.set(id, by.add(product));
      if (links.has(id)) continue;
      const isKnown = payload.resolve("modifierclass", id) !== undefined && payload.of("modifier").length > 0;
      const [min, max] = [stated(value, MINIMUM) ?? 0, stated(value, MAXIMUM) ?? 0];
      const link = { external_id: id, min_select: Math.max(min, 0), max_select: max <= 0 ? ("unlimited" as const) : max };
      const refusal = rows.groupLinkRefusal(link);
      if (refusal !== null) return refusal;
      if (rows.group(id) !== undefined || !isKnown) links.set(id, link);
    }
  }
  for (const [id, link] of links) {
    const by = users.get(id);
    if (!by?.has(parent) && !children.every((child) => by?.has(child))) link.min_select = 0;
  }
  return [...links.values()];
}

/** Something that a combo can hold: a product, or each size of one. */
export interface Sellable {
  id: string;
  item_code: string;
  name: unknown;
}

export interface Combo {
  parts: CanonicalVariant["bundle"];
  links: CanonicalProductModifierGroup[];
}

interface Alternative extends Sellable {
  upcharge_minor: number;
  is_default: boolean;
  position: string;
}

/** The products of a set, with what each costs on top. Those that the payload does not hold are left out. */
function alternativesOf(
  payload: RevelPayload,
  set: Resource,
  sellables: (productId: string) => readonly Sellable[],
  currency: string,
): Alternative[] | Refusal {
  const detailed = list(set.value.comboset_products).flatMap((one) => payload.resolve("comboproductsetproduct", one) ?? []);
  const plain = list(set.value.products).map((product) => ({ value: { product } as Json }));
  const found = new Map<string, Alternative>();
  for (const { value } of bySort<{ value: Json }>(detailed.length > 0 ? detailed : plain)) {
    const upcharge = readMajorPrice(value.upcharge_price, currency);
    if (isRefusal(upcharge)) return upcharge;
    for (const sellable of sellables(refId(value.product) ?? "")) {
      if (found.has(sellable.id)) continue;
      const is_default = (integer(value.default_qty) ?? 0) >= 1;
      found.set(sellable.id, { ...sellable, upcharge_minor: upcharge ?? 0, is_default, position: set.position });
    }
  }
  return [...found.values()];
}

/** More of one thing than any combo has. */
const PART_LIMIT = 1_000;

/** A combo's sets: of one product it is a part, of several a choice of as many as the set's quantity says. */
export function mapCombo(
  rows: CanonicalRows,
  payload: RevelPayload,
  product: Resource,
  sets: readonly Resource[],
  sellables: (productId: string) => readonly Sellable[],
  currency: string,
): Combo | Refusal {
  const parts = new Map<string, number>();
  const links: CanonicalProductModifierGroup[] = [];
  for (const set of bySort(sets)) {
    if (!isOn(set.value.active)) continue;
    const placed = set.position === "" ? { ...set, position: product.position } : set;
    const alternatives = alternativesOf(payload, placed, sellables, currency);
    if (isRefusal(alternatives)) return alternatives;
    const [only] = alternatives;
    if (only === undefined) continue;
    const quantity = Math.min(Math.max(integer(set.value.quantity) ?? 1, 1), PART_LIMIT);
    if (alternatives.length === 1 && only.upcharge_minor === 0) {
      parts.set(only.item_code, (parts.get(only.item_code) ?? 0) + quantity * 10_000);
      continue;
    }
    const external_id = `combo:${statedId(set.id) ?? `${product.id}/${links.length}`}`;
    const name = readName(set.value.name);
    const refusal = idRefusal(external_id) ?? (isRefusal(name) ? name : null);
    if (refusal !== null || isRefusal(name)) return refusal ?? { reason: "NAME_MISSING", message: "A set of the combo has no name." };
    if (rows.group(external_id) === undefined) {
      const options = alternatives.flatMap((one): PlacedOption[] => {
        const optionName = readName(one.name);
        const optionId = `${external_id}/${one.id}`;
        if (isRefusal(optionName) || !isUsableKey(optionId)) return [];
        const option = {
          external_id: optionId,
          name: optionName,
          price_delta_minor: one.upcharge_minor,
          item_code: one.item_code,
          is_active: true,
          is_default: one.is_default,
        };
        return [{ position: one.position, option }];
      });
      const group = { external_id, name, min_select: quantity, max_select: quantity, options: [], provider_version: null };
      rows.addGroup(placed.position, group, options, true);
    }
    const link = { external_id, min_select: null, max_select: null };
    const unusable = rows.groupLinkRefusal(link);
    if (unusable !== null) return unusable;
    if (rows.group(external_id) !== undefined) links.push(link);
  }
  return { parts: [...parts].map(([item_code, quantity_e4]) => ({ item_code, quantity_e4 })), links };
}
