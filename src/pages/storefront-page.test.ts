import { describe, expect, test } from "vitest";
import type { StorefrontCategory, StorefrontDocument, StorefrontItem } from "../domains/menu/index.ts";
import type { FoundItem } from "../domains/storefront/index.ts";
import { renderStorefrontPage } from "./storefront-page.tsx";

const HOSTILE = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
const STORES = [
  { id: "store-1", name: "Harbour" },
  { id: "store-2", name: "Mill & Yard" },
];

const anItem = (changes: Partial<StorefrontItem> = {}): StorefrontItem => ({
  code: "C1",
  variant_id: "v1",
  product_id: "p1",
  name: "Flat white",
  description: null,
  price: 1250,
  image_url: null,
  tax_rate: null,
  tags: [],
  allergens: [],
  modifier_groups: [],
  bundle: [],
  ...changes,
});

const aCategory = (changes: Partial<StorefrontCategory> = {}): StorefrontCategory => ({
  id: "cat-1",
  name: "Coffee",
  view_type: "LIST",
  items: [anItem()],
  ...changes,
});

function aDocument(categories: StorefrontCategory[], store: Partial<StorefrontDocument["store"]> = {}): StorefrontDocument {
  const place = { id: "store-1", location_id: "l", name: "Harbour", code: null, timezone: "America/New_York", locale: "en-US" };
  const whole = { ...place, currency: "USD", address: null, ...store };
  return { store: whole, menu_version: 1, as_of: "2026-11-20T14:20:00Z", currency: whole.currency, categories };
}

const render = (categories: StorefrontCategory[], store: Partial<StorefrontDocument["store"]> = {}): string =>
  renderStorefrontPage(aDocument(categories, store), { tenant_name: "Northwind", stores: STORES });

const renderItem = (item: Partial<StorefrontItem>, store: Partial<StorefrontDocument["store"]> = {}): string =>
  render([aCategory({ items: [anItem(item)] })], store);

const body = (html: string): string => html.slice(html.indexOf("<body"));
/** What a reader sees, without Intl's direction marks and no-break spaces. */
const text = (html: string): string =>
  body(html)
    .replaceAll(/<[^>]+>/gu, " ")
    .replaceAll(/[\u200e\u200f\u061c]/gu, "")
    .replaceAll(/[\s\u00a0\u202f]+/gu, " ");

