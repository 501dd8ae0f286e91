import fc from "fast-check";
import type { CanonicalCatalog, CanonicalProduct, CanonicalVariant } from "../../src/domains/catalog/canonical.ts";

const variant = (external: number, code: number, active: boolean, price: number): CanonicalVariant => ({
  position: `row ${external}`,
  external_id: `v${external}`,
  item_code: `C${code}`,
  name: `Option ${external}`,
  barcode: null,
  base_price_minor: price,
  currency: "USD",
  is_active: active,
  attributes: {},
  bundle: [],
});

const groups = fc.uniqueArray(
  fc.record({
    id: fc.nat(2),
    name: fc.constantFrom("Milk", "Sugar"),
    price: fc.nat(3),
    options: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);

/** Payloads of a small world, so that the same things come back changed, moved, swapped and gone. Sound, as mappers promise. */
export const canonicalCatalog: fc.Arbitrary<CanonicalCatalog> = fc
  .record({
    groups,
    categories: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
    products: fc.uniqueArray(
      fc.record({
        id: fc.nat(4),
        name: fc.constantFrom("Latte", "Tea", "Bun"),
        active: fc.boolean(),
        version: fc.option(fc.nat(3)),
        size: fc.integer({ min: 1, max: 3 }),
        category: fc.nat(3),
        group: fc.nat(2),
      }),
      { selector: ({ id }) => id, maxLength: 4 },
    ),
    externals: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { minLength: 12 }),
    codes: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { minLength: 12 }),
    active: fc.boolean(),
    price: fc.nat(3),
  })
  .map((given): CanonicalCatalog => {
    let next = 0;
    const products = given.products.map(
      ({ id, name, active, version, size, category, group }): CanonicalProduct => ({
        external_id: `p${id}`,
        name,
        description: null,
        category_external_ids: [`k${category}`],
        image_url: null,
        is_active: active,
        tags: [],
        allergens: [],
        tax_rate_e4: null,
        modifier_groups: [{ external_id: `g${group}`, min_select: null, max_select: null }],
        variants: Array.from({ length: size }, () => {
          const at = next++;
          return variant(given.externals[at] ?? 0, given.codes[at] ?? 0, given.active || at % 2 === 0, given.price);
        }),
        provider_version: version,
      }),
    );
    return {
      categories: given.categories.map((id, position) => ({
        external_id: `k${id}`,
        name: `Category ${id}`,
        parent_external_id: null,
        position,
      })),
      modifier_groups: given.groups.map(({ id, name, price, options }) => ({
        external_id: `g${id}`,
        name,
        min_select: 0,
        max_select: null,
        provider_version: null,
        options: options.map((option) => ({
          external_id: `g${id}-o${option}`,
          name: `Option ${option}`,
          price_delta_minor: price,
          item_code: null,
          is_active: true,
          is_default: false,
        })),
      })),
      products,
      row_errors: [],
      stock: [],
    };
  });
