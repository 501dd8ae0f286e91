import { type SqlValue, statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import type { UpdateSourceSystem } from "./schemas.ts";
import { requirePresetOf } from "./source-settings.ts";
import { countedPlacesExist, readSourceSystem, sourceAnswer, sourceNameIsFree } from "./source-systems.ts";

/**
 * Changes the given fields; settings that are not given stay. Answers the source system. One read before, whether it exists.
 * Refusals: SOURCE_NAME_TAKEN, LOCATION_UNKNOWN; throws NOT_FOUND, VALIDATION_FAILED.
 */
export async function updateSourceSystem(scope: RequestScope, id: string, given: UpdateSourceSystem): Promise<UnitResult> {
  const source = await readSourceSystem(scope.db, id, { fresh: true });
  if (given.settings) requirePresetOf(source.provider, given.settings);
  const columns: [assignment: string, SqlValue][] = [];
  if (given.name !== undefined) columns.push(["name = ?", given.name]);
  if (given.settings !== undefined) columns.push(["settings = json_patch(settings, ?)", JSON.stringify(given.settings)]);
  if (given.is_active !== undefined) columns.push(["is_active = ?", given.is_active ? 1 : 0]);
  const update = statement(
    `UPDATE source_systems SET ${[...columns.map(([assignment]) => assignment), "updated_at_ms = ?"].join(", ")} WHERE source_system_id = ?`,
    ...columns.map(([, value]) => value),
    scope.clock.now(),
    id,
  );
  return scope.db.write(
    unitOf(scope, {
      steps: [
        ...(given.name === undefined ? [] : [sourceNameIsFree(given.name, id)]),
        ...countedPlacesExist(given.settings ?? {}),
        ...(columns.length > 0 ? [update] : []),
      ],
      answer: { status: 200, select: sourceAnswer(id) },
    }),
  );
}