describe("the document", () => {
  test("is whole, in the store's language, and says what it is", () => {
    const html = render([aCategory()], { address: { line1: "12 Harbour Street", city: "Portland" } });
    expect(html).toMatch(/^<!doctype html><html lang="en-US" dir="ltr"><head><meta charset="utf-8"/u);
    expect(html).toContain("<title>Menu · Harbour · Northwind</title>");
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1');
    expect(html).toContain('<meta name="description" content="Harbour · Northwind: Coffee"');
    expect(html.match(/<meta name="theme-color"/gu)).toHaveLength(2);
    expect(html).toContain('<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,');
    expect(html).toMatch(/<address><bdi>12 Harbour Street, Portland<\/bdi><\/address>/u);
    expect(html).toMatch(/<\/body><\/html>$/u);
  });

  test("escapes hostile text wherever a merchant can write", () => {
    const group = {
      id: HOSTILE,
      name: HOSTILE,
      min: 0,
      max: 1,
      options: [{ id: "o", name: HOSTILE, price: 1, code: null, default: true }],
    };
    const item = anItem({
      code: HOSTILE,
      name: HOSTILE,
      description: HOSTILE,
      image_url: `https://x.example/"onerror="alert(1)`,
      tags: [HOSTILE],
      allergens: [HOSTILE],
      modifier_groups: [group],
      bundle: [{ code: HOSTILE, name: HOSTILE, quantity: 1 }],
    });
    const document = aDocument([aCategory({ id: HOSTILE, name: HOSTILE, items: [item] })], { name: HOSTILE, address: { line1: HOSTILE } });
    const html = renderStorefrontPage(document, {
      tenant_name: HOSTILE,
      stores: [
        { id: HOSTILE, name: HOSTILE },
        { id: "b", name: "B" },
      ],
    });
    expect(html.match(/<script/gu)).toHaveLength(1);
    expect(html.match(/<img/gu)).toHaveLength(1);
    expect(html).not.toMatch(/<[^>]*"onerror=/u);
    expect(body(html)).toContain("&lt;script&gt;");
  });

  test("has one h1, then h2 per category, h3 per item, h4 per choice", () => {
    const group = { id: "g", name: "Size", min: 1, max: 1, options: [{ id: "o", name: "S", price: 0, code: null, default: false }] };
    const html = render([aCategory({ items: [anItem({ modifier_groups: [group] }), anItem()] }), aCategory({ id: "cat-2" })]);
    expect([...html.matchAll(/<h([1-6])/gu)].map(([, level]) => level).join("")).toBe("1234323");
  });

  test("stays small: 150 items with pictures, choices and allergens", () => {
    const option = (n: number) => ({ id: `o${n}`, name: `Option ${n}`, price: n * 50, code: null, default: n === 0 });
    const group = { id: "g", name: "Size", min: 1, max: 1, options: [0, 1, 2].map(option) };
    const items = Array.from({ length: 15 }, (_, n) =>
      anItem({
        description: "Double ristretto under velvety steamed milk.",
        image_url: `/media/northwind/items/${"0".repeat(64)}.webp`,
        allergens: ["milk", "soy"],
        tags: ["popular"],
        modifier_groups: n % 3 === 0 ? [group] : [],
      }),
    );
    const html = render(Array.from({ length: 10 }, (_, n) => aCategory({ id: `0190f7c2-7b9e-7c3a-9d5e-2c1b8a7e4f1${n}`, items })));
    expect(new TextEncoder().encode(html).length).toBeLessThan(120_000);
  });
});

describe("categories", () => {
  test("each link of the navigation has its section, without JavaScript", () => {
    const html = render([aCategory({ id: "hot drinks" }), aCategory({ id: "bakery", name: "Bakery", view_type: "GRID" })]);
    const targets = [...html.matchAll(/<a href="#([^"]+)"><bdi>/gu)].map(([, hash = ""]) => decodeURIComponent(hash));
    expect(targets).toEqual(["category-hot drinks", "category-bakery"]);
    for (const target of targets) expect(html).toContain(`<section id="${target}"`);
    expect(html).toContain('<ul class="list">');
    expect(html).toContain('<ul class="grid">');
  });

  test("one without items is left out", () => {
    expect(text(render([aCategory(), aCategory({ id: "e", name: "Nothing here", items: [] })]))).not.toContain("Nothing here");
  });

  test("a menu without items says so, and points to the other stores", () => {
    const html = render([aCategory({ items: [] })]);
    expect(text(html)).toContain("This store has no menu yet");
    expect(text(html)).toContain("Publish a menu");
    expect(html).not.toContain("<nav");
    const main = html.slice(html.indexOf("<main"));
    expect(main).toContain('href="/stores/store-2"');
    expect(main).not.toContain('href="/stores/store-1"');
  });
});

describe("the store switcher", () => {
  test("links to every store and marks this one", () => {
    const html = render([aCategory()]);
    expect(html).toContain('<a href="/stores/store-1" aria-current="page"><bdi>Harbour</bdi></a>');
    expect(html).toContain('<a href="/stores/store-2"><bdi>Mill &amp; Yard</bdi></a>');
  });

  test("is absent where there is nothing to switch to", () => {
    const html = renderStorefrontPage(aDocument([aCategory()]), { tenant_name: "Northwind", stores: STORES.slice(0, 1) });
    expect(body(html)).not.toContain('class="stores"');
  });
});

describe("an item", () => {
  test.each([
    ["USD", "en-US", 1250, "$12.50"],
    ["JPY", "ja-JP", 1200, "￥1,200"],
    ["KWD", "ar-KW", 1250, "١٫٢٥٠ د.ك."],
    ["IDR", "id-ID", 4_550_000, "Rp 45.500"],
  ])("costs what it costs in %s", (currency, locale, price, expected) => {
    expect(text(renderItem({ price }, { currency, locale }))).toContain(expected);
  });

  test("says how many options to choose and what they add", () => {
    const option = (name: string, price: number, isDefault = false) => ({ id: name, name, price, code: null, default: isDefault });
    const html = renderItem({
      modifier_groups: [
        { id: "1", name: "Size", min: 1, max: 1, options: [option("Small", 0, true), option("Large", 60)] },
        { id: "2", name: "Extras", min: 0, max: 3, options: [option("Shot", 90), option("No foam", -10)] },
        { id: "3", name: "Notes", min: 0, max: null, options: [option("Extra hot", 0)] },
        { id: "4", name: "Sold out", min: 0, max: null, options: [] },
      ],
    });
    expect(html).toContain('<details class="more">');
    const seen = text(html);
    expect(seen).toContain("Options Size, Extras, Notes ");
    expect(seen).toContain("Size Choose 1 Small Standard Large +$0.60");
    expect(seen).toContain("Extras Optional, up to 3 Shot +$0.90 No foam -$0.10");
    expect(seen).toContain("Notes Optional Extra hot");
    expect(seen).not.toContain("Sold out");
    expect(seen).not.toContain("$0.00");
  });

  test("names tags, allergens and what a bundle holds in words", () => {
    const seen = text(
      renderItem({
        tags: ["gluten_free"],
        allergens: ["tree_nuts", "milk", "royal_jelly", "constructor"],
        bundle: [
          { code: "a", name: "Croissant", quantity: 2 },
          { code: "b", name: "Ham", quantity: 0.25 },
        ],
      }),
    );
    expect(seen).toContain("Gluten free");
    expect(seen).toContain("Contains tree nuts, milk, Royal jelly, Constructor");
    expect(seen).toContain("Includes 2 × Croissant, 0.25 × Ham");
  });

  test("a picture keeps its place before it loads, and a letter stands behind it", () => {
    const html = renderItem({ image_url: "/media/t/items/a.webp" });
    expect(html).toContain(
      '<div class="tile" data-m="F" aria-hidden="true"><img src="/media/t/items/a.webp" alt="" width="96" height="96" ',
    );
  });

  test("the pictures of the first screen are asked for at once, all others as they come near", () => {
    const items = Array.from({ length: 6 }, (_, n) => anItem({ name: `Item ${n}`, image_url: `/${n}.webp` }));
    const html = render([aCategory({ view_type: "GRID", items }), aCategory({ id: "cat-2", items: items.slice(0, 1) })]);
    const pictures = [...html.matchAll(/<img src="([^"]+)"([^>]*)>/gu)].map(([, src, rest = ""]) => ({
      src,
      lazy: rest.includes('loading="lazy"'),
      first: rest.includes('fetchpriority="high"'),
    }));
    expect(pictures.map(({ lazy }) => lazy)).toEqual([false, false, false, false, true, true, true]);
    expect(pictures.map(({ first }) => first)).toEqual([true, false, false, false, false, false, false]);
  });

  test("variants of one product share a card, each with its price", () => {
    const items = [
      anItem({ name: "Kopi – Hot", description: "Black kopi.", tags: ["vegan"], price: 200 }),
      anItem({ name: "Kopi – Peng (iced)", description: "Black kopi.", tags: ["vegan"], price: 260 }),
    ];
    const html = render([aCategory({ items })]);
    expect(html.match(/<h3/gu)).toHaveLength(1);
    expect(text(html)).toContain("Kopi Black kopi. Hot $2.00 Peng (iced) $2.60 Vegan");
  });

  test("its folded choices are said to be its own", () => {
    const option = { id: "o", name: "S", price: 0, code: null, default: false };
    const html = renderItem({ modifier_groups: [{ id: "g", name: "Size", min: 1, max: 1, options: [option] }] });
    const [, id] = html.match(/<h3 id="([^"]+)"><bdi>Flat white/u) ?? [];
    expect(html).toContain(`<summary aria-describedby="${id}">`);
  });

  test("without a picture shows the letter alone; an address no browser should follow counts as none", () => {
    for (const image_url of [null, "javascript:alert(1)"]) {
      const html = render([aCategory({ view_type: "GRID", items: [anItem({ image_url })] })]);
      expect(html).toContain('<div class="tile" data-m="F" aria-hidden="true"></div>');
      expect(html).not.toContain("<img");
    }
  });

  test("a list without a single picture has no column of empty tiles", () => {
    const tile = 'class="tile"';
    expect(render([aCategory({ items: [anItem(), anItem()] })])).not.toContain(tile);
    expect(render([aCategory({ items: [anItem(), anItem({ image_url: "/a.png" })] })]).split(tile)).toHaveLength(3);
  });
});

