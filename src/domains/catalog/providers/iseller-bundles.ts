import type { CanonicalProductModifierGroup, CanonicalVariant } from "../canonical.ts";
import { type CanonicalRows, isUsableKey, type PlacedOption, type Refusal } from "./canonical-rows.ts";
import { cleanText } from "./plain-text.ts";
import { readMajorPrice, statedFlag, statedQuantity } from "./stated-amounts.ts";
import { idRefusal, isObject, isRefusal, type Json, list, readName, record, statedId, text } from "./stated-values.ts";

/** A row of the product list and where it stands. */
export interface Row {
  value: Json;
  position: string;
}

/** Item codes of the payload's rows by their product ids. */
export type ItemCodes = ReadonlyMap<string, string>;

/** The group's options over all the rows that carry it; the first row says what it is called. */
interface StatedGroup {
  position: string;
  value: Json;
  modifiers: Map<string, Row>;
  strays: Row[];
}

/** Every modifier group once: each product carries its own copy, of which some hold more than others. */
export function mapModifierGroups(rows: CanonicalRows, products: readonly Row[], currency: string): void {
  const groups = new Map<string, StatedGroup>();
  for (const { value: product, position } of products) {
    for (const [index, value] of list(product.modifier_groups).map(record).entries()) {
      const place = `${position}.modifier_groups[${index}]`;
      const id = statedId(value.modifier_group_id);
      const known = groups.get(id ?? place);
      const group = known ?? { position: place, value, modifiers: new Map<string, Row>(), strays: [] };
      if (known === undefined) groups.set(id ?? place, group);
      for (const [at, modifier] of list(value.modifiers).entries()) {
        const row = { value: record(modifier), position: `${place}.modifiers[${at}]` };
        const modifierId = statedId(row.value.modifier_id);
        if (modifierId === null) group.strays.push(row);
        else if (!group.modifiers.has(modifierId)) group.modifiers.set(modifierId, row);
      }
    }
  }
  for (const group of groups.values()) mapGroup(rows, group, currency);
}

/** Active unless it says otherwise. */
export const isOn = (value: unknown): boolean => statedFlag(value) !== false;

function readOption({ value, position }: Row, groupId: string, currency: string): PlacedOption | Refusal {
  const name = readName(value.title ?? value.name, "title");
  if (isRefusal(name)) return name;
  const price = readMajorPrice(value.price, currency);
  if (isRefusal(price)) return price;
  const id = statedId(value.modifier_id);
  const external_id = `${groupId}/${id}`;
  const refusal = idRefusal(id) ?? idRefusal(external_id);
  if (refusal !== null) return refusal;
  const option = { external_id, name, price_delta_minor: price ?? 0, item_code: null, is_active: isOn(value.is_active), is_default: false };
  return { position, option };
}

/** How many of its options may be chosen iSeller does not say: none has to be, and all may be. */
function mapGroup(rows: CanonicalRows, { position, value, modifiers, strays }: StatedGroup, currency: string): void {
  if (!isOn(value.is_active) || modifiers.size + strays.length === 0) return;
  const id = statedId(value.modifier_group_id);
  const name = readName(value.title ?? value.name, "title");
  const refusal = idRefusal(id) ?? (isRefusal(name) ? name : null);
  if (refusal !== null || id === null || isRefusal(name)) {
    if (refusal !== null) rows.refuseGroup(position, id, refusal);
    return;
  }
  const options = [...modifiers.values(), ...strays].flatMap((modifier): PlacedOption[] => {
    const option = readOption(modifier, id, currency);
    if (!isRefusal(option)) return [option];
    rows.refuse({ position: modifier.position, item_code: null }, option);
    return [];
  });
  rows.addGroup(position, { external_id: id, name, min_select: 0, max_select: null, options: [], provider_version: null }, options, false);
}

