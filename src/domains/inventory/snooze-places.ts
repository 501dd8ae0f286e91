import { type Statement, statement } from "../../platform/db/statement.ts";

/**
 * Where a variant's snoozes tell, as `orderabilitySteps` takes it. Everywhere is wherever anything is known of the variant, of a bundle that
 * holds it or of an item whose choice it is: elsewhere nothing changes, and what comes there later is judged when it comes.
 */
export function snoozePlaces(variantId: string, locationId: string | null): Statement {
  if (locationId !== null) return statement("SELECT ? AS location_id, ? AS variant_id", locationId, variantId);
  return statement(
    `SELECT o.location_id, s.variant_id FROM variants AS s CROSS JOIN orderability_projection AS o
     WHERE s.variant_id = ? AND o.variant_id IN (
       SELECT s.variant_id
       UNION SELECT b.bundle_variant_id FROM bundle_components AS b WHERE b.item_code = s.item_code
       UNION SELECT v.variant_id FROM modifier_options AS mo
         CROSS JOIN product_modifier_groups AS pg ON pg.modifier_group_id = mo.modifier_group_id
         CROSS JOIN variants AS v ON v.product_id = pg.product_id WHERE mo.item_code = s.item_code)`,
    variantId,
  );
}
