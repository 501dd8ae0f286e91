import { AppError } from "../../../kernel/errors.ts";
import { statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";
import type { UnitResult } from "../../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { forgetTerminals } from "../../../platform/tenancy/known-terminals.ts";
import { deriveTerminalToken, hashTerminalToken } from "../../../platform/tenancy/terminal-token.ts";

/** The till that asked for a new token may have lost the answer: it asks again with the old one. */
const OLD_TOKEN_LIFE_MS = 600_000;

const noSuchTerminal = () => new AppError("NOT_FOUND", { detail: "There is no such terminal, or it was revoked." });

/**
 * Gives a terminal a new token; the one before goes on for ten minutes. One read before: the token is derived from how many there were.
 * Throws NOT_FOUND, also to a terminal for any but itself. Refusal: CONFLICT where it was rotated meanwhile.
 */
export async function rotateTerminal(scope: RequestScope, terminalId: string): Promise<UnitResult> {
  const asking = scope.principal?.terminal;
  if (asking && asking.terminal_id !== terminalId) throw noSuchTerminal();
  const [rows] = await scope.db.read(
    [statement("SELECT generation FROM terminals WHERE terminal_id = ? AND revoked_at_ms IS NULL", terminalId)],
    { fresh: true },
  );
  const row = rows?.[0];
  if (!row) throw noSuchTerminal();
  const generation = Number(row["generation"]) + 1;
  const untilMs = scope.clock.now() + OLD_TOKEN_LIFE_MS;
  const token = await deriveTerminalToken(scope.config.TOKEN_SECRET, {
    tenant_id: scope.tenant.tenant_id,
    terminal_id: terminalId,
    generation,
  });
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `UPDATE terminals SET generation = ?, old_token_hash = token_hash, old_token_until_ms = ?, token_hash = ?
           WHERE terminal_id = ? AND generation = ? AND revoked_at_ms IS NULL`,
          generation,
          untilMs,
          await hashTerminalToken(token),
          terminalId,
          generation - 1,
        ),
        { guard: "CONFLICT", details: statement("SELECT json_object('detail', 'It was rotated meanwhile.')") },
      ],
      answer: {
        status: 200,
        select: statement(
          `SELECT json_object('terminal_id', ?, 'generation', ?, 'old_token_until', ${timestampSql("?")})`,
          terminalId,
          generation,
          untilMs,
        ),
      },
    }),
  );
}

/** Ends a terminal for good; also where it is ended already. Refusal: NOT_FOUND. */
export async function revokeTerminal(scope: RequestScope, terminalId: string): Promise<UnitResult> {
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          "UPDATE terminals SET revoked_at_ms = coalesce(revoked_at_ms, ?), old_token_hash = NULL WHERE terminal_id = ?",
          scope.clock.now(),
          terminalId,
        ),
        { guard: "NOT_FOUND", details: statement("SELECT json_object('detail', 'There is no such terminal.')") },
      ],
      answer: { status: 204, select: statement("SELECT json_object()") },
    }),
  );
  forgetTerminals();
  return result;
}
