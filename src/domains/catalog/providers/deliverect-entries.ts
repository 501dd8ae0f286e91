import { AppError } from "../../../kernel/errors.ts";
import { isCurrency } from "../../../kernel/money.ts";
import type { ProviderContext } from "../canonical.ts";
import { integer, isObject, type Json, list, record, statedId, text } from "./stated-values.ts";

/** A product, modifier, modifier group or bundle: one kind of record with four roles. */
export interface Entry {
  position: string;
  /** 1 product, 2 modifier, 3 modifier group, 4 bundle. */
  type: 1 | 2 | 3 | 4;
  plu: string | null;
  /** The PLU that the till knows: a menu marks its instances of one product with number signs. */
  base_plu: string | null;
  body: Json;
  /** Whether it came in a menu, where what a product is inside another stands as a record of its own. */
  is_menu: boolean;
  is_snoozed: boolean;
  location_id: string | null;
  currency: string;
  price_decimals: number;
  tax_fields: readonly string[];
}

export interface DeliverectCategory {
  position: string;
  id: string | null;
  name: unknown;
  parent_id: string | null;
  /** What it holds, where the category says so and not the product. */
  members: readonly unknown[];
}

export interface DeliverectPayload {
  entries: Entry[];
  categories: DeliverectCategory[];
  /** Entries of lists that are no objects. */
  strays: string[];
  /** The entry of one of these roles that is called so, by its id or its PLU; the role named first is preferred. */
  resolve(reference: unknown, types: readonly Entry["type"][]): Entry | undefined;
}

const MAPS = [
  ["products", 1],
  ["modifiers", 2],
  ["modifierGroups", 3],
  ["bundles", 4],
] as const;
const DEPTH_LIMIT = 8;
const PRICE_DECIMALS = 2;

const [DELIVERY, TAKEAWAY, EAT_IN] = ["deliveryTax", "takeawayTax", "eatInTax"] as const;

/** The rate that holds for the menu's kind of order comes first; for a till's products delivery does. */
function taxFields(menuType: number | null): readonly string[] {
  if (menuType === 2 || menuType === 4) return [TAKEAWAY, DELIVERY, EAT_IN];
  return menuType === 3 ? [EAT_IN, TAKEAWAY, DELIVERY] : [DELIVERY, TAKEAWAY, EAT_IN];
}

