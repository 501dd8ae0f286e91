import { AppError } from "../../../kernel/errors.ts";
import { inSteps, type Steps } from "../../../kernel/steps.ts";
import type { CanonicalCatalog, CanonicalProduct, CanonicalProductModifierGroup, CanonicalVariant, ProviderContext } from "../canonical.ts";
import { type CanonicalRows, canonicalRows, DESCRIPTION_LIMIT, imageAddress, type PlacedOption, type Refusal } from "./canonical-rows.ts";
import { readAmount } from "./csv-number.ts";
import { cleanText, plainText } from "./plain-text.ts";
import { idRefusal, integer, isObject, isRefusal, type Json, list, readName, record, text } from "./stated-values.ts";

interface Menu {
  products: [string, Json][];
  /** By their codes. */
  variants: Json;
  toppings: Json;
  sides: Json;
  sizes: Json;
  flavors: Json;
  food: Json;
}

const PRICES = { decimal_mark: ".", is_declared: true } as const;

function readMenu(payload: unknown): Menu {
  const { Products, Variants, Toppings, Sides, Sizes, Flavors, Categorization } = record(payload);
  if (!isObject(Products) || !isObject(Variants)) {
    throw new AppError("PAYLOAD_UNREADABLE", { detail: 'Expected a store\'s menu with "Products" and "Variants", each by its code.' });
  }
  return {
    products: Object.entries(Products).map(([code, product]) => [code, record(product)]),
    variants: Variants,
    toppings: record(Toppings),
    sides: record(Sides),
    sizes: record(Sizes),
    flavors: record(Flavors),
    food: record(record(Categorization).Food),
  };
}

/** Texts of this menu write characters beyond ASCII as `\u2122`, with the backslash. */
const decoded = (value: unknown): string =>
  (text(value) ?? "").replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Takes the tree of categories; answers those of each product's code. A node without a name leaves its products to the one above it. */
function mapCategories(rows: CanonicalRows, menu: Menu): Map<string, string[]> {
  const ofProduct = new Map<string, string[]>();
  const take = (node: Json, place: string, parent: string | null): void => {
    const name = readName(decoded(node.Name));
    const path = parent === null ? (text(node.Code) ?? "") : `${parent}/${text(node.Code) ?? ""}`;
    const isTaken = !isRefusal(name) && idRefusal(path) === null;
    if (!isRefusal(name) && isTaken)
      rows.addCategory(place, { external_id: path, name, parent_external_id: parent, position: rows.catalog.categories.length });
    const id = isTaken ? path : parent;
    for (const code of list(node.Products)) {
      if (typeof code === "string" && id !== null) ofProduct.set(code, [...new Set([...(ofProduct.get(code) ?? []), id])]);
    }
    for (const [index, child] of list(node.Categories).entries()) take(record(child), `${place}.Categories[${index}]`, id);
  };
  for (const [index, child] of list(menu.food.Categories).entries()) take(record(child), `Categorization.Food.Categories[${index}]`, null);
  return ofProduct;
}

/** `Xf=0.5:1:1.5,K,Du`: codes, with the amounts that may be had, or that are on it. */
const codesOf = (language: unknown): string[] => (text(language) ?? "").split(",").flatMap((entry) => entry.split("=")[0]?.trim() || []);

/** What may be put on a product, as a group of its own: the same topping is on another product by itself, or may not be had. */
function mapGroup(
  rows: CanonicalRows,
  product: { code: string; value: Json },
  kind: "toppings" | "sides",
  known: Json,
): CanonicalProductModifierGroup | Refusal | null {
  const { code, value } = product;
  const isTopping = kind === "toppings";
  const [available, defaults] = isTopping ? [value.AvailableToppings, value.DefaultToppings] : [value.AvailableSides, value.DefaultSides];
  const byItself = new Set(codesOf(defaults));
  const external_id = `${code}/${kind}`;
  const position = `Products.${code}.${isTopping ? "AvailableToppings" : "AvailableSides"}`;
  const options = [...new Set(codesOf(available))].flatMap((optionCode): PlacedOption[] => {
    const name = readName(decoded(record(known[optionCode]).Name));
    if (isRefusal(name)) return [];
    const option = { external_id: `${external_id}/${optionCode}`, name, price_delta_minor: 0, item_code: null, is_active: true };
    return [{ position, option: { ...option, is_default: byItself.has(optionCode) } }];
  });
  if (options.length === 0) return null;
  const most = isTopping ? integer(record(value.Tags).MaxOptionQty) : null;
  // Never fewer than lie on it by itself.
  const max_select = most !== null && most > 0 ? Math.max(most, options.filter(({ option }) => option.is_default).length) : null;
  const group = { external_id, name: isTopping ? "Toppings" : "Sides", min_select: 0, max_select };
  rows.addGroup(position, { ...group, options: [], provider_version: null }, options, false);
  const link = { external_id, min_select: null, max_select: null };
  return rows.groupLinkRefusal(link) ?? link;
}

