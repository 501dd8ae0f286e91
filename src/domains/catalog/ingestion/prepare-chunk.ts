import { sha256Hex } from "../../../kernel/bytes.ts";
import type {
  CanonicalCatalog,
  CanonicalCategory,
  CanonicalModifierGroup,
  CanonicalProduct,
  CanonicalStock,
  CanonicalVariant,
  RowError,
} from "../canonical.ts";

/** Something of the payload with the hash of its normalised form. */
export interface Hashed<T> {
  row: T;
  hash: string;
}

export interface PreparedVariant extends Hashed<CanonicalVariant> {
  /** Its place among the product's variants. */
  position: number;
  /** What its version keeps: the normalised product and variant. */
  payload: Record<string, unknown>;
}

export interface PreparedProduct extends Hashed<CanonicalProduct> {
  variants: PreparedVariant[];
}

export interface PreparedChunk {
  categories: Hashed<CanonicalCategory>[];
  modifier_groups: Hashed<CanonicalModifierGroup>[];
  products: PreparedProduct[];
  row_errors: RowError[];
  stock: CanonicalStock[];
}

const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Without versions: a provider that stamps a row anew has not changed it. Without prices of options, which are ours once taken. */
const groupContent = ({ external_id, name, min_select, max_select, options }: CanonicalModifierGroup) => ({
  external_id,
  name,
  min_select,
  max_select,
  options: options.map((option) => ({
    external_id: option.external_id,
    name: option.name,
    item_code: option.item_code,
    is_active: option.is_active,
    is_default: option.is_default,
  })),
});

const productContent = (product: CanonicalProduct) => ({
  external_id: product.external_id,
  name: product.name,
  description: product.description,
  category_external_ids: product.category_external_ids,
  image_url: product.image_url,
  is_active: product.is_active,
  tags: product.tags,
  allergens: product.allergens,
  tax_rate_e4: product.tax_rate_e4,
  modifier_groups: product.modifier_groups.map(({ external_id, min_select, max_select }) => ({ external_id, min_select, max_select })),
});

const variantContent = (variant: CanonicalVariant) => ({
  external_id: variant.external_id,
  item_code: variant.item_code,
  name: variant.name,
  barcode: variant.barcode,
  base_price_minor: variant.base_price_minor,
  currency: variant.currency,
  is_active: variant.is_active,
  attributes: sorted(variant.attributes),
  bundle: variant.bundle.map(({ item_code, quantity_e4 }) => ({ item_code, quantity_e4 })),
});

const hashOf = (content: unknown): Promise<string> => sha256Hex(JSON.stringify(content));

async function prepareProduct(product: CanonicalProduct): Promise<PreparedProduct> {
  const content = productContent(product);
  const variants = product.variants.map(async (variant, position): Promise<PreparedVariant> => {
    const payload = { product: content, variant: variantContent(variant) };
    return { row: variant, hash: await hashOf(payload), position, payload };
  });
  return { row: product, hash: await hashOf(content), variants: await Promise.all(variants) };
}

/** Hashes what a chunk carries, so that the decision about it can be pure. */
export async function prepareChunk(chunk: CanonicalCatalog): Promise<PreparedChunk> {
  return {
    categories: await Promise.all(
      chunk.categories.map(async (row) => ({
        row,
        hash: await hashOf([row.external_id, row.name, row.parent_external_id, row.position]),
      })),
    ),
    modifier_groups: await Promise.all(chunk.modifier_groups.map(async (row) => ({ row, hash: await hashOf(groupContent(row)) }))),
    products: await Promise.all(chunk.products.map(prepareProduct)),
    row_errors: chunk.row_errors,
    stock: chunk.stock,
  };
}
