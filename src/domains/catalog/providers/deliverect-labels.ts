/** Deliverect's numbers for what a product is, from 1 up, as its list of tags has them. */
const TAGS = (
  "alcohol halal kosher vegan vegetarian can_serve_alone bottle_deposit organic natural soft_drink keto paleo plant_based hfss tobacco " +
  "baby_nursing_and_feeding prepared_food prepackaged_food tpp_good milk_cocoa bottled_coffee_drink bottled_tea_drink prepared_drink " +
  "energy_beverage noncarb_unflv_unswt_water noncarb_flv_swt_water carb_unflv_unswt_water carb_flv_swt_water juice_100pct " +
  "unheated_sandwich_wrap candy prepackaged_snack prepackaged_ice_cream scooped_ice_cream bakery_item cigarettes cigars e_cigarette vapes " +
  "smokeless_tobacco juice_70to99pct juice_50to69pct juice_25to49pct juice_5to24pct juice_1to4pct special_offer prepackaged_grocery " +
  "disposable_bags carb_energy_beverage flv_milk_cocoa condoms personal_lubricants vibrators pain_relievers non_nicotine_tobacco " +
  "pesticides sharp_objects"
).split(" ");

/** From 100 up, in our names; one that warns of several says each. */
const ALLERGENS = (
  "celery gluten crustaceans fish eggs lupin milk molluscs mustard tree_nuts peanuts sesame soy sulphites almonds barley brazil_nuts cashews " +
  "hazelnuts kamut macadamia oats pecans pistachios rye spelt walnuts wheat - milk lentils queensland_nuts " +
  "shellfish+crustaceans+molluscs tree_nuts gluten"
).split(" ");

const FIRST_ALLERGEN = 100;
const SUGARED_DRINK = 128;

/** What the numbers of `productTags` say; one that is not known keeps its number, as a tag. */
export function readProductTags(numbers: readonly number[]): { tags: string[]; allergens: string[] } {
  const tags: string[] = [];
  const allergens: string[] = [];
  for (const number of numbers) {
    const allergen = ALLERGENS[number - FIRST_ALLERGEN];
    if (number === SUGARED_DRINK) tags.push("sugared_drink");
    else if (allergen !== undefined) allergens.push(...allergen.split("+"));
    else tags.push(TAGS[number - 1] ?? `deliverect_${number}`);
  }
  return { tags, allergens };
}
