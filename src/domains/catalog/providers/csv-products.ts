import type { CanonicalVariant } from "../canonical.ts";
import { type CanonicalRows, isUsableKey, type RowPlace } from "./canonical-rows.ts";
import { type CategoryTree, categoryTree } from "./category-tree.ts";
import type { Column } from "./csv-columns.ts";
import { addCategories, noteTexts, type ProductTexts, readProduct } from "./csv-product-fields.ts";
import {
  type Inherited,
  itemCodeOf,
  productKey,
  type RowText,
  readVariant,
  statedActive,
  statedCurrency,
  statedStock,
  type TableDialect,
} from "./csv-rows.ts";
import { cleanText } from "./plain-text.ts";

interface DraftVariant {
  variant: CanonicalVariant;
  options: { column: Column; value: string }[];
  /** By location; "" where the row names none. */
  stock: Map<string, { position: string; quantity_e4: number }>;
}

/** A product of which more rows may come. */
interface DraftProduct {
  external_id: string;
  position: string;
  /** How many rows are its, and how many variants they mean, those that were refused among them. */
  rows: number;
  item_codes: Set<string>;
  variants: DraftVariant[];
  by_code: Map<string, DraftVariant>;
  texts: ProductTexts;
  /** By the number of the column, or "" where it has none. */
  option_names: Map<string, string>;
  inherited: Inherited;
}

export interface TableProducts {
  take(position: string, row: RowText): void;
  /** A row could not be cut: what would go on with the product above goes on with nothing. */
  interrupt(): void;
  /** Hands all products over; rows of one may lie anywhere in the table. */
  finish(): void;
}

/** Gathers rows into products. What it keeps of a row is what the catalogue will. */
export function tableProducts(rows: CanonicalRows, dialect: TableDialect): TableProducts {
  const drafts: DraftProduct[] = [];
  const byPlace = new Map<string, DraftProduct>();
  const categories = categoryTree(rows);

  let above: DraftProduct | null = null;

  const draftOf = (position: string, row: RowText): DraftProduct => {
    if (goesOn(row, dialect) && above !== null) return above;
    const key = productKey(row);
    const code = itemCodeOf(row);
    // A row by itself is found again by its code alone, apart from what others are called.
    const place = key !== null ? `product ${key}` : dialect.settings.repeated_rows === "join" && code !== null ? `code ${code}` : null;
    const known = place === null ? undefined : byPlace.get(place);
    if (known) return known;
    const draft = newDraft(position, row, key ?? code ?? position);
    drafts.push(draft);
    if (place !== null) byPlace.set(place, draft);
    return draft;
  };

  return {
    take(position, row) {
      const draft = draftOf(position, row);
      above = draft;
      draft.rows += 1;
      const itemCode = itemCodeOf(row, draft.external_id);
      // A row without a name goes on with the product above it; one with a name speaks for itself.
      const isContinued = draft.rows > 1 && row.one("name") === "";
      const variant = readVariant(position, row, itemCode, dialect, isContinued ? draft.inherited : NOTHING_INHERITED);
      const quantity = statedStock(row, dialect.format);
      const refusal = "reason" in variant ? variant : typeof quantity === "object" ? quantity : null;
      if (refusal !== null || "reason" in variant) {
        draft.item_codes.add(itemCode ?? position);
        noteProduct(draft, position, row);
        if (refusal !== null) rows.refuse({ position, item_code: usableCode(itemCode) }, refusal);
        return;
      }
      const options = row.all("option_value").map(({ column, text }) => ({ column, value: cleanText(text) }));
      const stock: DraftVariant["stock"] = new Map();
      if (typeof quantity === "number") stock.set(row.one("location"), { position, quantity_e4: quantity });
      const twin = dialect.settings.repeated_rows === "join" ? draft.by_code.get(variant.item_code) : undefined;
      if (twin && join(twin, { variant, options, stock }, dialect.currency)) {
        addCategories(draft.texts, position, row);
        return;
      }
      const drafted = { variant, options, stock };
      // Of a contradiction the first row stands, and what it says of the product.
      if (!twin) {
        noteProduct(draft, position, row);
        draft.by_code.set(variant.item_code, drafted);
      }
      draft.item_codes.add(variant.item_code);
      draft.variants.push(drafted);
    },

    interrupt() {
      above = null;
    },

    finish() {
      byPlace.clear();
      drafts.reverse();
      // Each is let go as its product is made: both of all at once would be twice the catalogue.
      for (let draft = drafts.pop(); draft; draft = drafts.pop()) handOver(rows, draft, dialect, categories);
    },
  };
}

const NOTHING_INHERITED: Inherited = { active: null, currency: null };

