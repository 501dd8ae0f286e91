import { afterAll, beforeAll, expect, test } from "vitest";
import { operatorClient } from "../../scripts/api-client.ts";
import { readKnownWorld } from "../../scripts/fuzz/known-world.ts";
import type { OpenApiDocument } from "../../scripts/fuzz/operations.ts";
import { runFuzz } from "../../scripts/fuzz/run-fuzz.ts";
import { stillHealthy } from "../../scripts/fuzz/still-healthy.ts";
import { type DemoStack, startDemoStack } from "../support/node/demo-stack.ts";

/** The short form of `npm run fuzz`. One seed, so that a commit passes or fails for itself; the long form takes a new one each time. */
const seed = 1;
let demoStack: DemoStack;

beforeAll(async () => {
  demoStack = await startDemoStack();
}, 120_000);

afterAll(async () => {
  await demoStack?.stop();
});

test("no route answers a 5xx, an error that is no problem document, or nothing at all", async () => {
  const { stack, demo, operator_key } = demoStack;
  const operator = operatorClient(stack.base_url, operator_key);
  const world = await readKnownWorld(operator, operator_key, demo);
  const document = await operator.get<OpenApiDocument>("/openapi.json");
  const report = await runFuzz({ origin: stack.base_url, document, world, seconds: 20, seed, log_file: stack.worker.log_file });
  expect(report.findings, `seed ${seed}`).toEqual([]);
  expect(report.tallies.filter(({ requests }) => requests === 0)).toEqual([]);
  // Most of it must get past the front door, or nothing was tried.
  const successes = report.tallies.flatMap(({ statuses }) => [...statuses]).filter(([status]) => status.startsWith("2"));
  expect(successes.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(report.requests / 5);
  expect(await stillHealthy(stack.base_url, demo, stack.worker.log_file)).toEqual([]);
}, 180_000);
