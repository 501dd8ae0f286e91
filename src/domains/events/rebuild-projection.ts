import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, type Scope, unitOf } from "../../platform/http/scope.ts";

/** How many rows a rebuild added, changed and removed, and how many there are. */
export interface Drift {
  rows: number;
  added: number;
  changed: number;
  removed: number;
}

/** A table that follows from others by events. */
export interface Projection {
  name: string;
  /** Brings it to what the tables say, in bounded units of work. Done twice, the second finds nothing. */
  rebuild(scope: Scope): Promise<Drift>;
}

/** Rebuilds and answers the drift. A rebuild that was cut is begun again by the same key: that is for the answer, not for the units before it. */
export async function rebuildProjection(scope: RequestScope, projection: Projection): Promise<UnitResult> {
  const { receipt: _, ...own } = scope;
  const drift = await projection.rebuild(own);
  const answer = JSON.stringify({ projection: projection.name, ...drift });
  return scope.db.write(unitOf(scope, { steps: [], answer: { status: 200, select: statement("SELECT ?", answer) } }));
}
