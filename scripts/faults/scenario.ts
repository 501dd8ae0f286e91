import { type Checked, checkEffects, type Verdict } from "./check-effects.ts";
import type { Outcome } from "./effects.ts";
import type { FaultStand, FaultTenant } from "./stand.ts";

/** One line of the table. */
export interface FaultRow {
  scenario: string;
  fault: string;
  /** How often the fault was made. */
  count: number;
  /** How many effects it hit. */
  effects: number;
  lost: number;
  doubled: number;
  /** Answers that do not fit their effect, keys that are stuck: some words for each. */
  wrong: string[];
}

export interface ScenarioOptions {
  seed: number;
  short: boolean;
  /** Rewrites the line that says how far it is. */
  progress(line: string): void;
}

export interface Scenario {
  name: string;
  about: string;
  run(stand: FaultStand, options: ScenarioOptions): Promise<FaultRow[]>;
}

/** A verdict as one row, of all its effects or of those with `keys`. */
export function rowOf(
  scenario: string,
  fault: string,
  count: number,
  verdict: Verdict,
  effects: number,
  keys?: ReadonlySet<string>,
): FaultRow {
  const has = (key: string) => keys === undefined || keys.has(key);
  const doubled = [...verdict.doubled].filter(([key]) => has(key));
  return {
    scenario,
    fault,
    count,
    effects: keys?.size ?? effects,
    lost: [...verdict.lost].filter(has).length,
    doubled: doubled.reduce((sum, [, times]) => sum + times, 0),
    wrong: [...verdict.wrong].filter(([key]) => has(key)).map(([key, words]) => `${key}: ${words}`),
  };
}

/** Faults off, nothing left on its way, and then what stands. */
export async function judge(stand: FaultStand, tenant: FaultTenant, outcomes: readonly Outcome[]): Promise<Verdict> {
  stand.proxy.use(null);
  await stand.proxy.settled();
  return checkEffects(outcomes, checkedBy(stand, tenant));
}

export const checkedBy = (stand: FaultStand, { database, slug, key }: FaultTenant): Checked => ({
  database,
  base_url: stand.worker.base_url,
  headers: { "x-tenant-id": slug, apikey: key },
});
