import { expect } from "vitest";
import type { CanonicalCatalog } from "../../../src/domains/catalog/canonical.ts";
import { isUsableKey } from "../../../src/domains/catalog/providers/canonical-rows.ts";
import { AppError } from "../../../src/kernel/errors.ts";

const expectUnique = (keys: readonly string[]): void => {
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).not.toBe("");
};

const expectLabels = (labels: readonly string[]): void => {
  expect(labels).toEqual([...new Set(labels)].sort());
  for (const label of labels) expect(label).not.toBe("");
};

const isWholeOrNull = (value: number | null): boolean => value === null || (Number.isSafeInteger(value) && !Object.is(value, -0));

const expectMoney = (minor: number | null): void => {
  if (minor !== null) expect(Number.isSafeInteger(minor) && minor >= 0 && !Object.is(minor, -0)).toBe(true);
};

/** For tests of mappers: the payload is refused as a whole, or what comes out of it holds the canonical model's promises. */
export function expectSoundCatalog(map: () => CanonicalCatalog): void {
  let catalog: CanonicalCatalog;
  try {
    catalog = map();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("PAYLOAD_UNREADABLE");
    return;
  }
  const variants = catalog.products.flatMap((product) => product.variants);
  const options = catalog.modifier_groups.flatMap((group) => group.options);
  for (const rows of [catalog.categories, catalog.modifier_groups, catalog.products, variants, options]) {
    expectUnique(rows.map(({ external_id }) => external_id));
    for (const { external_id } of rows) expect(isUsableKey(external_id)).toBe(true);
  }
  expectUnique(variants.map(({ item_code }) => item_code));
  for (const { item_code, barcode, bundle, name } of variants) {
    for (const key of [item_code, barcode ?? "-", ...bundle.map((part) => part.item_code)]) expect(isUsableKey(key)).toBe(true);
    expectUnique(bundle.map((part) => part.item_code));
    for (const { quantity_e4 } of bundle) expect(Number.isSafeInteger(quantity_e4) && quantity_e4 > 0).toBe(true);
    expect(name).not.toBe("");
  }
  for (const { item_code, name } of options) {
    expect(item_code === null || isUsableKey(item_code)).toBe(true);
    expect(name).not.toBe("");
  }

  for (const { base_price_minor, currency } of variants) {
    expectMoney(base_price_minor);
    expect(currency === null).toBe(base_price_minor === null);
  }
  for (const { price_delta_minor } of options) expectMoney(price_delta_minor);

  const categoryIds = new Set(catalog.categories.map(({ external_id }) => external_id));
  for (const product of catalog.products) {
    expect(product.variants.length).toBeGreaterThan(0);
    expect(product.name).not.toBe("");
    expectUnique(product.category_external_ids);
    expectUnique(product.modifier_groups.map(({ external_id }) => external_id));
    expectLabels(product.tags);
    expectLabels(product.allergens);
    expect(isWholeOrNull(product.tax_rate_e4) && (product.tax_rate_e4 ?? 0) >= 0 && (product.tax_rate_e4 ?? 0) <= 1_000_000).toBe(true);
    expect(isWholeOrNull(product.provider_version)).toBe(true);
  }
  expectUnique(catalog.stock.map((one) => JSON.stringify([one.variant_external_id, one.location_external_id])));
  for (const { variant_external_id, location_external_id, quantity_e4, counted_at_ms, position } of catalog.stock) {
    expect(isUsableKey(variant_external_id) && isUsableKey(location_external_id ?? "-")).toBe(true);
    expect(quantity_e4 !== null && isWholeOrNull(quantity_e4) && isWholeOrNull(counted_at_ms)).toBe(true);
    expect(position).not.toBe("");
  }
  for (const { parent_external_id } of catalog.categories) {
    if (parent_external_id !== null) expect(categoryIds).toContain(parent_external_id);
  }
  for (const { min_select, max_select } of catalog.modifier_groups) {
    expect(min_select).toBeGreaterThanOrEqual(0);
    if (max_select !== null) expect(max_select).toBeGreaterThanOrEqual(Math.max(min_select, 1));
  }
  for (const { position, reason, message } of catalog.row_errors) {
    expect(position).not.toBe("");
    expect(reason).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(message).not.toBe("");
  }
}
