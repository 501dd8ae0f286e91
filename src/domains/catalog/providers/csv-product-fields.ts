import type { CanonicalProduct } from "../canonical.ts";
import { DESCRIPTION_LIMIT, imageAddress, isUsableKey, NAME_LIMIT, type Refusal } from "./canonical-rows.ts";
import type { CategoryTree } from "./category-tree.ts";
import { readTaxRate } from "./csv-number.ts";
import type { RowText, TableDialect } from "./csv-rows.ts";
import { normaliseAllergens, normaliseTags } from "./food-labels.ts";
import { cleanText, plainText } from "./plain-text.ts";

/** Fields of the product: the first row that fills one decides it. */
const PRODUCT_FIELDS = ["name", "description", "tax_rate", "facets"] as const;
const LIST_FIELDS = ["category", "image", "tags", "allergens"] as const;
type ProductField = (typeof PRODUCT_FIELDS)[number] | (typeof LIST_FIELDS)[number];

export type ProductTexts = Map<ProductField, { texts: string[]; position: string }>;

/** Remembers what the row says of its product, where no row before said it. */
export function noteTexts(noted: ProductTexts, position: string, row: RowText): void {
  const note = (field: ProductField, texts: string[]): void => {
    if (texts.length > 0 && !noted.has(field)) noted.set(field, { texts, position });
  };
  for (const field of PRODUCT_FIELDS) note(field, row.one(field) === "" ? [] : [row.one(field)]);
  for (const field of LIST_FIELDS)
    note(
      field,
      row.all(field).map(({ text }) => text),
    );
}

/** Adds the row's categories to those that rows before it named. */
export function addCategories(noted: ProductTexts, position: string, row: RowText): void {
  const before = noted.get("category") ?? { texts: [], position };
  const added = row.all("category").flatMap(({ text }) => (before.texts.includes(text) ? [] : [text]));
  if (added.length > 0) noted.set("category", { ...before, texts: [...before.texts, ...added] });
}

interface ProductDraft {
  external_id: string;
  position: string;
  texts: ProductTexts;
  is_active: boolean;
}

export type ProductReading = Omit<CanonicalProduct, "variants" | "category_external_ids"> & { categories: string[][] };

export function readProduct(draft: ProductDraft, dialect: TableDialect, categories: CategoryTree): ProductReading | Refusal {
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
  const facets = readFacets(texts("facets")[0] ?? "");
  const paths = [...texts("category").flatMap(categoryPaths), ...facets.categories];
  const unusable = paths.find((path) => !categories.isUsable(path));
  if (unusable) return { reason: "CATEGORY_INVALID", message: `category must have at most 255 characters ${at("category")}.` };
  return {
    external_id: draft.external_id,
    name,
    description: plainText(description) || null,
    categories: paths,
    image_url: firstImage(texts("image"), dialect.settings.image_base_url),
    is_active: draft.is_active,
    tags: normaliseTags([...texts("tags").flatMap(listed), ...facets.tags]),
    allergens: normaliseAllergens(texts("allergens").flatMap(listed)),
    tax_rate_e4: taxRate,
    modifier_groups: [],
    provider_version: null,
  };
}

const listed = (text: string): string[] => text.split(/[,;|]/);

/** The first address; a file's name is left out where nobody said where the files lie. */
function firstImage(texts: readonly string[], baseUrl: string | undefined): string | null {
  const parted = texts
    .flatMap((text) => text.split(/[\s,;|]+(?=https?:\/\/)/i))
    .flatMap((text) => (/^\s*https?:/i.test(text) ? [text] : text.split(/[,;|]/)));
  return parted.flatMap((image) => imageAddress(image, baseUrl) ?? [])[0] ?? null;
}

/** `category:Plants|brand:Apple`: those of the group `category` are categories, the values of the others are tags. */
function readFacets(text: string): { categories: string[][]; tags: string[] } {
  const facets = text.split(/[|;]/).flatMap((facet): { group: string; value: string }[] => {
    const [, group = "", value = ""] = /^([^:]*):(.*)$/.exec(facet) ?? [];
    return cleanText(value) === "" ? [] : [{ group: cleanText(group).toLowerCase(), value: cleanText(value) }];
  });
  const isCategory = ({ group }: { group: string }): boolean => group === "category";
  return {
    categories: facets.filter(isCategory).map(({ value }) => [value]),
    tags: facets.filter((facet) => !isCategory(facet)).map(({ value }) => value),
  };
}

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
