import type { RowError, Unresolved } from "../canonical.ts";
import { type ChunkState, type CurrentProduct, entityKey } from "./chunk-state.ts";
import type { ChunkWrites, ProductWrite } from "./chunk-writes.ts";
import { type Claim, type ClaimContext, claimItemCodes } from "./claim-item-codes.ts";
import { countEntity, flag, isOlder, type ResolvedIds } from "./decide-structure.ts";
import { heldOptionPrices, heldProductFields, heldVariantFields, heldVariantName, type OfferedGroups } from "./held-fields.ts";
import type { PreparedChunk, PreparedProduct, PreparedVariant } from "./prepare-chunk.ts";
import type { HeldField, LeftAlone, RunCounts } from "./run-counts.ts";

export interface ProductFindings {
  held: HeldField[];
  errors: RowError[];
  older: LeftAlone[];
}

export interface ProductContext extends ClaimContext {
  offered_groups: OfferedGroups;
}

interface Accepted {
  variant: PreparedVariant;
  claim: Claim;
}

/** Products with their variants. Writes what differs from the state, counts every variant once, and tells what was held back. */
export function decideProducts(
  chunk: PreparedChunk,
  state: ChunkState,
  ids: ResolvedIds,
  context: ProductContext,
  writes: ChunkWrites,
  counts: RunCounts,
): ProductFindings {
  const findings: ProductFindings = { held: [], errors: [], older: [] };
  const current = chunk.products.filter((product) => {
    if (!isOlder(state.entities.get(entityKey("product", product.row.external_id)), product.row.provider_version)) return true;
    leaveAlone(product, counts, findings);
    return false;
  });
  const claims = claimItemCodes(current, state, context);
  for (const product of current) {
    const accepted: Accepted[] = [];
    for (const variant of product.variants) {
      const claim = claims.get(variant);
      if (claim && "variant_id" in claim) accepted.push({ variant, claim });
      else if (claim) findings.errors.push(claim);
    }
    counts.failed += product.variants.length - accepted.length;
    if (accepted.length > 0) decideProduct(product, accepted, state, ids, context, writes, counts, findings);
  }
  counts.held += findings.held.length;
  return findings;
}

function leaveAlone(product: PreparedProduct, counts: RunCounts, findings: ProductFindings): void {
  const count = product.variants.length;
  counts.unchanged += count;
  counts.older += count;
  counts.by_entity.product.unchanged += 1;
  counts.by_entity.variant.unchanged += count;
  for (const { row } of product.variants) {
    findings.older.push({
      item_code: row.item_code,
      reason: "older",
      message: `Version ${product.row.provider_version} of product "${product.row.external_id}" is older than the one applied last.`,
    });
  }
}

function decideProduct(
  product: PreparedProduct,
  accepted: readonly Accepted[],
  state: ChunkState,
  ids: ResolvedIds,
  context: ProductContext,
  writes: ChunkWrites,
  counts: RunCounts,
  findings: ProductFindings,
): void {
  const { row } = product;
  const known = state.entities.get(entityKey("product", row.external_id));
  const productId = ids.give("product", row.external_id);
  const current = state.products.get(productId);
  const write = productWrite(product, productId, current, ids);
  const isChanged = known?.content_hash !== product.hash || !current || differs(write, current);
  countEntity(counts.by_entity.product, !known, isChanged);
  if (isChanged) writes.products.push(write);

  const version = row.provider_version ?? known?.provider_version ?? null;
  const isNewer = version !== (known?.provider_version ?? null);
  if (isChanged || isNewer) {
    writes.entities.push({
      entity_type: "product",
      external_id: row.external_id,
      canonical_id: productId,
      content_hash: product.hash,
      provider_version: version,
    });
  }

  const heldByProduct = [
    ...(current ? heldProductFields(row, write, current, context.offered_groups) : []),
    ...heldOptionPrices(row, state, context.offered_groups),
  ];
  let isRecounted = false;
  for (const one of accepted) {
    const isNew = one.claim.current === null;
    const isVariantChanged = isChanged || variantDiffers(one, productId, product, state);
    if (isNew) counts.inserted += 1;
    else if (isVariantChanged) counts.updated += 1;
    else counts.unchanged += 1;
    countEntity(counts.by_entity.variant, isNew, isVariantChanged);
    if (isVariantChanged) writeVariant(one, productId, product, version, writes, counts);
    const from = one.claim.current?.product_id;
    if (from !== productId) {
      isRecounted = true;
      if (from !== undefined && !writes.recounted.includes(from)) writes.recounted.push(from);
    }
    const ownName = heldVariantName(row, one.variant.row, current, one.claim.current);
    const ofVariant = one.claim.current ? heldVariantFields(one.variant.row, one.claim.current) : [];
    const held = one.claim.current?.own_name == null ? heldByProduct : heldByProduct.filter(({ field }) => field !== "name");
    for (const field of [...(ownName ? [ownName] : []), ...held, ...ofVariant])
      findings.held.push({ item_code: one.variant.row.item_code, ...field });
  }
  if (isRecounted && !writes.recounted.includes(productId)) writes.recounted.push(productId);
}