/** The product's groups in its order, without those that are switched off. */
export function modifierLinks(rows: CanonicalRows, products: readonly Row[]): CanonicalProductModifierGroup[] | Refusal {
  const links = new Map<string, CanonicalProductModifierGroup>();
  for (const { value } of products) {
    for (const group of list(value.modifier_groups).map(record)) {
      const id = statedId(group.modifier_group_id);
      if (id === null || links.has(id) || !isOn(group.is_active)) continue;
      const link = { external_id: id, min_select: null, max_select: null };
      const refusal = rows.groupLinkRefusal(link);
      if (refusal !== null) return refusal;
      if (rows.group(id) !== undefined) links.set(id, link);
    }
  }
  return [...links.values()];
}

export interface Combo {
  parts: CanonicalVariant["bundle"];
  links: CanonicalProductModifierGroup[];
}

/** More of one thing than any set has, in ten-thousandths. */
const PART_LIMIT_E4 = 10_000_000;

const quantityOf = (entry: Json): number => {
  const quantity = entry.quantity === undefined || entry.quantity === null ? 10_000 : (statedQuantity(entry.quantity) ?? 0);
  return quantity > 0 && quantity <= PART_LIMIT_E4 ? quantity : 10_000;
};

/** The component's code as the component's own row has it, whichever payload that is in. */
function codeOf(entry: Json, codes: ItemCodes): string | null {
  const id = statedId(entry.product_id);
  const code = (id === null ? undefined : codes.get(id)) ?? statedId(entry.sku) ?? id;
  return code !== null && isUsableKey(code) ? code : null;
}

function optionName(entry: Json, code: string): string {
  const variant = text(entry.variant_name);
  const name = [text(entry.product_name) ?? code, ...(variant === null ? [] : [`(${variant})`])].join(" ");
  const quantity = quantityOf(entry);
  return cleanText(quantity === 10_000 ? name : `${quantity / 10_000} × ${name}`).slice(0, 500);
}

/**
 * What a set is made of: `category` names the slot. Several entries of one slot are a choice of one, which becomes a modifier group of this
 * product; a single one is a part, as is each that names no slot.
 */
export function mapCombo(rows: CanonicalRows, { value, position }: Row, productId: string, codes: ItemCodes): Combo | Refusal {
  const slots = new Map<string, Row[]>();
  for (const [index, entry] of list(value.bundles).entries()) {
    if (!isObject(entry)) continue;
    const place = `${position}.bundles[${index}]`;
    const slot = cleanText(text(entry.category) ?? "") || place;
    const alternatives = slots.get(slot);
    if (alternatives === undefined) slots.set(slot, [{ value: entry, position: place }]);
    else alternatives.push({ value: entry, position: place });
  }
  const parts = new Map<string, number>();
  const links: CanonicalProductModifierGroup[] = [];
  for (const [slot, entries] of slots) {
    const alternatives = entries.flatMap((entry) => {
      const code = codeOf(entry.value, codes);
      return code === null ? [] : [{ entry, code }];
    });
    const [only] = alternatives;
    if (only === undefined) continue;
    if (alternatives.length === 1) {
      parts.set(only.code, (parts.get(only.code) ?? 0) + quantityOf(only.entry.value));
      continue;
    }
    const external_id = `${productId}/combo/${slot}`;
    const refusal = idRefusal(external_id);
    if (refusal !== null) return refusal;
    const seen = new Set<string>();
    const options = alternatives.flatMap(({ entry, code }): PlacedOption[] => {
      if (seen.has(code) || !isUsableKey(`${external_id}/${code}`)) return [];
      seen.add(code);
      const option = {
        external_id: `${external_id}/${code}`,
        name: optionName(entry.value, code),
        price_delta_minor: 0,
        item_code: code,
        is_active: true,
        is_default: false,
      };
      return [{ position: entry.position, option }];
    });
    const group = { external_id, name: slot.slice(0, 500), min_select: 1, max_select: 1, options: [], provider_version: null };
    rows.addGroup(only.entry.position, group, options, false);
    const link = { external_id, min_select: null, max_select: null };
    const unusable = rows.groupLinkRefusal(link);
    if (unusable !== null) return unusable;
    if (rows.group(external_id) !== undefined) links.push(link);
  }
  return { parts: [...parts].map(([item_code, quantity_e4]) => ({ item_code, quantity_e4 })), links };
}
