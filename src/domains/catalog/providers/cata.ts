import { AppError } from "../../../kernel/errors.ts";
import type { Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, ProviderContext } from "../canonical.ts";
import { type CanonicalRows, canonicalRows, idsOnCycles, type PlacedOption } from "./canonical-rows.ts";
import { type CategoryIds, mapCataProducts } from "./cata-products.ts";
import { exportedRows, ifApplied, isObject, parseRow, providerVersion, statedKey, stockRow, writtenRows } from "./cata-rows.ts";

const FORMAT = "cata/1";

const unreadable = (what: string): AppError =>
  new AppError("PAYLOAD_UNREADABLE", {
    detail: `${what} A cata payload is one JSON object: {"format": "${FORMAT}", "currency": "SGD", "categories": [], "modifier_groups": [], "products": []}; only "products" is required.`,
  });

interface CataPayload {
  /** Our own export: it holds what any provider may have sent, and says nothing that we did not know. */
  is_exported: boolean;
  currency: string;
  categories: unknown[];
  modifier_groups: unknown[];
  products: unknown[];
  stock: unknown[];
}

function readPayload(payload: unknown, context: ProviderContext): CataPayload {
  if (!isObject(payload)) throw unreadable("The payload is not an object.");
  const { format, currency } = payload;
  if (format !== undefined && format !== FORMAT) throw unreadable(`"format" is not "${FORMAT}".`);
  if (typeof (currency ?? "") !== "string") throw unreadable('"currency" is not text.');
  if (!Array.isArray(payload.products)) throw unreadable('"products" is not a list.');
  const list = (field: string): unknown[] => {
    const value = payload[field] ?? [];
    if (!Array.isArray(value)) throw unreadable(`"${field}" is not a list.`);
    return value;
  };
  return {
    is_exported: payload["exported"] === true,
    currency: typeof currency === "string" && currency !== "" ? currency : context.currency,
    categories: list("categories"),
    modifier_groups: list("modifier_groups"),
    products: payload.products,
    stock: list("stock"),
  };
}

const statedIds = (list: readonly unknown[]): Set<string | null> => new Set(list.map((row) => (isObject(row) ? statedKey(row.id) : null)));

function mapCategories(rows: CanonicalRows, list: readonly unknown[], isExported: boolean): CategoryIds {
  const stated = statedIds(list);
  const parents = new Map<string, string | null>();
  const parsed = list.map((raw, index) => {
    const result = parseRow((isExported ? exportedRows : writtenRows).category, raw);
    if (result.row !== null && !parents.has(result.row.id)) parents.set(result.row.id, result.row.parent_id);
    return { position: `categories[${index}]`, ...result };
  });
  const cyclic = idsOnCycles(parents);
  for (const { position, row, refusal } of parsed) {
    if (row === null) rows.refuse({ position, item_code: null }, refusal);
    else if (row.parent_id !== null && !stated.has(row.parent_id) && !isExported) {
      const message = `parent_id "${row.parent_id}" is not a category of this payload.`;
      rows.refuse({ position, item_code: null }, { reason: "CATEGORY_UNKNOWN", message });
    } else if (cyclic.has(row.id)) {
      const message = `Category "${row.id}" is its own ancestor.`;
      rows.refuse({ position, item_code: null }, { reason: "CATEGORY_CYCLE", message });
    } else {
      const at = row.position ?? rows.catalog.categories.length;
      const category = { external_id: row.id, name: row.name, parent_external_id: row.parent_id, position: at, ...ifApplied(row.applied) };
      rows.addCategory(position, category);
    }
  }
  const taken = new Set(rows.catalog.categories.map(({ external_id }) => external_id));
  for (const category of isExported ? [] : rows.catalog.categories) {
    if (category.parent_external_id !== null && !taken.has(category.parent_external_id)) category.parent_external_id = null;
  }
  return { stated, taken, are_others_known: isExported };
}

function mapModifierGroups(rows: CanonicalRows, list: readonly unknown[], isExported: boolean): void {
  const shapes = isExported ? exportedRows : writtenRows;
  for (const [index, raw] of list.entries()) {
    const position = `modifier_groups[${index}]`;
    const { row: group, refusal } = parseRow(shapes.modifierGroup, raw);
    if (group === null) {
      rows.refuseGroup(position, isObject(raw) ? statedKey(raw.id) : null, refusal);
      continue;
    }
    const options = group.options.flatMap((rawOption, at): PlacedOption[] => {
      const place = `${position}.options[${at}]`;
      const { row: option, refusal: optionRefusal } = parseRow(shapes.modifierOption, rawOption);
      if (option === null) {
        const itemCode = isObject(rawOption) ? statedKey(rawOption.item_code) : null;
        rows.refuse({ position: place, item_code: itemCode }, optionRefusal);
        return [];
      }
      const canonical = {
        external_id: option.id,
        name: option.name,
        price_delta_minor: option.price,
        item_code: option.item_code,
        is_active: option.active,
        is_default: option.default ?? false,
      };
      return [{ position: place, option: canonical }];
    });
    const canonical = {
      external_id: group.id,
      name: group.name,
      min_select: group.min,
      max_select: group.max,
      options: [],
      provider_version: providerVersion(group),
      ...ifApplied(group.applied),
    };
    // Of another provider's group an option may be taken more than once.
    rows.addGroup(position, canonical, options, isExported);
  }
}

function mapStock(rows: CanonicalRows, list: readonly unknown[]): void {
  for (const [index, raw] of list.entries()) {
    const position = `stock[${index}]`;
    const { row, refusal } = parseRow(stockRow, raw);
    if (row === null) rows.refuse({ position, item_code: null }, refusal);
    else {
      const { id, location, quantity, counted_at } = row;
      rows.addStock({
        position,
        variant_external_id: id,
        location_external_id: location,
        quantity_e4: quantity,
        counted_at_ms: counted_at,
      });
    }
  }
}

/**
 * Our own normalised JSON, as docs/providers/cata.md describes it. Prices are whole minor units. Throws
 * `AppError("PAYLOAD_UNREADABLE")` where the top level is not of that shape.
 */
export function* mapCata(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const { is_exported, currency, categories, modifier_groups, products, stock } = readPayload(payload, context);
  const rows = canonicalRows({ are_options_shared: is_exported });
  const categoryIds = mapCategories(rows, categories, is_exported);
  mapModifierGroups(rows, modifier_groups, is_exported);
  yield* mapCataProducts(rows, products, currency, categoryIds);
  mapStock(rows, stock);
  return rows.catalog;
}
