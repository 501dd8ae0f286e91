import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { providerOf } from "./providers/index.ts";
import type { CreateSourceSystem } from "./schemas.ts";
import { requirePresetOf } from "./source-settings.ts";
import { countedPlacesExist, sourceAnswer, sourceNameIsFree } from "./source-systems.ts";

/**
 * Registers where products come from. Answers the source system. Refusals: SOURCE_NAME_TAKEN, LOCATION_UNKNOWN; throws PROVIDER_UNKNOWN
 * and, for a preset of another provider, VALIDATION_FAILED.
 */
export async function createSourceSystem(scope: RequestScope, source: CreateSourceSystem): Promise<UnitResult> {
  providerOf(source.provider);
  requirePresetOf(source.provider, source.settings);
  const id = scope.clock.newId();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        sourceNameIsFree(source.name, id),
        ...countedPlacesExist(source.settings),
        statement(
          `INSERT INTO source_systems (source_system_id, source_type, name, provider, settings, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
          id,
          source.source_type,
          source.name,
          source.provider,
          JSON.stringify(source.settings),
          scope.clock.now(),
        ),
      ],
      answer: { status: 201, select: sourceAnswer(id) },
    }),
  );
}
