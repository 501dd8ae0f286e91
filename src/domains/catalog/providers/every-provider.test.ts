import fc from "fast-check";
import { describe, test } from "vitest";
import { expectSoundCatalog } from "../../../../test/support/node/expect-sound-catalog.ts";
import { utf8 } from "../../../kernel/bytes.ts";
import { completed } from "../../../kernel/steps.ts";
import { PROVIDERS } from "./index.ts";

/** The words that mappers look for, and values that mean something to them: what is made of these comes far into each. */
const FIELDS = (
  "id _id type name title price sku plu products variants variations categories items objects object catalog item_data itemData item_variation_data " +
  "modifier_list_data modifier_list_info modifiers modifierGroups modifier_groups bundles product_id product_header_id product_type tags images image " +
  "options option1 option price_money amount currency category category_id parent parent_id subProducts subCategories productType posCategoryIds " +
  "posCategoryId isVariant isVariantGroup overloads scopes bundlePrice min max multiply visible snoozed stock productTags deliveryTax attributes " +
  "attribute_parent attribute_value_1 attribute_1 modifierClass modifierclass product combo_productsets comboset_products upcharge_price quantity " +
  "quantity_in_hand establishment resource_uri tax tax_rate inventories outlet_id unit_in_stock track_inventory variant_options value " +
  "modifier_id modifier_group_id is_active active status counts catalog_object_id state location_id inventory_levels inventory_item_id available " +
  "inventory_quantity inventory_management manage_stock stock_quantity description updated_at Product ProductCategory ModifierClass Modifier " +
  "ProductModifierClass ComboProductSet Inventory Tax create update delete menus snoozedProducts toString constructor __proto__ model pk fields " +
  "variant channel price_amount warehouse product_variant sort_order description_plaintext burgers toppings Products Variants Toppings Sides " +
  "Sizes Flavors Categorization Food Categories Name Code Price AvailableToppings DefaultToppings ProductType SizeCode Tags MaxOptionQty"
).split(" ");
const WORDS = [
  ..."1 2 3 a b S ITEM ITEM_VARIATION CATEGORY MODIFIER_LIST MODIFIER variable simple variation comboset standard IN_STOCK shopify 1.50 9000".split(
    " ",
  ),
  ..."/resources/Product/1/ /resources/Modifier/2/ /resources/ModifierClass/3/ /products/ProductCategory/1/ /resources/ComboProductSet/1/ product.product product.productvariant product.category product.productvariantchannellisting X=1,P A:B".split(
    " ",
  ),
  "",
  " ",
  "\u0000",
];

const leaf = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>(...WORDS, 0, 1, 2, 3, 4, -1, 1.5, 100, null, true, false) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
);

const { json } = fc.letrec((tie) => ({
  json: fc.oneof({ depthSize: "small", maxDepth: 5, withCrossShrink: true }, leaf, tie("list"), tie("object"), tie("object")),
  list: fc.array(tie("json"), { maxLength: 5 }),
  object: fc.dictionary(fc.constantFrom(...FIELDS), tie("json"), { maxKeys: 6 }),
}));

/** A row as providers have them: a key, a name, a price, and a good deal of anything. */
const row = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...FIELDS), json, { maxKeys: 5 }),
    fc.record(
      {
        id: leaf,
        _id: leaf,
        plu: leaf,
        name: leaf,
        price: leaf,
        type: leaf,
        product_id: leaf,
        product_header_id: leaf,
        resource_uri: leaf,
        productType: fc.constantFrom<unknown>(1, 2, 3, 4, "3", null),
        subProducts: fc.array(leaf, { maxLength: 4 }),
      },
      { requiredKeys: ["name"] },
    ),
  )
  .map(([some, sure]) => ({ ...some, ...sure }));
/** A row of a dump of tables. */
const dumped = fc.record({ model: leaf, pk: leaf, fields: row });

const rows = fc.oneof(fc.array(fc.oneof(row, dumped), { maxLength: 6 }), fc.dictionary(fc.constantFrom(...WORDS), row, { maxKeys: 6 }));
const payload = fc.oneof(json, rows, fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(rows, json), { maxKeys: 5 }), fc.jsonValue());

describe.each(Object.entries(PROVIDERS).filter(([, { content_types }]) => content_types.includes("application/json")))(
  "%s",
  (_, provider) => {
    test("any JSON: refused as a whole, or sound", () => {
      fc.assert(
        fc.property(
          payload.map((value) => JSON.stringify(value)),
          fc.constantFrom("USD", "IDR", "JPY", "XXX"),
          fc.constantFrom(undefined, "bestbuy", "burger-api", "openfoodfacts", "retail-demo-store"),
          (given, currency, preset) => expectSoundCatalog(() => completed(provider.read(utf8(given), { currency }, { preset })).catalog),
        ),
        { numRuns: Number(process.env.RUNS ?? 500) },
      );
    });
  },
);
