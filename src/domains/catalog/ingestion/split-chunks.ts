import type { CanonicalCatalog, CanonicalCategory } from "../canonical.ts";

/** What one unit of work may carry: sales wait while it commits, and a batch has a size. */
export const CHUNK_ROWS = 200;
const CHUNK_BYTES = 1_000_000;

/** Parents before their children, so that a chunk finds the parents of its categories written. */
function parentsFirst(categories: readonly CanonicalCategory[]): CanonicalCategory[] {
  const byId = new Map(categories.map((category) => [category.external_id, category]));
  const placed = new Set<string>();
  const ordered: CanonicalCategory[] = [];
  for (const start of categories) {
    const path: CanonicalCategory[] = [];
    let next: CanonicalCategory | undefined = start;
    while (next && !placed.has(next.external_id)) {
      placed.add(next.external_id);
      path.push(next);
      next = next.parent_external_id === null ? undefined : byId.get(next.parent_external_id);
    }
    ordered.push(...path.reverse());
  }
  return ordered;
}

const emptyChunk = (): CanonicalCatalog => ({ categories: [], modifier_groups: [], products: [], row_errors: [], stock: [] });

/**
 * The catalogue in pieces of at most 200 rows (errors, categories, options, variants, stock) and about 1 MB, categories and modifier groups before
 * the products that use them, those before their stock. A product is never cut. Always the same pieces for the same catalogue, and at least one. `rowBytes`: what
 * the row at a position weighs where a unit of work would have to keep it, because it was not taken.
 */
export function splitChunks(catalog: CanonicalCatalog, rowBytes: (position: string) => number = () => 0): CanonicalCatalog[] {
  let chunk = emptyChunk();
  const chunks = [chunk];
  let rows = 0;
  let bytes = 0;
  const room = (itemRows: number, itemBytes: number): CanonicalCatalog => {
    if (rows > 0 && (rows + itemRows > CHUNK_ROWS || bytes + itemBytes > CHUNK_BYTES)) {
      chunk = emptyChunk();
      chunks.push(chunk);
      rows = 0;
      bytes = 0;
    }
    rows += itemRows;
    bytes += itemBytes;
    return chunk;
  };
  const size = (item: unknown): number => JSON.stringify(item).length;
  for (const error of catalog.row_errors) room(1, size(error) + rowBytes(error.position)).row_errors.push(error);
  for (const category of parentsFirst(catalog.categories)) room(1, size(category)).categories.push(category);
  for (const group of catalog.modifier_groups) room(1 + group.options.length, size(group)).modifier_groups.push(group);
  for (const product of catalog.products) {
    // Every variant's version keeps the product it belongs to.
    const written = size({ ...product, variants: [] }) * product.variants.length + size(product.variants);
    // Any of them may turn out to have another's item code.
    const rejected = product.variants.reduce((sum, { position }) => sum + rowBytes(position), 0);
    room(product.variants.length, Math.max(written, rejected)).products.push(product);
  }
  for (const stock of catalog.stock) room(1, size(stock)).stock.push(stock);
  return chunks;
}