/** Whether the row is one more variant of the product above it. */
const goesOn = (row: RowText, { settings }: TableDialect): boolean =>
  settings.nameless_rows === "product_above" && (["name", "handle", "product_id"] as const).every((field) => row.one(field) === "");

/** Lets a further row of a variant add what may be said several times; false, and nothing is added, where the two contradict each other. */
function join(first: DraftVariant, further: DraftVariant, currency: string): boolean {
  const [one, other] = [first.variant, further.variant];
  if (other.name !== null && other.name !== one.name) return false;
  if (other.base_price_minor !== null && other.currency === one.currency && other.base_price_minor !== one.base_price_minor) return false;
  if (other.base_price_minor !== null && one.currency !== currency && (one.currency === null || other.currency === currency)) {
    one.base_price_minor = other.base_price_minor;
    one.currency = other.currency;
  }
  for (const [location, count] of further.stock) if (!first.stock.has(location)) first.stock.set(location, count);
  return true;
}

const usableCode = (itemCode: string | null): string | null => (itemCode !== null && isUsableKey(itemCode) ? itemCode : null);

function newDraft(position: string, row: RowText, externalId: string): DraftProduct {
  const active = statedActive(row);
  return {
    external_id: externalId,
    position,
    rows: 0,
    item_codes: new Set(),
    variants: [],
    by_code: new Map(),
    texts: new Map(),
    option_names: new Map(),
    inherited: { active: typeof active === "boolean" ? active : null, currency: statedCurrency(row) },
  };
}

function noteProduct(draft: DraftProduct, position: string, row: RowText): void {
  noteTexts(draft.texts, position, row);
  for (const { column, text } of row.all("option_name")) {
    const number = String(column.number ?? "");
    if (!draft.option_names.has(number)) draft.option_names.set(number, cleanText(text));
  }
}

/** Drops the row that is the product itself, where others are its variants. */
function dropProductRow(draft: DraftProduct): void {
  const [first] = draft.variants;
  if (!first || first.variant.position !== draft.position || first.options.length > 0 || draft.item_codes.size < 2) return;
  draft.variants.shift();
  draft.item_codes.delete(first.variant.item_code);
}

function handOver(rows: CanonicalRows, draft: DraftProduct, dialect: TableDialect, categories: CategoryTree): void {
  if (dialect.settings.first_row === "product") dropProductRow(draft);
  const places: RowPlace[] = draft.variants.map(({ variant }) => ({ position: variant.position, item_code: variant.item_code }));
  if (places.length === 0) return;
  const isActive = draft.variants.some(({ variant }) => variant.is_active);
  const product = readProduct({ ...draft, is_active: isActive }, dialect, categories);
  if ("reason" in product) {
    rows.refuseProduct(draft.position, places, product);
    return;
  }
  const taken = rows.productRefusal(draft.position, draft.external_id);
  if (taken !== null) {
    rows.refuseProduct(draft.position, places, taken);
    return;
  }

  const handedOver = new Set<string>();
  const variants = draft.variants.flatMap(({ variant, options }): CanonicalVariant[] => {
    // A further row of a code that is taken is refused for that.
    if (draft.item_codes.size > 1 && variant.name === null && !handedOver.has(variant.item_code)) {
      const message = `Product "${draft.external_id}" has ${draft.item_codes.size} variants; each needs an option or a variant_name that tells it from the others.`;
      rows.refuse({ position: variant.position, item_code: variant.item_code }, { reason: "VARIANT_NAME_MISSING", message });
      return [];
    }
    handedOver.add(variant.item_code);
    variant.attributes = attributesOf(options, draft.option_names);
    return [variant];
  });
  const { categories: paths, ...canonical } = product;
  const category_external_ids = paths.map((path) => categories.add(draft.position, path));
  rows.addProduct(draft.position, { ...canonical, category_external_ids: [...new Set(category_external_ids)] }, variants);
  // Of a code that stands twice the first row stands, with what it counts.
  const counted = new Map(draft.variants.toReversed().map((drafted) => [drafted.variant.item_code, drafted]));
  for (const { external_id, item_code } of variants) {
    for (const [location, { position, quantity_e4 }] of counted.get(item_code)?.stock ?? []) {
      const place = { position, variant_external_id: external_id, location_external_id: location || null };
      rows.addStock({ ...place, quantity_e4, counted_at_ms: null });
    }
  }
}

/** `{ Size: "Large" }`: by the option's stated name, else by its column's header. */
function attributesOf(options: DraftVariant["options"], names: ReadonlyMap<string, string>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const { column, value } of options) {
    const name = names.get(String(column.number ?? "")) || cleanText(column.header) || `${column.index + 1}`;
    attributes[name in attributes ? `${name} ${column.number ?? column.index + 1}` : name] = value;
  }
  return attributes;
}
