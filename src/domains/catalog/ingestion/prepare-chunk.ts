import { sha256Hex } from "../../../kernel/bytes.ts";
import type {
  Applied,
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

export const categoryHash = ({ external_id, name, parent_external_id, position }: CanonicalCategory): Promise<string> =>
  hashOf([external_id, name, parent_external_id, position]);

export const groupHash = (group: CanonicalModifierGroup): Promise<string> => hashOf(groupContent(group));

/** What was applied once is that still, where nobody has changed it since it was exported. */
const orApplied = (hash: string, applied: Applied | undefined): string => (applied?.of === hash ? applied.hash : hash);

/** Hashes of a product's content, and of each variant's with it. */
export async function productHashes(product: CanonicalProduct): Promise<{ product: string; variants: string[] }> {
  const { hash, variants } = await prepareProduct(product);
  return { product: hash, variants: variants.map((variant) => variant.hash) };
}

async function prepareProduct(product: CanonicalProduct): Promise<PreparedProduct> {
  const content = productContent(product);
  const variants = product.variants.map(async (variant, index): Promise<PreparedVariant> => {
    const payload = { product: content, variant: variantContent(variant) };
    return { row: variant, hash: orApplied(await hashOf(payload), variant.applied), position: variant.place ?? index, payload };
  });
  return { row: product, hash: orApplied(await hashOf(content), product.applied), variants: await Promise.all(variants) };
}

/** Hashes what a chunk carries, so that the decision about it can be pure. */
export async function prepareChunk(chunk: CanonicalCatalog): Promise<PreparedChunk> {
  return {
    categories: await Promise.all(chunk.categories.map(async (row) => ({ row, hash: orApplied(await categoryHash(row), row.applied) }))),
    modifier_groups: await Promise.all(
      chunk.modifier_groups.map(async (row) => ({ row, hash: orApplied(await groupHash(row), row.applied) })),
    ),
    products: await Promise.all(chunk.products.map(prepareProduct)),
    row_errors: chunk.row_errors,
    stock: chunk.stock,
  };
}
