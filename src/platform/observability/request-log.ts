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
  meter: DbMeter | undefined;
  failure: AppError | undefined;
}

/** One of this many warm reads is logged: they touch no database, and there are millions. */
const WARM_READS_PER_LINE = 100;
let warmReads = 0;

/** One JSON line per request. A 5xx carries its inner reason here and nowhere else. */
export function logRequest(request: FinishedRequest): void {
  const { meter, failure, ...fields } = request;
  const warm = request.method === "GET" && request.status < 400 && meter?.round_trips === 0;
  if (warm && warmReads++ % WARM_READS_PER_LINE !== 0) return;
  logEvent("http.request", {
    ...fields,
    db_round_trips: meter?.round_trips ?? 0,
    rows_read: meter?.rows_read ?? 0,
    ...(warm ? { sampled: WARM_READS_PER_LINE } : {}),
    ...(failure ? { code: failure.code } : {}),
    ...(failure && failure.status >= 500 ? { reason: reasonOf(failure) } : {}),
  });
}

function reasonOf(failure: AppError): string {
  const cause = failure.cause ?? failure;
  if (!(cause instanceof Error)) return JSON.stringify(cause);
  return `${cause.name}: ${cause.message}\n${cause.stack?.split("\n").slice(1, 6).join("\n") ?? ""}`;
}