describe("languages", () => {
  test("an Arabic store reads from the right, in Arabic words and digits", () => {
    const group = { id: "g", name: "السكر", min: 1, max: 1, options: [{ id: "o", name: "سادة", price: 0, code: null, default: false }] };
    const html = renderItem(
      { name: "قهوة تركي", price: 4500, allergens: ["milk"], modifier_groups: [group] },
      { locale: "ar-EG", currency: "EGP" },
    );
    expect(html).toContain('<html lang="ar-EG" dir="rtl">');
    const seen = text(html);
    expect(seen).toContain("٤٥٫٠٠ ج.م.");
    expect(seen).toContain("يحتوي على حليب");
    expect(seen).toContain("اختر ١");
    expect(html).not.toContain('lang="en"');
  });

  test("words that are not translated yet are marked as English in a page of another language", () => {
    const html = renderItem({ allergens: ["milk"] }, { locale: "he-IL", currency: "ILS" });
    expect(html).toContain('<html lang="he-IL" dir="rtl">');
    expect(html).toContain('<p class="fact" lang="en" dir="ltr"><b>Contains</b>');
  });

  test("the time of the menu is the store's own", () => {
    const html = render([aCategory()], { timezone: "America/New_York" });
    expect(html).toContain('<time datetime="2026-11-20T14:20:00Z">');
    expect(text(html)).toContain("Nov 20, 2026, 9:20 AM");
    expect(text(render([aCategory()], { timezone: "Nowhere/None" }))).toContain("2:20 PM");
  });

  test("a locale that is none does not cost the page", () => {
    expect(renderItem({}, { locale: "%%%" })).toContain('<html lang="en" dir="ltr">');
  });
});

