import { QUANTITY_SCALE } from "../../../kernel/quantity.ts";
import type { CanonicalProductModifierGroup } from "../canonical.ts";
import type { CanonicalRows, PlacedOption, Refusal } from "./canonical-rows.ts";
import type { DeliverectPayload, Entry } from "./deliverect-entries.ts";
import { readImpliedPrice } from "./stated-amounts.ts";
import { idRefusal, integer, isRefusal, type Json, list, readName, record, statedId } from "./stated-values.ts";

/** What a product is made of: groups to choose from, a group whose options are the product itself, and fixed parts. */
export interface Composition {
  /** `is_on_all`: false where only some of its variants have it. */
  groups: { group: Entry; is_on_all: boolean }[];
  variant_group: Entry | null;
  parts: { item_code: string; quantity_e4: number }[];
}

/** How the records hang together. What the payload refers to and does not hold is left out. */
export interface Structure {
  /** The records that a group offers, each once. */
  optionsOf(group: Entry): readonly Entry[];
  compositionOf(product: Entry): Composition;
  /** By how many products it is a variant of. */
  variant_parents: ReadonlyMap<Entry, number>;
  /** What some group offers. */
  offered: ReadonlySet<Entry>;
  /** What stands in a category. */
  in_category: ReadonlySet<Entry>;
}

/** What holds for a record inside the record of that PLU. */
export function overloadFor(entry: Entry, scope: Entry): Json {
  const scopes = [scope.plu, scope.base_plu];
  const holds = (overload: Json): boolean => list(overload.scopes).some((one) => statedId(one) !== null && scopes.includes(statedId(one)));
  const merged: Json = {};
  for (const overload of list(entry.body.overloads).map(record)) if (holds(overload)) Object.assign(merged, overload);
  return merged;
}

/** A record's price inside a group: its overload; in a bundle nothing, unless it is overloaded or a menu's own instance for it. */
export function priceInside(option: Entry, group: Entry, isInCategory: boolean): number | null | Refusal {
  const overload = overloadFor(option, group);
  const own = group.type === 4 && (!option.is_menu || isInCategory) ? 0 : option.body.price;
  const stated = (group.type === 4 ? overload.bundlePrice : undefined) ?? overload.price ?? own;
  return readImpliedPrice(stated, option.price_decimals, option.currency);
}

const isVisible = (body: Json): boolean => body.visible !== false;

export const isOffered = (entry: Entry, overload: Json = {}): boolean => isVisible({ ...entry.body, ...overload }) && !entry.is_snoozed;

const isVariantGroup = ({ type, body }: Entry): boolean => (type === 3 || type === 4) && body.isVariantGroup === true;

/** How often a group is asked. */
const timesOf = ({ body }: Entry): number => Math.min(Math.max(integer(body.multiply) ?? 1, 1), 1_000);

interface Bounds {
  min: number;
  max: number | null;
}

/** A minimum of less than one is none required; a maximum of 0, below, or not stated is no limit. */
function boundsOf(body: Json, times: number): Bounds {
  const [min, max] = [integer(body.min) ?? 0, integer(body.max) ?? 0];
  return { min: Math.max(min, 0) * times, max: max <= 0 ? null : max * times };
}

/** More of one thing than any bundle has. */
const PART_LIMIT = 1_000;

/** Keeps what `read` made of each record. */
function once<T>(read: (entry: Entry) => T): (entry: Entry) => T {
  const known = new Map<Entry, T>();
  return (entry) => {
    const before = known.get(entry);
    if (before !== undefined) return before;
    const made = read(entry);
    known.set(entry, made);
    return made;
  };
}

/** Looks up everything that refers to something. */
export function readStructure({ entries, categories, resolve }: DeliverectPayload): Structure {
  const subsOf = (types: readonly Entry["type"][]) =>
    once((entry: Entry): readonly Entry[] => [
      ...new Set(list(entry.body.subProducts).flatMap((reference) => resolve(reference, types) ?? [])),
    ]);
  const optionsOf = subsOf([2, 1]);
  const groupsOf = subsOf([3, 4]);
  const variantGroupOf = (entry: Entry): Entry | null => groupsOf(entry).find(isVariantGroup) ?? null;
  const in_category = new Set(categories.flatMap(({ members }) => members.flatMap((member) => resolve(member, [1]) ?? [])));
  const variant_parents = new Map<Entry, number>();
  const offered = new Set<Entry>();
  for (const entry of entries) {
    if (entry.type === 1 && categoryIdsOf(entry).length > 0) in_category.add(entry);
    if (entry.type === 3 || entry.type === 4) for (const option of optionsOf(entry)) offered.add(option);
    const variants = entry.type === 1 ? variantGroupOf(entry) : null;
    if (variants !== null) for (const option of optionsOf(variants)) variant_parents.set(option, (variant_parents.get(option) ?? 0) + 1);
  }

  /** The one thing that a bundle's group holds, where there is nothing to choose and nothing to pay for it. */
  const fixedPart = (group: Entry): { item_code: string; quantity_e4: number } | null => {
    const options = optionsOf(group);
    const [only] = options;
    if (group.type !== 4 || options.length !== 1 || !only || only.type !== 1 || idRefusal(only.base_plu) !== null) return null;
    const { min, max } = boundsOf(group.body, timesOf(group));
    if (min < 1 || min > PART_LIMIT || (max !== null && max !== min) || variantGroupOf(only) !== null) return null;
    if (only.base_plu === null || priceInside(only, group, in_category.has(only)) !== 0) return null;
    return { item_code: only.base_plu, quantity_e4: min * QUANTITY_SCALE };
  };

  const compositionOf = once((product: Entry): Composition => {
    const variant_group = variantGroupOf(product);
    const variants = variant_group === null ? [] : optionsOf(variant_group);
    const own = new Set(groupsOf(product));
    // What hangs on variants can only be offered with the product: as a must where each of them has it.
    const uses = new Map<Entry, number>();
    for (const variant of variants) for (const group of groupsOf(variant)) uses.set(group, (uses.get(group) ?? 0) + 1);
    const parts = new Map<string, number>();
    const groups: Composition["groups"] = [];
    for (const group of new Set([...own, ...uses.keys()])) {
      const part = own.has(group) ? fixedPart(group) : null;
      if (part !== null) parts.set(part.item_code, (parts.get(part.item_code) ?? 0) + part.quantity_e4);
      else if (group !== variant_group) groups.push({ group, is_on_all: own.has(group) || uses.get(group) === variants.length });
    }
    return { groups, variant_group, parts: [...parts].map(([item_code, quantity_e4]) => ({ item_code, quantity_e4 })) };
  });
  return { optionsOf, compositionOf, variant_parents, offered, in_category };
}

