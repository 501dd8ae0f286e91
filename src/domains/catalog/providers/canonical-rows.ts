import type {
  CanonicalCatalog,
  CanonicalCategory,
  CanonicalModifierGroup,
  CanonicalModifierOption,
  CanonicalProduct,
  CanonicalProductModifierGroup,
  CanonicalStock,
  CanonicalVariant,
  RowError,
} from "../canonical.ts";

/** Why a row is not taken in: a stable code and a sentence for the person who has to mend the payload. */
export interface Refusal {
  reason: string;
  message: string;
}

/** A row's place in the payload, and its item code where one could be read. */
export interface RowPlace {
  position: string;
  item_code: string | null;
}

/** The longest name, and the longest description before its markup is dropped, in UTF-16 units. */
export const NAME_LIMIT = 500;
export const DESCRIPTION_LIMIT = 20_000;
const KEY_LIMIT = 255;

/** Whether `key` can be an id, an item code or a barcode: 1 to 255 characters, no control characters, no half surrogates. */
export const isUsableKey = (key: string): boolean =>
  key.length > 0 && key.length <= KEY_LIMIT && key.isWellFormed() && !/\p{Cc}/u.test(key);

/** The address as given, without padding, where it is absolute http(s) and carries no credentials; else null. */
export function absoluteHttpUrl(address: string): string | null {
  const trimmed = address.trim();
  if (trimmed.length > 2048 || !/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  return url.username === "" && url.password === "" ? trimmed : null;
}

/** The address of an image that may be only a file's name: null where nobody said where such files lie. */
export function imageAddress(image: string, baseUrl: string | undefined): string | null {
  const name = image.trim();
  const isAddress = /^[a-z][a-z0-9+.-]*:|^\/\//i.test(name);
  if (isAddress || name === "" || baseUrl === undefined) return absoluteHttpUrl(name);
  const folder = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
  const path = name.replace(/^\/+/, "").split("/").map(encodeURIComponent).join("/");
  return absoluteHttpUrl(folder + path);
}

/** Refuses bounds that no choice can satisfy. `optionCount` is null where an option may be taken more than once. */
export function selectionRefusal(min: number, max: number | null, optionCount: number | null): Refusal | null {
  const problem =
    max !== null && max < min
      ? `at least ${min} but at most ${max} may be chosen`
      : optionCount !== null && min > optionCount
        ? `at least ${min} must be chosen of ${optionCount}`
        : null;
  return problem === null ? null : { reason: "SELECTION_IMPOSSIBLE", message: `No choice can satisfy this: ${problem}.` };
}

/** The ids that are their own ancestor. Each id is walked once, so a long chain costs its length. */
export function idsOnCycles(parents: ReadonlyMap<string, string | null>): Set<string> {
  const cyclic = new Set<string>();
  const settled = new Set<string>();
  for (const start of parents.keys()) {
    const path = new Set<string>();
    let id: string | null = start;
    while (id !== null && !settled.has(id) && !path.has(id)) {
      path.add(id);
      id = parents.get(id) ?? null;
    }
    if (id !== null && path.has(id)) {
      const walk = [...path];
      for (const one of walk.slice(walk.indexOf(id))) cyclic.add(one);
    }
    for (const one of path) settled.add(one);
  }
  return cyclic;
}

/** The catalogue under construction, and the rules that hold over rows of any provider. */
export interface CanonicalRows {
  readonly catalog: CanonicalCatalog;
  refuse(place: RowPlace, refusal: Refusal): void;
  /** One error per variant of a product that cannot be taken in; a product that shows none counts as one. */
  refuseProduct(position: string, variants: readonly RowPlace[], refusal: Refusal): void;
  /** Takes the category unless its id was taken before. */
  addCategory(position: string, category: CanonicalCategory): void;
  /** Takes the group with those options whose ids are new; refuses it where none is left or no choice can satisfy its bounds. */
  addGroup(position: string, group: CanonicalModifierGroup, options: readonly PlacedOption[], repeatable: boolean): void;
  /** Remembers that the group stood in the payload and was not taken. */
  refuseGroup(position: string, externalId: string | null, refusal: Refusal): void;
  /** The group as taken in. */
  group(externalId: string): CanonicalModifierGroup | undefined;
  /** Why a product may not use this group so; null where it may, or where the payload has no such group at all. */
  groupLinkRefusal(link: CanonicalProductModifierGroup): Refusal | null;
  /** Why a product with this id cannot be taken; null where it can. */
  productRefusal(position: string, externalId: string): Refusal | null;
  /** Takes the product with those variants whose ids and item codes are new. A product left without variants is not taken. */
  addProduct(position: string, product: Omit<CanonicalProduct, "variants">, variants: readonly CanonicalVariant[]): void;
  /** Takes the first count of a variant at a place. One without a usable id is left out: stock is no row of its own. */
  addStock(stock: CanonicalStock): void;
}

export interface PlacedOption {
  position: string;
  option: CanonicalModifierOption;
}

type Places = Map<string, string>;

function duplicateRefusal(taken: Places, position: string, key: string, field: "id" | "item_code"): Refusal | null {
  const first = taken.get(key);
  if (first === undefined) return null;
  return {
    reason: field === "id" ? "DUPLICATE_EXTERNAL_ID" : "DUPLICATE_ITEM_CODE",
    message: `${field} "${key}" at ${position} was already taken by ${first}; the first one stands.`,
  };
}

/**
 * Ids are unique per kind (options over all groups), item codes over all variants; the first row stands and a
 * refused row claims nothing, so that what it would have claimed is left to a readable one. `are_options_shared`: option ids are unique in
 * their group alone, as we hold them.
 */
export function canonicalRows({ are_options_shared = false }: { are_options_shared?: boolean } = {}): CanonicalRows {
  const catalog: CanonicalCatalog = { categories: [], modifier_groups: [], products: [], row_errors: [], stock: [] };
  const categories: Places = new Map();
  const options: Places = new Map();
  const elsewhere: Places = are_options_shared ? new Map() : options;
  const products: Places = new Map();
  const variantIds: Places = new Map();
  const itemCodes: Places = new Map();
  const groupPlaces: Places = new Map();
  const groups = new Map<string, { group: CanonicalModifierGroup; repeatable: boolean }>();
  const refusedGroups: Places = new Map();
  const counted = new Set<string>();

  const rows: CanonicalRows = {
    catalog,

    refuse: ({ position, item_code }, { reason, message }) => {
      const error: RowError = { position, item_code, reason, message };
      catalog.row_errors.push(error);
    },

    refuseProduct: (position, variants, refusal) => {
      for (const place of variants.length > 0 ? variants : [{ position, item_code: null }]) rows.refuse(place, refusal);
    },

    addCategory: (position, category) => {
      const refusal = duplicateRefusal(categories, position, category.external_id, "id");
      if (refusal !== null) return rows.refuse({ position, item_code: null }, refusal);
      categories.set(category.external_id, position);
      catalog.categories.push(category);
    },

    addGroup: (position, group, placedOptions, repeatable) => {
      const duplicate = duplicateRefusal(groupPlaces, position, group.external_id, "id");
      if (duplicate !== null) return rows.refuse({ position, item_code: null }, duplicate);
      const taken: PlacedOption[] = [];
      const own: Places = new Map();
      for (const placed of placedOptions) {
        const id = placed.option.external_id;
        const refusal = duplicateRefusal(elsewhere, placed.position, id, "id") ?? duplicateRefusal(own, placed.position, id, "id");
        if (refusal !== null) {
          rows.refuse({ position: placed.position, item_code: placed.option.item_code }, refusal);
          continue;
        }
        own.set(id, placed.position);
        taken.push(placed);
      }
      const refusal =
        taken.length === 0
          ? { reason: "OPTIONS_MISSING", message: `Modifier group "${group.name}" has no option that can be taken in.` }
          : selectionRefusal(group.min_select, group.max_select, repeatable ? null : taken.length);
      if (refusal !== null) return rows.refuseGroup(position, group.external_id, refusal);
      for (const [id, place] of own) options.set(id, place);
      const whole = { ...group, options: taken.map(({ option }) => option) };
      groupPlaces.set(group.external_id, position);
      groups.set(group.external_id, { group: whole, repeatable });
      catalog.modifier_groups.push(whole);
    },

    refuseGroup: (position, externalId, refusal) => {
      if (externalId !== null) refusedGroups.set(externalId, position);
      rows.refuse({ position, item_code: null }, refusal);
    },

    group: (externalId) => groups.get(externalId)?.group,

    groupLinkRefusal: (link) => {
      const known = groups.get(link.external_id);
      if (known === undefined) {
        // Sold without its choices, the product could be one that nobody can make: better left as it was.
        const place = refusedGroups.get(link.external_id);
        if (place === undefined) return null;
        return { reason: "MODIFIER_GROUP_REFUSED", message: `Its modifier group "${link.external_id}" at ${place} was not taken in.` };
      }
      const min = link.min_select ?? known.group.min_select;
      const max = link.max_select === "unlimited" ? null : (link.max_select ?? known.group.max_select);
      return selectionRefusal(min, max, known.repeatable ? null : known.group.options.length);
    },

    productRefusal: (position, externalId) => duplicateRefusal(products, position, externalId, "id"),

    addProduct: (position, product, variants) => {
      const taken: CanonicalVariant[] = [];
      for (const variant of variants) {
        const refusal =
          duplicateRefusal(variantIds, variant.position, variant.external_id, "id") ??
          duplicateRefusal(itemCodes, variant.position, variant.item_code, "item_code");
        if (refusal !== null) {
          rows.refuse({ position: variant.position, item_code: variant.item_code }, refusal);
          continue;
        }
        variantIds.set(variant.external_id, variant.position);
        itemCodes.set(variant.item_code, variant.position);
        taken.push(variant);
      }
      if (taken.length === 0) return;
      products.set(product.external_id, position);
      catalog.products.push({ ...product, variants: taken });
    },

    addStock: (stock) => {
      const place = JSON.stringify([stock.variant_external_id, stock.location_external_id]);
      if (counted.has(place) || ![stock.variant_external_id, stock.location_external_id ?? "-"].every(isUsableKey)) return;
      counted.add(place);
      catalog.stock.push(stock);
    },
  };
  return rows;
}
