import { sha256Hex } from "../../kernel/bytes.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { readVariant, variantAnswer } from "./catalog-reader.ts";
import { variantsUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import type { UpdateVariant, Variant } from "./schemas.ts";
import { newVersions } from "./variant-versions.ts";

/** The given fields that differ from the variant as it is. */
export function changedVariantFields(variant: Variant, given: UpdateVariant): UpdateVariant {
  const changed: UpdateVariant = {};
  if (given.name !== undefined && given.name !== variant.own_name) changed.name = given.name;
  if (given.visible !== undefined && given.visible === variant.hidden) changed.visible = given.visible;
  return changed;
}

/**
 * Gives a variant a name of its own (null: made of the product's and the option's again), or hides and shows it. Answers the variant.
 * One read before, to know whether anything changes. Throws NOT_FOUND.
 */
export async function updateVariant(scope: RequestScope, variantId: string, given: UpdateVariant): Promise<UnitResult> {
  const changed = changedVariantFields(await readVariant(scope.db, variantId, { fresh: true }), given);
  const isChanged = Object.keys(changed).length > 0;
  const payload = JSON.stringify({ edit: { variant: changed } });
  const hash = await sha256Hex(payload);
  return scope.db.write(
    unitOf(scope, {
      steps: isChanged ? editSteps(scope, variantId, changed, payload, hash) : [],
      answer: { status: 200, select: variantAnswer(variantId) },
      wakes: isChanged,
    }),
  );
}

function editSteps(scope: RequestScope, variantId: string, changed: UpdateVariant, payload: string, hash: string): UnitStep[] {
  const nowMs = scope.clock.now();
  const steps: UnitStep[] = [];
  if (changed.name !== undefined) steps.push(statement("UPDATE variants SET own_name = ? WHERE variant_id = ?", changed.name, variantId));
  if (changed.visible !== undefined) {
    steps.push(statement("UPDATE variants SET merchant_hidden = ? WHERE variant_id = ?", changed.visible ? 0 : 1, variantId));
  }
  return [...steps, ...newVersions([variantId], payload, hash, nowMs), raiseRevision(), ...variantsUpserted(scope, [variantId], nowMs)];
}
