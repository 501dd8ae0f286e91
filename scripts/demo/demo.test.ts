import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mapCata } from "../../src/domains/catalog/providers/cata.ts";
import { isCurrency } from "../../src/kernel/money.ts";
import { completed } from "../../src/kernel/steps.ts";
import { ean13 } from "./ean13.ts";
import { grocer } from "./grocer.ts";
import { kopi } from "./kopi.ts";

const baseUrl = "http://127.0.0.1:8787";
const pictures = join(import.meta.dirname, "../../public/demo");

const catalogOf = (tenant: typeof kopi) => completed(mapCata(tenant.payload(baseUrl), { currency: tenant.currency }));
const variantsOf = (tenant: typeof kopi) => catalogOf(tenant).products.flatMap(({ variants }) => variants);
const soldAt = (tenant: typeof kopi, storeCode: string): string[] =>
  tenant.menus
    .filter(({ store_codes }) => store_codes.includes(storeCode))
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items.map(({ item_code }) => item_code)));
const priceAt = (storeCode: string, itemCode: string): number | undefined =>
  kopi.menus
    .filter(({ store_codes }) => store_codes.includes(storeCode))
    .flatMap(({ sections }) => sections.flatMap(({ items }) => items))
    .find(({ item_code }) => item_code === itemCode)?.price;

describe.each([kopi, grocer])("$slug", (tenant) => {
  const catalog = catalogOf(tenant);
  const sellable = new Set(
    catalog.products.filter(({ is_active }) => is_active).flatMap(({ variants }) => variants.map(({ item_code }) => item_code)),
  );

  test("is taken in without a single bad row, and comes out the same every time", () => {
    expect(catalog.row_errors).toEqual([]);
    expect(tenant.payload(baseUrl)).toEqual(tenant.payload(baseUrl));
    expect(new Set(catalog.products.map(({ name }) => name)).size).toBe(catalog.products.length);
  });

  test("everything has a price, a tax rate and a category", () => {
    for (const { name, variants, tax_rate_e4, category_external_ids } of catalog.products) {
      expect(tax_rate_e4, name).not.toBeNull();
      expect(category_external_ids, name).toHaveLength(1);
      for (const variant of variants) expect(variant.base_price_minor, name).toBeGreaterThan(0);
    }
  });

  test("what is counted is sold there", () => {
    for (const { store_code, counts } of tenant.stock) {
      for (const code of Object.keys(counts)) expect(soldAt(tenant, store_code), store_code).toContain(code);
    }
  });

  test("menus hold what there is, priced, once per store, in sections that are not empty", () => {
    const codes = tenant.stores.map(({ code }) => code);
    for (const menu of tenant.menus) {
      expect(menu.currency).toBe(tenant.currency);
      for (const code of menu.store_codes) expect(codes).toContain(code);
      for (const { name, items } of menu.sections) {
        expect(items.length, name).toBeGreaterThan(0);
        for (const { item_code, price } of items) {
          expect(sellable, item_code).toContain(item_code);
          expect(Number.isSafeInteger(price) && price > 0, item_code).toBe(true);
        }
      }
    }
    for (const code of codes) {
      const sold = tenant.menus.filter(({ store_codes }) => store_codes.includes(code)).flatMap(({ sections }) => sections);
      const items = sold.flatMap(({ items: list }) => list.map(({ item_code }) => item_code));
      expect(items.length, code).toBeGreaterThan(0);
      expect(new Set(items).size, code).toBe(items.length);
    }
  });

  test("stores are real places to a computer", () => {
    expect(tenant.slug).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(isCurrency(tenant.currency)).toBe(true);
    for (const { timezone, locale, currency } of tenant.stores) {
      expect(new Intl.DateTimeFormat(locale, { timeZone: timezone }).resolvedOptions().timeZone).toBe(timezone);
      expect(currency).toBe(tenant.currency);
    }
    expect(new Set(tenant.stores.map(({ code }) => code)).size).toBe(tenant.stores.length);
  });

  test("pictures are there; about one product in seven has none", () => {
    const urls = catalog.products.flatMap(({ image_url }) => image_url ?? []);
    for (const url of new Set(urls)) {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8787\/demo\/[a-z-]+\.svg$/);
      expect(existsSync(join(pictures, url.slice(`${baseUrl}/demo/`.length))), url).toBe(true);
    }
    const share = 1 - urls.length / catalog.products.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.2);
  });
});

describe("kopi", () => {
  test("three outlets, two price tiers: the airport is dearer", () => {
    expect(kopi.stores).toHaveLength(3);
    expect(priceAt("TIONGBAHRU", "LATTE-R")).toBe(580);
    expect(priceAt("JOOCHIAT", "LATTE-R")).toBe(580);
    expect(priceAt("CHANGI-T2", "LATTE-R")).toBe(700);
    expect(priceAt("CHANGI-T2", "CKT")).toBeUndefined();
  });

  test("has choices, allergens, bundles and something out of season", () => {
    const { modifier_groups, products } = catalogOf(kopi);
    expect(modifier_groups.length).toBeGreaterThanOrEqual(8);
    expect(modifier_groups.flatMap(({ options }) => options).some(({ price_delta_minor }) => price_delta_minor > 0)).toBe(true);
    expect(products.filter(({ is_active }) => !is_active).map(({ external_id }) => external_id)).toEqual(["durian-puffs"]);
    expect(products.flatMap(({ variants }) => variants).filter(({ bundle }) => bundle.length > 0)).toHaveLength(3);
    expect(products.find(({ external_id }) => external_id === "nasi-lemak")?.allergens).toEqual(["crustaceans", "eggs", "fish", "peanuts"]);
  });

  test("an option that is sold by itself names what there is", () => {
    const codes = new Set(variantsOf(kopi).map(({ item_code }) => item_code));
    const named = catalogOf(kopi).modifier_groups.flatMap(({ options }) => options.flatMap(({ item_code }) => item_code ?? []));
    expect(named.length).toBeGreaterThan(0);
    for (const code of named) expect(codes).toContain(code);
  });
});

describe("grocer", () => {
  test("300 products of one variant each in two stores", () => {
    expect(grocer.stores).toHaveLength(2);
    expect(catalogOf(grocer).products).toHaveLength(300);
    expect(variantsOf(grocer)).toHaveLength(300);
  });

  test("barcodes are valid, own and unique; what is weighed has none", () => {
    const barcodes = variantsOf(grocer).flatMap(({ barcode }) => barcode ?? []);
    expect(barcodes.length).toBeGreaterThan(270);
    expect(new Set(barcodes).size).toBe(barcodes.length);
    for (const barcode of barcodes) {
      expect(barcode).toMatch(/^20\d{11}$/);
      const weighted = [...barcode].map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 3));
      expect(weighted.reduce((total, digit) => total + digit) % 10, barcode).toBe(0);
    }
  });

  test("the check digit of known numbers", () => {
    expect(ean13("400638133393")).toBe("4006381333931");
    expect(ean13("501234567890")).toBe("5012345678900");
    expect(() => ean13("12345")).toThrow(RangeError);
  });
});

test("every picture is small, self-contained and used", () => {
  const used = new Set([kopi, grocer].flatMap((tenant) => catalogOf(tenant).products.map(({ image_url }) => image_url?.split("/").at(-1))));
  for (const file of readdirSync(pictures)) {
    expect(statSync(join(pictures, file)).size, file).toBeLessThan(4096);
    const drawing = readFileSync(join(pictures, file), "utf8");
    expect(drawing, file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 400 300"/);
    expect(drawing, file).not.toMatch(/<script|href=|url\(/);
    expect(used, file).toContain(file);
  }
});