/** A product's categories: a list, one id, or "" for none. */
export function categoryIdsOf({ body }: Entry): string[] {
  const stated = Array.isArray(body.posCategoryIds) ? body.posCategoryIds : [body.posCategoryIds, body.posCategoryId];
  return [...new Set(stated.flatMap((id) => statedId(id) ?? []))];
}

/** Options are called after their group: the same record can cost something else in another. */
function readOption(option: Entry, group: Entry, taken: ReadonlySet<string>, structure: Structure): PlacedOption | Refusal {
  const overload = overloadFor(option, group);
  const name = readName(overload.name ?? option.body.name);
  if (isRefusal(name)) return name;
  const price = priceInside(option, group, structure.in_category.has(option));
  if (isRefusal(price)) return price;
  const short = `${group.plu}/${option.base_plu}`;
  const externalId = taken.has(short) ? `${group.plu}/${option.plu}` : short;
  const refusal = idRefusal(option.plu) ?? idRefusal(externalId);
  if (refusal !== null) return refusal;
  const quantity = integer(overload.defaultQuantity ?? option.body.defaultQuantity) ?? 0;
  return {
    position: option.position,
    option: {
      external_id: externalId,
      name,
      price_delta_minor: price ?? 0,
      // A product is used up when it is chosen; a modifier is nothing that is counted.
      item_code: option.type === 1 && idRefusal(option.base_plu) === null ? option.base_plu : null,
      is_active: isOffered(option, overload),
      is_default: quantity >= 1,
    },
  };
}

/** Takes in one group, unless it is hidden or an empty choice of nothing. */
export function mapGroup(rows: CanonicalRows, group: Entry, structure: Structure): void {
  if (!isVisible(group.body)) return;
  const options = structure.optionsOf(group);
  const times = timesOf(group);
  const { min, max } = boundsOf(group.body, times);
  if (options.length === 0 && min === 0) return;
  const name = readName(group.body.name);
  const refusal = idRefusal(group.plu) ?? (isRefusal(name) ? name : null);
  if (refusal !== null || group.plu === null || isRefusal(name)) {
    if (refusal !== null) rows.refuseGroup(group.position, group.plu, refusal);
    return;
  }
  const placed: PlacedOption[] = [];
  const taken = new Set<string>();
  for (const option of options) {
    const read = readOption(option, group, taken, structure);
    if (isRefusal(read)) rows.refuse({ position: option.position, item_code: null }, read);
    else {
      taken.add(read.option.external_id);
      placed.push(read);
    }
  }
  const canonical = { external_id: group.plu, name, min_select: min, max_select: max, options: [], provider_version: null };
  rows.addGroup(group.position, canonical, placed, times > 1 || integer(group.body.multiMax) !== 1);
}

/** The product's groups with what it overloads in them; those that were not taken because they offer nothing are left out. */
export function groupLinks(rows: CanonicalRows, product: Entry, structure: Structure): CanonicalProductModifierGroup[] | Refusal {
  const links = new Map<string, CanonicalProductModifierGroup>();
  for (const { group, is_on_all } of structure.compositionOf(product).groups) {
    if (group.plu === null || links.has(group.plu)) continue;
    const overload = overloadFor(group, product);
    const { min, max } = boundsOf(overload, timesOf(group));
    const link: CanonicalProductModifierGroup = {
      external_id: group.plu,
      min_select: !is_on_all ? 0 : overload.min === undefined ? null : min,
      max_select: overload.max === undefined ? null : (max ?? "unlimited"),
    };
    const refusal = rows.groupLinkRefusal(link);
    if (refusal !== null) return refusal;
    if (rows.group(group.plu) !== undefined) links.set(group.plu, link);
  }
  return [...links.values()];
}
