import { statement } from "../../platform/db/statement.ts";
import type { Guard } from "../../platform/db/unit-of-work.ts";

/** Refuses with LOCATION_UNKNOWN, naming each id that is nobody's. */
export function locationsExist(locationIds: readonly string[]): Guard {
  const unknown = "FROM json_each(?) AS e WHERE NOT EXISTS (SELECT 1 FROM locations AS l WHERE l.location_id = e.value)";
  const list = JSON.stringify([...new Set(locationIds)]);
  return {
    guard: "LOCATION_UNKNOWN",
    holds: `NOT EXISTS (SELECT 1 ${unknown})`,
    args: [list],
    details: statement(
      `SELECT json_object('detail', 'There is no location ' || group_concat(e.value, ', ') || '.', 'location_ids', json_group_array(e.value)) ${unknown}`,
      list,
    ),
  };
}
