import type { CanonicalProductModifierGroup, ProviderContext } from "../canonical.ts";
import type { CanonicalRows, PlacedOption, Refusal } from "./canonical-rows.ts";
import { readAmount } from "./csv-number.ts";
import { valuesAt } from "./json-fields.ts";
import type { JsonPreset } from "./json-presets.ts";
import { idRefusal, isRefusal, type Json, readName, record, statedId } from "./stated-values.ts";

/** The groups of options that a payload's products may have. */
export interface OptionGroups {
  /** The groups in which the product names at least one option, any number of each at choice; or why it cannot have them. */
  linksOf(product: Json): CanonicalProductModifierGroup[] | Refusal;
}

const NONE: OptionGroups = { linksOf: () => [] };

/** Takes records with `id`, `name` and `price` as options, in a group for each value of their `group`. */
export function mapOptions(
  rows: CanonicalRows,
  payload: unknown,
  stated: JsonPreset["options"],
  context: ProviderContext,
  unit: JsonPreset["price_unit"],
): OptionGroups {
  if (stated === undefined) return NONE;
  const groupOf = new Map<string, string>();
  const options = new Map<string, PlacedOption[]>();
  for (const [index, value] of valuesAt(payload, stated.records).entries()) {
    const position = `${stated.records}[${index}]`;
    const option = readOption(record(value), context, unit);
    if (isRefusal(option)) {
      rows.refuse({ position, item_code: null }, option);
      continue;
    }
    const group = statedId(record(value)[stated.group]) ?? stated.records;
    groupOf.set(option.external_id, group);
    options.set(group, [...(options.get(group) ?? []), { position, option }]);
  }
  for (const [name, placed] of options) {
    const group = { external_id: name, name: titled(name), min_select: 0, max_select: null, options: [], provider_version: null };
    rows.addGroup(placed[0]?.position ?? stated.records, group, placed, false);
  }
  return {
    linksOf(product) {
      const ids = valuesAt(product, stated.ids).flatMap((id) => statedId(id) ?? []);
      const links = [...new Set(ids.flatMap((id) => groupOf.get(id) ?? []))].map((external_id) => ({
        external_id,
        min_select: null,
        max_select: null,
      }));
      return links.flatMap((link) => rows.groupLinkRefusal(link) ?? [])[0] ?? links;
    },
  };
}

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function readOption(value: Json, context: ProviderContext, unit: JsonPreset["price_unit"]): PlacedOption["option"] | Refusal {
  const id = statedId(value["id"]);
  const refusal = idRefusal(id);
  if (refusal !== null || id === null) return refusal ?? { reason: "ID_MISSING", message: "id must not be empty." };
  const name = readName(value["name"]);
  if (isRefusal(name)) return name;
  const amount = String(value["price"] ?? "").slice(0, 100);
  const price = amount === "" ? 0 : readAmount(amount, context.currency, unit, { decimal_mark: ".", is_declared: true });
  if (isRefusal(price)) return price;
  return { external_id: id, name, price_delta_minor: price, item_code: null, is_active: true, is_default: false };
}
