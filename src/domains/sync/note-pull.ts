import { statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import type { Terminal } from "../../platform/tenancy/roles.ts";

/** Writing it at every pull would make every read a write. */
const EVERY_MS = 60_000;
const MOST = 10_000;
const noted = new Map<string, number>();

/** Keeps when a terminal was last seen and how far its copy is, about once a minute. `sequence`: what it pulled from, so that it has all of it. */
export function notePull(
  scope: Pick<Scope, "db" | "clock" | "request_id" | "wait_until">,
  { terminal_id }: Terminal,
  sequence: number,
): void {
  const nowMs = scope.clock.now();
  if (nowMs - (noted.get(terminal_id) ?? 0) < EVERY_MS) return;
  if (noted.size >= MOST) noted.clear();
  noted.set(terminal_id, nowMs);
  scope.wait_until(
    scope.db.write({
      id: scope.clock.newId(),
      request_id: scope.request_id,
      lane: "bulk",
      wakes: false,
      steps: [
        statement(
          "UPDATE terminals SET last_seen_at_ms = max(coalesce(last_seen_at_ms, 0), ?), cursor_sequence = ? WHERE terminal_id = ?",
          nowMs,
          sequence,
          terminal_id,
        ),
      ],
      answer: { status: 200, select: statement("SELECT json_object()") },
    }),
  );
}