function readVariant(menu: Menu, type: string, code: string, isOnly: boolean, context: ProviderContext): CanonicalVariant | Refusal {
  const value = record(menu.variants[code]);
  const refusal = idRefusal(code);
  if (refusal !== null) return refusal;
  const size = cleanText(decoded(record(record(menu.sizes[type])[text(value.SizeCode) ?? ""]).Name));
  const flavor = cleanText(decoded(record(record(menu.flavors[type])[text(value.FlavorCode) ?? ""]).Name));
  const told = [size, flavor].filter((part) => part !== "").join(" ");
  const name = isOnly ? told || null : readName(told || decoded(value.Name));
  if (isRefusal(name)) return name;
  const amount = String(value.Price ?? "").slice(0, 100);
  const price = amount === "" ? null : readAmount(amount, context.currency, "major", PRICES);
  if (isRefusal(price)) return price;
  return {
    position: `Variants.${code}`,
    external_id: code,
    item_code: code,
    name,
    barcode: null,
    base_price_minor: price,
    currency: price === null ? null : context.currency,
    is_active: true,
    attributes: { ...(size === "" ? {} : { Size: size }), ...(flavor === "" ? {} : { Flavor: flavor }) },
    bundle: [],
  };
}

type ProductReading = Omit<CanonicalProduct, "variants" | "modifier_groups">;

function readProduct(code: string, value: Json, categories: readonly string[], context: ProviderContext): ProductReading | Refusal {
  const refusal = idRefusal(code);
  if (refusal !== null) return refusal;
  const name = readName(decoded(value.Name), "Name");
  if (isRefusal(name)) return name;
  const description = decoded(value.Description);
  if (description.length > DESCRIPTION_LIMIT) {
    return { reason: "DESCRIPTION_INVALID", message: `Description must have at most ${DESCRIPTION_LIMIT} characters.` };
  }
  const image = text(value.ImageCode);
  return {
    external_id: code,
    name,
    description: plainText(description) || null,
    category_external_ids: [...categories],
    image_url: image === null || context.image_base_url === undefined ? null : imageAddress(`${image}.jpg`, context.image_base_url),
    is_active: true,
    tags: [],
    allergens: [],
    tax_rate_e4: null,
    provider_version: null,
  };
}

function mapProduct(
  rows: CanonicalRows,
  menu: Menu,
  code: string,
  value: Json,
  categories: readonly string[],
  context: ProviderContext,
): void {
  const position = `Products.${code}`;
  const type = text(value.ProductType) ?? "";
  const codes = list(value.Variants).flatMap((variant) =>
    typeof variant === "string" && isObject(menu.variants[variant]) ? [variant] : [],
  );
  const places = codes.map((variant) => ({ position: `Variants.${variant}`, item_code: variant }));
  const product = rows.productRefusal(position, code) ?? readProduct(code, value, categories, context);
  const nothing = { reason: "VARIANTS_MISSING", message: "A product needs at least one variant to be sold." };
  if (isRefusal(product) || codes.length === 0) {
    rows.refuseProduct(position, places, isRefusal(product) ? product : nothing);
    return;
  }
  const toppings = mapGroup(rows, { code, value }, "toppings", record(menu.toppings[type]));
  const sides = mapGroup(rows, { code, value }, "sides", record(menu.sides[type]));
  const refused = [toppings, sides].find(isRefusal);
  if (refused !== undefined) {
    rows.refuseProduct(position, places, refused);
    return;
  }
  const variants = codes.flatMap((variant): CanonicalVariant[] => {
    const read = readVariant(menu, type, variant, codes.length === 1, context);
    if (!isRefusal(read)) return [read];
    rows.refuse({ position: `Variants.${variant}`, item_code: variant }, read);
    return [];
  });
  rows.addProduct(position, { ...product, modifier_groups: [toppings, sides].filter(isGroup) }, variants);
}

const isGroup = (group: CanonicalProductModifierGroup | Refusal | null): group is CanonicalProductModifierGroup =>
  group !== null && !isRefusal(group);

/**
 * A store's menu of a pizza chain, as docs/providers/dominos.md describes it. Prices are text in major units of the source system's
 * currency. Throws `AppError("PAYLOAD_UNREADABLE")` where the payload holds no products and variants.
 */
export function* mapDominos(payload: unknown, context: ProviderContext): Steps<CanonicalCatalog> {
  const menu = readMenu(payload);
  const rows = canonicalRows();
  const categories = mapCategories(rows, menu);
  yield* inSteps(menu.products, ([code, value]) => mapProduct(rows, menu, code, value, categories.get(code) ?? [], context));
  return rows.catalog;
}
