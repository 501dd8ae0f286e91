import type { CanonicalProduct, CanonicalVariant } from "../canonical.ts";
import {
  absoluteHttpUrl,
  type CanonicalRows,
  DESCRIPTION_LIMIT,
  isUsableKey,
  NAME_LIMIT,
  type Refusal,
  type RowPlace,
} from "./canonical-rows.ts";
import type { Column } from "./csv-columns.ts";
import { readTaxRate } from "./csv-number.ts";
import {
  type Inherited,
  itemCodeOf,
  productKey,
  type RowText,
  readVariant,
  statedActive,
  statedCurrency,
  type TableDialect,
} from "./csv-rows.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";
import { cleanText, plainText } from "./plain-text.ts";

/** Fields of the product: the first row that fills one decides it. */
const PRODUCT_FIELDS = ["name", "description", "tax_rate"] as const;
const LIST_FIELDS = ["category", "image", "tags", "allergens"] as const;
type ProductField = (typeof PRODUCT_FIELDS)[number] | (typeof LIST_FIELDS)[number];

interface DraftVariant {
  variant: CanonicalVariant;
  options: { column: Column; value: string }[];
}

/** A product of which more rows may come. */
interface DraftProduct {
  external_id: string;
  position: string;
  /** How many rows are its, and how many variants they mean, those that were refused among them. */
  rows: number;
  item_codes: Set<string>;
  variants: DraftVariant[];
  texts: Map<ProductField, { texts: string[]; position: string }>;
  /** By the number of the column, or "" where it has none. */
  option_names: Map<string, string>;
  inherited: Inherited;
}

export interface TableProducts {
  take(position: string, row: RowText): void;
  /** Hands all products over; rows of one may lie anywhere in the table. */
  finish(): void;
}

/** Gathers rows into products. What it keeps of a row is what the catalogue will. */
export function tableProducts(rows: CanonicalRows, dialect: TableDialect): TableProducts {
  const drafts: DraftProduct[] = [];
  const byKey = new Map<string, DraftProduct>();
  const categories = categoryTree(rows);

  return {
    take(position, row) {
      const key = productKey(row);
      const itemCode = itemCodeOf(row);
      const draft = (key === null ? undefined : byKey.get(key)) ?? newDraft(position, row, key ?? itemCode ?? position);
      if (draft.rows === 0) {
        drafts.push(draft);
        if (key !== null) byKey.set(key, draft);
      }
      draft.rows += 1;
      draft.item_codes.add(itemCode ?? position);
      noteProduct(draft, position, row);
      // A row without a name goes on with the product above it; one with a name speaks for itself.
      const isContinued = draft.rows > 1 && row.one("name") === "";
      const variant = readVariant(position, row, dialect, isContinued ? draft.inherited : NOTHING_INHERITED);
      if ("reason" in variant) return rows.refuse({ position, item_code: usableCode(itemCode) }, variant);
      draft.variants.push({ variant, options: row.all("option_value").map(({ column, text }) => ({ column, value: cleanText(text) })) });
    },

    finish() {
      byKey.clear();
      drafts.reverse();
      // Each is let go as its product is made: both of all at once would be twice the catalogue.
      for (let draft = drafts.pop(); draft; draft = drafts.pop()) handOver(rows, draft, dialect, categories);
    },
  };
}

const NOTHING_INHERITED: Inherited = { active: null, currency: null };

const usableCode = (itemCode: string | null): string | null => (itemCode !== null && isUsableKey(itemCode) ? itemCode : null);

function newDraft(position: string, row: RowText, externalId: string): DraftProduct {
  const active = statedActive(row);
  return {
    external_id: externalId,
    position,
    rows: 0,
    item_codes: new Set(),
    variants: [],
    texts: new Map(),
    option_names: new Map(),
    inherited: { active: typeof active === "boolean" ? active : null, currency: statedCurrency(row) },
  };
}

function noteProduct(draft: DraftProduct, position: string, row: RowText): void {
  const note = (field: ProductField, texts: string[]): void => {
    if (texts.length > 0 && !draft.texts.has(field)) draft.texts.set(field, { texts, position });
  };
  const one = (field: ProductField): string[] => (row.one(field) === "" ? [] : [row.one(field)]);
  const all = (field: ProductField): string[] => row.all(field).map(({ text }) => text);
  for (const field of PRODUCT_FIELDS) note(field, one(field));
  for (const field of LIST_FIELDS) note(field, all(field));
  for (const { column, text } of row.all("option_name")) {
    const number = String(column.number ?? "");
    if (!draft.option_names.has(number)) draft.option_names.set(number, cleanText(text));
  }
}

