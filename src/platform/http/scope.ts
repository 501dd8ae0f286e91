import type { Config } from "../../env.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../db/database.ts";
import type { Tenant } from "../db/tenant.ts";
import type { ReceiptKey, UnitOfWork } from "../db/unit-of-work.ts";
import type { Principal, Terminal } from "../tenancy/roles.ts";

/** What every verb is handed, however it was called: over HTTP, from a queue or by the clock. */
export interface Scope {
  tenant: Tenant;
  db: DatabaseHandle;
  clock: Clock;
  config: Config;
  bindings: Env;
  request_id: string;
  trace_id: string;
  wait_until(work: Promise<unknown>): void;
}

/** A scope of an HTTP request. */
export interface RequestScope extends Scope {
  /** null on public routes without a credential. */
  principal: Principal | null;
  /** Under what a write of this request is remembered; absent where it carries no key. */
  receipt: ReceiptKey | undefined;
  /** The URL as the client wrote it. */
  url: URL;
  headers: Headers;
}

/** A unit of work of this request, remembered under its key. */
export function unitOf(
  scope: Pick<Scope, "clock" | "request_id"> & { receipt?: ReceiptKey | undefined },
  unit: Pick<UnitOfWork, "steps" | "answer"> & Partial<Pick<UnitOfWork, "lane" | "wakes">>,
): UnitOfWork {
  const base = {
    id: scope.clock.newId(),
    request_id: scope.request_id,
    lane: unit.lane ?? "sale",
    wakes: unit.wakes ?? false,
    steps: unit.steps,
    answer: unit.answer,
  } as const;
  return scope.receipt ? { ...base, receipt: scope.receipt } : base;
}

/** For what only credentialed routes reach. */
export function requirePrincipal(scope: RequestScope): Principal {
  if (!scope.principal) throw new AppError("UNAUTHENTICATED");
  return scope.principal;
}

/** The till that asks; throws TERMINAL_REQUIRED where it is somebody else. */
export function requireTerminal(scope: RequestScope): Terminal {
  const terminal = scope.principal?.terminal;
  if (!terminal) throw new AppError("TERMINAL_REQUIRED", { detail: "Send a terminal's token as Authorization: Bearer." });
  return terminal;
}