/** The till's PLU: `PEPP-#O1#-` and `DRN-03###` are instances of `PEPP` and `DRN-03`. */
const basePlu = (body: Json, plu: string | null): string | null => text(body.referenceId) ?? (plu?.replace(/-#[^#]*#-$|###$/, "") || plu);

const at = (position: string, field: string): string => (position === "" ? field : `${position}.${field}`);

const unreadable = (): AppError =>
  new AppError("PAYLOAD_UNREADABLE", {
    detail:
      'Expected products of Deliverect: a product sync ({"products": [], "categories": []}, a list of products) or a menu as it is pushed ' +
      '({"categories": [], "products": {}, "modifierGroups": {}, "modifiers": {}, "bundles": {}}), one, several in a list or under "menus".',
  });

interface Menu {
  body: Json;
  position: string;
}

/** The menus or syncs of the payload. */
function locateMenus(payload: unknown): Menu[] {
  const isMenu = (value: unknown): value is Json => isObject(value) && typeof value.products === "object" && value.products !== null;
  if (isMenu(payload)) return [{ body: payload, position: "" }];
  const field = isObject(payload) && Array.isArray(payload.menus) ? "menus" : "";
  const values = field === "" ? payload : record(payload).menus;
  if (!Array.isArray(values)) throw unreadable();
  if (values.some(isMenu)) {
    return values.flatMap((body, index) => (isMenu(body) ? [{ body, position: `${field}[${index}]` }] : []));
  }
  if (field === "menus" || (values.length > 0 && !values.some((one) => isObject(one) && "plu" in one))) {
    if (values.length > 0) throw unreadable();
  }
  return [{ body: { products: values }, position: "" }];
}

/** Ids and PLUs of what is snoozed: an object by id, or a list of them. */
function snoozedKeys(value: unknown): Set<string> {
  const entries = Array.isArray(value) ? value.map((one) => [one, one] as const) : Object.entries(record(value));
  return new Set(
    entries.flatMap(([key, one]) => [statedId(key), statedId(record(one)._id), statedId(record(one).plu)].flatMap((id) => id ?? [])),
  );
}

function readCategories(found: DeliverectCategory[], menu: Menu, isMenu: boolean): void {
  const walk = (values: unknown, position: string, parent: string | null, depth: number): void => {
    for (const [index, value] of list(values).entries()) {
      if (!isObject(value)) continue;
      const place = `${position}[${index}]`;
      const [pos, own] = [statedId(value.posCategoryId), statedId(value._id) ?? statedId(value.id)];
      const id = isMenu ? (own ?? pos) : (pos ?? own);
      found.push({
        position: place,
        id,
        name: value.name,
        parent_id: parent ?? statedId(value.parentId),
        members: list(value.subProducts),
      });
      if (depth < DEPTH_LIMIT) walk(value.subCategories, `${place}.subCategories`, id, depth + 1);
    }
  };
  walk(menu.body.categories, at(menu.position, "categories"), null, 0);
}

/** Every record and category of the payload. Throws `AppError("PAYLOAD_UNREADABLE")` where it holds no products. */
export function readDeliverect(payload: unknown, context: ProviderContext): DeliverectPayload {
  const entries: Entry[] = [];
  const categories: DeliverectCategory[] = [];
  const strays: string[] = [];
  const byKey = new Map<string, Entry[]>();
  const known = new Set<string>();
  const index = (key: string | null, entry: Entry): void => {
    if (key === null) return;
    const named = byKey.get(key);
    if (named === undefined) byKey.set(key, [entry]);
    else if (named.at(-1) !== entry) named.push(entry);
  };
  for (const menu of locateMenus(payload)) {
    const { body } = menu;
    const isMenu = !Array.isArray(body.products) || ["modifierGroups", "modifiers", "bundles"].some((field) => isObject(body[field]));
    const snoozed = snoozedKeys(body.snoozedProducts);
    const stated = text(body.currency);
    const decimals = integer(body.decimalDigits);
    const shared = {
      is_menu: isMenu,
      currency: stated !== null && isCurrency(stated) ? stated : context.currency,
      price_decimals: decimals !== null && decimals >= 0 && decimals <= 4 ? decimals : PRICE_DECIMALS,
      tax_fields: taxFields(integer(body.menuType)),
    };
    for (const [field, role] of MAPS) {
      const values = body[field];
      const isList = Array.isArray(values);
      const rows: [string, unknown][] = isList ? values.map((value, row) => [String(row), value]) : Object.entries(record(values));
      for (const [key, value] of rows) {
        const position = `${at(menu.position, field)}[${isList ? key : JSON.stringify(key)}]`;
        if (!isObject(value)) {
          strays.push(position);
          continue;
        }
        const type = integer(value.productType);
        const ids = [statedId(value._id), statedId(value.id), isList ? null : key];
        const plu = statedId(value.plu) ?? ids.find((id) => id !== null) ?? null;
        const isListed = [...ids, plu].some((id) => id !== null && snoozed.has(id));
        const entry: Entry = {
          position,
          type: type === 1 || type === 2 || type === 3 || type === 4 ? type : role,
          plu,
          base_plu: isMenu ? basePlu(value, plu) : plu,
          body: value,
          is_snoozed: value.snoozed === true || (value.snoozed !== false && isListed),
          location_id: statedId(value.location) ?? statedId(body.locationId) ?? statedId(body.location),
          ...shared,
        };
        // Several menus can hold one record: the first says what it is.
        const identity = `${entry.type} ${ids.find((id) => id !== null) ?? plu}`;
        if (isMenu && known.has(identity)) continue;
        known.add(identity);
        entries.push(entry);
        for (const id of [...ids, plu]) index(id, entry);
      }
    }
    readCategories(categories, menu, isMenu);
  }
  return {
    entries,
    categories,
    strays,
    resolve: (reference, types) => {
      const named = isObject(reference)
        ? (statedId(reference._id) ?? statedId(reference.id) ?? statedId(reference.plu))
        : statedId(reference);
      const candidates = named === null ? [] : (byKey.get(named) ?? []);
      for (const type of types) {
        const found = candidates.find((one) => one.type === type);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