function productWrite({ row }: PreparedProduct, productId: string, current: CurrentProduct | undefined, ids: ResolvedIds): ProductWrite {
  const kept = (field: Unresolved) => (row.unresolved?.includes(field) ? current : undefined);
  const groups = new Map<string, ProductWrite["groups"][number]>();
  for (const { external_id, min_select, max_select } of row.modifier_groups) {
    const id = ids.find("modifier_group", external_id);
    if (id !== null) groups.set(id, [id, min_select, max_select === "unlimited" ? -1 : max_select]);
  }
  return {
    product_id: productId,
    name: row.name,
    description: row.description,
    image_url: kept("image_url")?.external_image_url ?? row.image_url,
    tags: row.tags,
    allergens: row.allergens,
    tax_rate_e4: kept("tax_rate_e4")?.tax_rate_e4 ?? row.tax_rate_e4,
    provider_active: flag(row.is_active),
    // What the payload refers to and nobody ever sent is left out until it comes.
    categories: [
      ...new Set([
        ...(JSON.parse(kept("category_external_ids")?.categories ?? "[]") as string[]),
        ...row.category_external_ids.flatMap((id) => ids.find("category", id) ?? []),
      ]),
    ],
    groups: [...groups.values()],
  };
}

const differs = (write: ProductWrite, current: CurrentProduct): boolean =>
  write.provider_active !== current.provider_active ||
  (current.own_categories === null && JSON.stringify(write.categories) !== current.categories) ||
  (current.own_groups === null && JSON.stringify(write.groups) !== current.links);

/** A variant of a product that is not sold is not sold either. */
const isSold = ({ variant }: Accepted, product: PreparedProduct): 0 | 1 => flag(product.row.is_active && variant.row.is_active);

function variantDiffers(one: Accepted, productId: string, product: PreparedProduct, state: ChunkState): boolean {
  const { variant, claim } = one;
  const { current } = claim;
  return (
    current === null ||
    claim.is_adopted ||
    state.entities.get(entityKey("variant", variant.row.external_id))?.content_hash !== variant.hash ||
    current.product_id !== productId ||
    current.item_code !== variant.row.item_code ||
    current.position !== variant.position ||
    current.provider_active !== isSold(one, product)
  );
}

function writeVariant(
  one: Accepted,
  productId: string,
  product: PreparedProduct,
  providerVersion: number | null,
  writes: ChunkWrites,
  counts: RunCounts,
): void {
  const { variant, claim } = one;
  const { row } = variant;
  const sold = isSold(one, product);
  if (claim.current?.provider_active === 1 && sold === 0) counts.hidden += 1;
  if (claim.current && claim.current.item_code !== row.item_code) writes.recoded.push(claim.variant_id);
  if (claim.is_adopted) writes.adopted.push(claim.variant_id);
  writes.variants.push({
    variant_id: claim.variant_id,
    product_id: productId,
    item_code: row.item_code,
    option_name: row.name,
    barcode: row.barcode,
    base_price_minor: row.base_price_minor,
    currency: row.currency,
    attributes: row.attributes,
    provider_active: sold,
    position: variant.position,
    bundle: row.bundle,
    payload: variant.payload,
    hash: variant.hash,
  });
  writes.entities.push({
    entity_type: "variant",
    external_id: row.external_id,
    canonical_id: claim.variant_id,
    content_hash: variant.hash,
    provider_version: providerVersion,
  });
}
