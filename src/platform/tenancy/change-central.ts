import { statement } from "../db/statement.ts";
import type { UnitStep } from "../db/unit-of-work.ts";
import type { PlatformScope } from "../http/endpoint.ts";
import { appliedAnswer } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";

/** Changes the central database, all of it or nothing. Throws the code of the guard that refuses. */
export async function changeCentral(scope: PlatformScope, steps: UnitStep[]): Promise<void> {
  const answer = { status: 200, select: statement("SELECT json_object()") };
  appliedAnswer(await scope.central.write(unitOf(scope, { steps, answer })));
}
