import type { CanonicalCatalog } from "../../src/domains/catalog/canonical.ts";
import { type ChunkState, type CurrentProduct, type CurrentVariant, entityKey } from "../../src/domains/catalog/ingestion/chunk-state.ts";
import type { ChunkWrites } from "../../src/domains/catalog/ingestion/chunk-writes.ts";
import { type ChunkDecision, decideChunk } from "../../src/domains/catalog/ingestion/decide-chunk.ts";
import { prepareChunk } from "../../src/domains/catalog/ingestion/prepare-chunk.ts";

/** A catalogue held in memory, with the columns that decisions look at: what `writeChunk` does in SQL, done by hand. */
export class MemoryCatalog {
  state: ChunkState = {
    revision: 0,
    entities: new Map(),
    parents: new Map(),
    placed: new Set(),
    options: new Map(),
    products: new Map(),
    variants: new Map(),
  };
  private lastId = 0;
  readonly source_id: string;

  constructor(sourceId: string) {
    this.source_id = sourceId;
  }

  readonly newId = (): string => `id-${++this.lastId}`;

  async decide(catalog: CanonicalCatalog): Promise<ChunkDecision> {
    return decideChunk(await prepareChunk(catalog), structuredClone(this.state), {
      source_system_id: this.source_id,
      source_name: this.source_id,
      offered: new Set(catalog.products.flatMap(({ variants }) => variants.map(({ external_id }) => external_id))),
      offered_groups: new Map(catalog.modifier_groups.map((group) => [group.external_id, group])),
      newId: this.newId,
    });
  }

  async apply(catalog: CanonicalCatalog): Promise<ChunkDecision> {
    const decision = await this.decide(catalog);
    this.write(decision.writes);
    return decision;
  }

  write(writes: ChunkWrites): void {
    const { state } = this;
    for (const { category_id, parent_id } of writes.categories) state.parents.set(category_id, parent_id);
    for (const option of writes.modifier_options) {
      const group = state.options.get(option.modifier_group_id) ?? [];
      const known = group.find(({ modifier_option_id }) => modifier_option_id === option.modifier_option_id);
      if (known) known.provider_active = option.provider_active;
      else group.push({ ...option });
      state.options.set(option.modifier_group_id, group);
    }
    for (const group of state.options.values()) {
      for (const option of group) if (writes.options_gone.includes(option.modifier_option_id)) option.provider_active = 0;
    }
    for (const write of writes.products) {
      const known = state.products.get(write.product_id);
      const product: CurrentProduct = {
        product_id: write.product_id,
        name: known?.name_owner === "ours" ? known.name : write.name,
        name_owner: known?.name_owner ?? "provider",
        description: known?.description ?? null,
        description_owner: known?.description_owner ?? "provider",
        external_image_url: write.image_url,
        tax_rate_e4: write.tax_rate_e4,
        main_image_url: known?.main_image_url ?? null,
        image_owner: known?.image_owner ?? "provider",
        provider_active: write.provider_active,
        variant_count: known?.variant_count ?? 0,
        tax_rate_owner: "provider",
        tags: null,
        allergens: null,
        own_categories: null,
        own_groups: null,
        categories: JSON.stringify(write.categories),
        links: JSON.stringify(write.groups),
      };
      state.products.set(write.product_id, product);
    }
    for (const write of writes.variants) {
      const entity = writes.entities.find(
        ({ entity_type, canonical_id }) => entity_type === "variant" && canonical_id === write.variant_id,
      );
      const variant: CurrentVariant = {
        variant_id: write.variant_id,
        product_id: write.product_id,
        item_code: write.item_code,
        own_barcode: null,
        barcode_owner: "provider",
        own_bundle: null,
        own_name: state.variants.get(write.variant_id)?.own_name ?? null,
        provider_active: write.provider_active,
        position: write.position,
        source_system_id: this.source_id,
        source_name: this.source_id,
        external_id: entity?.external_id ?? null,
      };
      state.variants.set(write.variant_id, variant);
    }
    for (const [key, { canonical_id }] of state.entities) {
      if (key.startsWith("variant\n") && writes.adopted.includes(canonical_id)) state.entities.delete(key);
    }
    for (const { entity_type, external_id, ...entity } of writes.entities) state.entities.set(entityKey(entity_type, external_id), entity);
    for (const productId of writes.recounted) {
      const product = state.products.get(productId);
      if (product) product.variant_count = [...state.variants.values()].filter(({ product_id }) => product_id === productId).length;
    }
    const codes = [...state.variants.values()].map(({ item_code }) => item_code);
    if (new Set(codes).size !== codes.length) throw new Error("two variants have one item code");
  }

  /** What a customer could tell apart, whatever the ids. */
  visible(): unknown {
    const { products, variants } = this.state;
    return [...variants.values()]
      .map(({ item_code, external_id, provider_active, position, product_id }) => {
        const product = products.get(product_id);
        return { item_code, external_id, provider_active, position, product: product?.name, count: product?.variant_count };
      })
      .sort((a, b) => (a.item_code < b.item_code ? -1 : 1));
  }
}
