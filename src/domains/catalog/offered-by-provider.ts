/** The newest version of `variant` (an SQL expression of its id) that a provider brought, as JSON text; null where none did. */
export const offeredOfVariantSql = (variant: string): string =>
  `(SELECT ver.payload FROM catalog_item_versions AS ver WHERE ver.variant_id = ${variant} AND ver.source_system_id IS NOT NULL
     AND ver.payload -> '$.product' IS NOT NULL ORDER BY ver.version_no DESC LIMIT 1)`;

/** The same of a product: of a variant that the provider still has, where there is one. Each of them tells the product whole. */
export const offeredOfProductSql = (product: string): string =>
  offeredOfVariantSql(
    `(SELECT ov.variant_id FROM variants AS ov WHERE ov.product_id = ${product}
       ORDER BY EXISTS (SELECT 1 FROM source_entities AS oe WHERE oe.canonical_id = ov.variant_id) DESC, ov.provider_active DESC, ov.position LIMIT 1)`,
  );