function handOver(rows: CanonicalRows, draft: DraftProduct, dialect: TableDialect, categories: CategoryTree): void {
  const places: RowPlace[] = draft.variants.map(({ variant }) => ({ position: variant.position, item_code: variant.item_code }));
  if (places.length === 0) return;
  const product = readProduct(draft, dialect, categories);
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
}

/** `{ Size: "Large" }`: by the option's stated name, else by its column's header. */
function attributesOf(options: DraftVariant["options"], names: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    options.map(({ column, value }) => [
      names.get(String(column.number ?? "")) || cleanText(column.header) || `${column.index + 1}`,
      value,
    ]),
  );
}

type ProductReading = Omit<CanonicalProduct, "variants" | "category_external_ids"> & { categories: string[][] };

function readProduct(draft: DraftProduct, dialect: TableDialect, categories: CategoryTree): ProductReading | Refusal {
  const texts = (field: ProductField): string[] => draft.texts.get(field)?.texts ?? [];
  const at = (field: ProductField): string => `(${draft.texts.get(field)?.position ?? draft.position})`;
  if (!isUsableKey(draft.external_id)) {
    return { reason: "PRODUCT_ID_INVALID", message: "The product's id or handle must be 1 to 255 characters without control characters." };
  }
  const name = cleanText(texts("name")[0] ?? "");
  if (name === "") return { reason: "NAME_MISSING", message: "name is missing." };
  if (name.length > NAME_LIMIT)
    return { reason: "NAME_INVALID", message: `name must have at most ${NAME_LIMIT} characters ${at("name")}.` };
  const description = texts("description")[0] ?? "";
  if (description.length > DESCRIPTION_LIMIT) {
    return {
      reason: "DESCRIPTION_INVALID",
      message: `description must have at most ${DESCRIPTION_LIMIT} characters ${at("description")}.`,
    };
  }
  const tax = texts("tax_rate")[0];
  const taxRate = tax === undefined ? null : readTaxRate(tax, dialect.format);
  if (taxRate !== null && typeof taxRate !== "number") return { ...taxRate, message: `${taxRate.message.slice(0, -1)} ${at("tax_rate")}.` };
  const paths = texts("category").flatMap(categoryPaths);
  const unusable = paths.find((path) => !categories.isUsable(path));
  if (unusable) return { reason: "CATEGORY_INVALID", message: `category must have at most 255 characters ${at("category")}.` };
  return {
    external_id: draft.external_id,
    name,
    description: plainText(description) || null,
    categories: paths,
    image_url: firstImage(texts("image")),
    is_active: draft.variants.some(({ variant }) => variant.is_active),
    tags: normaliseTags(texts("tags").flatMap(listed)),
    allergens: normaliseAllergens(texts("allergens").flatMap(listed)),
    tax_rate_e4: taxRate,
    modifier_groups: [],
    provider_version: null,
  };
}

const listed = (text: string): string[] => text.split(/[,;|]/);

/** The first absolute address; a file's name is left out, for nobody knows where the file lies. */
const firstImage = (texts: readonly string[]): string | null =>
  texts.flatMap((text) => text.split(/[\s,;|]+(?=https?:\/\/)/i)).flatMap((address) => absoluteHttpUrl(address) ?? [])[0] ?? null;

/** `Drinks > Coffee | Breakfast`: paths from the top, several by `|` or `;`. */
const categoryPaths = (text: string): string[][] =>
  text
    .split(/[|;]/)
    .map((path) =>
      path
        .split(/\s*-?>\s*/)
        .map(cleanText)
        .filter((name) => name !== ""),
    )
    .filter((path) => path.length > 0);

interface CategoryTree {
  isUsable(path: readonly string[]): boolean;
  /** The external id of the path's last, which is made with its ancestors where it is new. */
  add(position: string, path: readonly string[]): string;
}

/** Categories have no ids in a table: they are found again by their path, in whatever case it is written. */
function categoryTree(rows: CanonicalRows): CategoryTree {
  const known = new Set<string>();
  const idOf = (path: readonly string[]): string => path.join(" > ").toLowerCase();
  return {
    isUsable: (path) => isUsableKey(idOf(path)),
    add(position, path) {
      for (const [depth, name] of path.entries()) {
        const external_id = idOf(path.slice(0, depth + 1));
        if (known.has(external_id)) continue;
        known.add(external_id);
        const parent_external_id = depth === 0 ? null : idOf(path.slice(0, depth));
        rows.addCategory(position, { external_id, name, parent_external_id, position: known.size - 1 });
      }
      return idOf(path);
    },
  };
}
