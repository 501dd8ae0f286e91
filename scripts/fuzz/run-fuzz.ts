import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { answerProblem } from "./answer-problem.ts";
import { curlLine } from "./curl-line.ts";
import type { KnownWorld } from "./known-world.ts";
import { type OpenApiDocument, type Operation, operationsOf } from "./operations.ts";
import { openSender, type Sender } from "./send-request.ts";
import { type WireRequest, wireRequests } from "./wire-requests.ts";

export type FuzzOptions = {
  origin: string;
  document: OpenApiDocument;
  world: KnownWorld;
  seconds: number;
  seed: number;
  /** Only routes whose name holds this. */
  route?: string | undefined;
  /** The Worker's log, where the reasons of its 5xx are. */
  log_file: string;
};

export type Finding = { route: string; problem: string; curl: string; seed: number; reason: string | null };
export type RouteTally = { route: string; requests: number; statuses: Map<string, number>; slowest_ms: number };
export type FuzzReport = { seed: number; requests: number; tallies: RouteTally[]; findings: Finding[] };

/** Routes asked at the same time. */
const LANES = 3;
/** A route's first turns are short, so that a short run reaches all of them. */
const requestsIn = (turn: number): number => Math.min(5 * 2 ** turn, 40);
/** With its shrinking; a hang takes the whole deadline each time. */
const TURN_LIMIT_MS = 45_000;

/**
 * Asks every route in turns until the time is over. What each turn of a route sends follows from the seed alone. A route that answered
 * wrongly is set aside with the smallest request found that still makes it so.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const operations = operationsOf(options.document).filter(({ name }) => options.route === undefined || name.includes(options.route));
  const tallies = new Map(
    operations.map(({ name }) => [name, { route: name, requests: 0, statuses: new Map(), slowest_ms: 0 } as RouteTally]),
  );
  const findings: Finding[] = [];
  const sender = openSender(options.origin);
  const endsAt = performance.now() + options.seconds * 1000;
  const waiting = operations.map((operation, index) => ({ operation, index, turn: 0 }));
  const lane = async () => {
    while (performance.now() < endsAt) {
      const next = waiting.shift();
      if (!next) return;
      const turn = { seed: turnSeed(options.seed, next.index, next.turn), requests: requestsIn(next.turn) };
      const finding = await takeTurn(options, next.operation, sender, turn, tallies.get(next.operation.name) as RouteTally);
      if (finding) findings.push(finding);
      else waiting.push({ ...next, turn: next.turn + 1 });
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    sender.close();
  }
  const requests = [...tallies.values()].reduce((sum, tally) => sum + tally.requests, 0);
  return { seed: options.seed, requests, tallies: [...tallies.values()], findings };
}

const turnSeed = (seed: number, route: number, turn: number): number =>
  (Math.imul(seed, 0x9e3779b1) ^ Math.imul(route * 100_003 + turn, 0x85ebca6b)) | 0;

async function takeTurn(
  options: FuzzOptions,
  operation: Operation,
  sender: Sender,
  { seed, requests }: { seed: number; requests: number },
  tally: RouteTally,
): Promise<Finding | null> {
  const reasons = new Map<WireRequest, string | null>();
  const property = fc.asyncProperty(wireRequests(operation, options.world, options.document.components?.schemas ?? {}), async (request) => {
    const answer = await sender.send(request);
    const status = "failure" in answer ? "none" : String(answer.status);
    tally.requests += 1;
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
    tally.slowest_ms = Math.max(tally.slowest_ms, answer.duration_ms);
    const problem = answerProblem(operation, request, answer);
    if (problem === null) return;
    reasons.set(request, "failure" in answer ? null : reasonOf(options.log_file, answer.headers["x-request-id"]));
    throw new Error(problem);
  });
  const result = await fc.check(property, {
    seed,
    numRuns: requests,
    interruptAfterTimeLimit: TURN_LIMIT_MS,
    markInterruptAsFailure: false,
  });
  const request = result.counterexample?.[0];
  if (!request) return null;
  const problem = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  return { route: operation.name, problem, curl: curlLine(options.origin, request), seed, reason: reasons.get(request) ?? null };
}

/** Why the Worker says it answered so. */
function reasonOf(logFile: string, requestId: string | undefined): string | null {
  if (!requestId) return null;
  const line = readFileSync(logFile, "utf8")
    .split("\n")
    .findLast((text) => text.includes(JSON.stringify(requestId)) && text.includes('"reason"'));
  if (!line) return null;
  try {
    return String(JSON.parse(line.slice(line.indexOf("{"))).reason);
  } catch {
    return line.slice(0, 500);
  }
}