describe("a search", () => {
  const found = (items: Partial<FoundItem>[], query = "flat", store: Partial<StorefrontDocument["store"]> = {}) =>
    renderStorefrontPage(aDocument([aCategory()], store), {
      tenant_name: "Northwind",
      stores: STORES,
      search: {
        query,
        items: items.map((item) => ({
          ...anItem(),
          category: { id: "cat-1", name: "Coffee", view_type: "LIST" as const },
          orderable: true,
          ...item,
        })),
      },
    });

  test("is a form that asks for the same page, on a menu and on what was found", () => {
    const form = '<form method="get" action="/stores/store-1"><input type="search" name="q"';
    expect(render([aCategory()])).toContain(form);
    expect(found([{}])).toContain(`${form} value="flat"`);
    // Nothing to look through.
    expect(render([])).not.toContain("<form");
  });

  test("shows what was found in place of the menu, and why it cannot be ordered", () => {
    const html = found([{ name: "Flat white" }, { code: "C2", name: "Flat bread", orderable: false, reason: "no_stock" }]);
    expect(text(html)).toContain("Results for flat Show the whole menu Flat white");
    expect(text(html)).not.toContain("Coffee");
    expect(html.match(/class="item has-tile( out)?"/gu)).toEqual(['class="item has-tile"', 'class="item has-tile out"']);
    expect(html).toContain('<span class="gone">Sold out</span>');
    expect(html).toContain("<title>flat · Menu · Harbour · Northwind</title>");
  });

  test("that finds nothing says so and leads back; what was asked for is text and nothing else", () => {
    const html = found([], HOSTILE);
    expect(text(html)).toContain("Nothing found for");
    expect(text(html)).toContain("Try fewer or shorter words.");
    expect(html).toContain('<a class="eyebrow" href="/stores/store-1">');
    expect(html).not.toContain("<script>alert");
    expect(html).not.toContain("<img");
  });

  test.each([
    ["ar-EG", "لا نتائج عن"],
    ["id-ID", "Tidak ada hasil untuk"],
    ["he-IL", "Nothing found for"],
  ])("speaks the language of a store in %s", (locale, words) => {
    expect(text(found([], "x", { locale }))).toContain(words);
  });
});
