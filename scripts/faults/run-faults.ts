import type { FaultRow, Scenario, ScenarioOptions } from "./scenario.ts";
import { aimedScenarios } from "./scenarios/aimed.ts";
import { central } from "./scenarios/central.ts";
import { crowd } from "./scenarios/crowd.ts";
import { identities } from "./scenarios/identities.ts";
import { oneKey } from "./scenarios/one-key.ts";
import { twoWriters } from "./scenarios/two-writers.ts";
import { startFaultStand } from "./stand.ts";

export const scenarios: readonly Scenario[] = [crowd, oneKey, ...aimedScenarios, twoWriters, identities, central];

export interface FaultReport {
  seed: number;
  short: boolean;
  seconds: number;
  rows: FaultRow[];
}

export type FaultRun = ScenarioOptions & { only: readonly string[] };

/** All scenarios on one stand, or those that `only` names. Each has tenants of its own. */
export async function runFaults(options: FaultRun): Promise<FaultReport> {
  const chosen = scenarios.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const began = performance.now();
  const stand = await startFaultStand(options.progress);
  try {
    const rows: FaultRow[] = [];
    for (const scenario of chosen) rows.push(...(await scenario.run(stand, options)));
    return { seed: options.seed, short: options.short, seconds: Math.round((performance.now() - began) / 1000), rows };
  } finally {
    await stand.stop();
  }
}

/** Whether every effect stands once and was answered as it stands. */
export const isSound = ({ rows }: FaultReport): boolean =>
  rows.every(({ lost, doubled, wrong }) => lost === 0 && doubled === 0 && wrong.length === 0);
