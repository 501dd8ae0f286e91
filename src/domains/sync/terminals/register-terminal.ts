import { sha256Hex } from "../../../kernel/bytes.ts";
import { type Statement, statement } from "../../../platform/db/statement.ts";
import type { Guard, UnitResult, UnitStep } from "../../../platform/db/unit-of-work.ts";
import { type Reply, replyOf } from "../../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { deriveTerminalToken, hashTerminalToken } from "../../../platform/tenancy/terminal-token.ts";
import type { PairTerminal, RegisterTerminal } from "./terminal-schemas.ts";

/** Refuses with STORE_UNKNOWN. */
export const storeExists = (storeId: string): Guard => ({
  guard: "STORE_UNKNOWN",
  holds: "EXISTS (SELECT 1 FROM stores WHERE store_id = ?)",
  args: [storeId],
  details: statement(
    "SELECT json_object('detail', 'There is no such store.', 'errors', json_array(json_object('path', 'body.store_id', 'message', 'no such store')))",
  ),
});

/** Registers a terminal at a store. Answers it with its token. Refusal: STORE_UNKNOWN. */
export function registerTerminal(scope: RequestScope, { store_id, ...device }: RegisterTerminal): Promise<Reply> {
  return register(scope, device, [storeExists(store_id)], statement("SELECT ? AS store_id", store_id));
}

/** Registers a terminal at the store whose code it was told, once. Refusal: PAIRING_CODE_UNKNOWN. */
export async function pairTerminal(scope: RequestScope, { code, ...device }: PairTerminal): Promise<Reply> {
  const codeHash = await sha256Hex(code);
  return register(
    scope,
    device,
    [
      statement(
        "UPDATE pairing_codes SET used_by = ? WHERE code_hash = ? AND used_by IS NULL AND expires_at_ms > ?",
        device.device_id,
        codeHash,
        scope.clock.now(),
      ),
      { guard: "PAIRING_CODE_UNKNOWN", details: statement("SELECT json_object('detail', 'Ask the manager for a new code.')") },
    ],
    statement("SELECT store_id FROM pairing_codes WHERE code_hash = ?", codeHash),
  );
}

async function register(
  scope: RequestScope,
  { name, device_id }: { name: string; device_id: string },
  checks: UnitStep[],
  store: Statement,
): Promise<Reply> {
  const terminalId = scope.clock.newId();
  const claim = { tenant_id: scope.tenant.tenant_id, terminal_id: terminalId, generation: 1 };
  const tokenHash = await hashTerminalToken(await deriveTerminalToken(scope.config.TOKEN_SECRET, claim));
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        ...checks,
        statement(
          `INSERT INTO terminals (terminal_id, store_id, location_id, name, device_id, generation, token_hash, created_at_ms)
           SELECT ?, s.store_id, s.location_id, ?, ?, 1, ?, ? FROM (${store.sql}) AS chosen CROSS JOIN stores AS s ON s.store_id = chosen.store_id`,
          terminalId,
          name,
          device_id,
          tokenHash,
          scope.clock.now(),
          ...store.args,
        ),
      ],
      answer: {
        status: 201,
        select: statement(
          `SELECT json_object('terminal_id', terminal_id, 'store_id', store_id, 'location_id', location_id, 'name', name, 'device_id', device_id,
             'generation', generation) FROM terminals WHERE terminal_id = ?`,
          terminalId,
        ),
      },
    }),
  );
  return withToken(scope, result);
}

/** The receipt holds which token it is; the token is derived for the first answer and for every replay. */
export async function withToken(scope: RequestScope, result: UnitResult): Promise<Reply> {
  const reply = replyOf(result);
  if (result.kind !== "applied") return reply;
  const { generation, ...answer } = JSON.parse(result.answer) as { terminal_id: string; generation: number };
  const { text: _, ...head } = reply;
  const claim = { tenant_id: scope.tenant.tenant_id, terminal_id: answer.terminal_id, generation };
  return { ...head, body: { ...answer, token: await deriveTerminalToken(scope.config.TOKEN_SECRET, claim) } };
}
