import { test } from "vitest";
import { simulate } from "../../../test/sync/simulation/run-simulation.ts";

/** `SIMULATION_SEEDS=2000 SIMULATION_OPERATIONS=1000 npx vitest run --project pure src/domains/sync/simulation.test.ts` runs more and longer ones. */
const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 200);
const FIRST = Number(process.env["SIMULATION_FIRST"] ?? 1);
const OPERATIONS = Number(process.env["SIMULATION_OPERATIONS"] ?? 20);
const MOST_MS = 3 * 3_600_000;

const run = async (seed: number, tills: number, operations: number): Promise<void> => {
  try {
    await simulate(seed, { tills, operations });
  } catch (error) {
    throw new Error(`seed ${seed}, ${tills} tills, ${operations} operations each: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
};

test(
  `${SEEDS} worlds of 20 tills with ${OPERATIONS} operations each end with every till equal to the server and the ledger equal to the sales`,
  async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) await run(seed, 20, OPERATIONS);
  },
  MOST_MS,
);
