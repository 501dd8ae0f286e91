import type { AppError } from "../../kernel/errors.ts";
import type { DbMeter } from "../db/meter.ts";
import { logEvent } from "./log.ts";

export interface FinishedRequest {
  request_id: string;
  trace_id: string;
  tenant: string | undefined;
  method: string;
  /** The template, so that lines can be counted by it. */
  route: string;
  status: number;
  duration_ms: number;
  meter?: DbMeter | undefined;
  failure?: AppError | undefined;
}

/** One of so many is logged, of what was done quickly: there are many and they are alike. A write is in its receipt, with its request's id. */
const WARM_PER_LINE = 100;
const QUICK_PER_LINE = 10;
const SLOW_MS = 250;
let warm = 0;
let quick = 0;

/** One JSON line per request, or for a number of them (`sampled`); what failed or was slow always has its own. A 5xx carries its inner reason here and nowhere else. */
export function logRequest(request: FinishedRequest): void {
  const { meter, failure, status, duration_ms } = request;
  if (status < 400 && duration_ms < SLOW_MS) {
    if (meter?.round_trips === 0) logWarm(() => request);
    else if (quick++ % QUICK_PER_LINE === 0) write(request, { sampled: QUICK_PER_LINE });
    return;
  }
  write(request, {
    ...(failure ? { code: failure.code } : {}),
    ...(failure && failure.status >= 500 ? { reason: reasonOf(failure) } : {}),
  });
}

/** What was answered from memory. */
export function logWarm(request: () => FinishedRequest): void {
  if (warm++ % WARM_PER_LINE === 0) write(request(), { sampled: WARM_PER_LINE });
}

function write({ meter, failure: _, ...fields }: FinishedRequest, more: Record<string, unknown>): void {
  logEvent("http.request", { ...fields, db_round_trips: meter?.round_trips ?? 0, rows_read: meter?.rows_read ?? 0, ...more });
}

function reasonOf(failure: AppError): string {
  const cause = failure.cause ?? failure;
  if (!(cause instanceof Error)) return JSON.stringify(cause);
  return `${cause.name}: ${cause.message}\n${cause.stack?.split("\n").slice(1, 6).join("\n") ?? ""}`;
}
