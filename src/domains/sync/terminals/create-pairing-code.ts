import { sha256Hex } from "../../../kernel/bytes.ts";
import { statement } from "../../../platform/db/statement.ts";
import { timestampSql } from "../../../platform/db/timestamp-sql.ts";
import { type Reply, replyOf } from "../../../platform/http/reply.ts";
import { type RequestScope, unitOf } from "../../../platform/http/scope.ts";
import { derivePairingCode } from "../../../platform/tenancy/terminal-token.ts";
import { storeExists } from "./register-terminal.ts";

const LIFE_MS = 600_000;
const KEPT_MS = 86_400_000;

/** Makes a code that registers one terminal at the store within ten minutes. Refusal: STORE_UNKNOWN. */
export async function createPairingCode(scope: RequestScope, storeId: string): Promise<Reply> {
  const nowMs = scope.clock.now();
  const codeId = scope.clock.newId();
  const secret = scope.config.TOKEN_SECRET;
  const result = await scope.db.write(
    unitOf(scope, {
      steps: [
        storeExists(storeId),
        statement("DELETE FROM pairing_codes WHERE expires_at_ms < ?", nowMs - KEPT_MS),
        statement(
          "INSERT INTO pairing_codes (code_hash, code_id, store_id, expires_at_ms, created_at_ms) VALUES (?, ?, ?, ?, ?)",
          await sha256Hex(await derivePairingCode(secret, codeId)),
          codeId,
          storeId,
          nowMs + LIFE_MS,
          nowMs,
        ),
      ],
      answer: {
        status: 201,
        select: statement(
          `SELECT json_object('code_id', ?, 'store_id', ?, 'expires_at', ${timestampSql("?")})`,
          codeId,
          storeId,
          nowMs + LIFE_MS,
        ),
      },
    }),
  );
  const reply = replyOf(result);
  if (result.kind !== "applied") return reply;
  const { code_id, ...answer } = JSON.parse(result.answer) as { code_id: string };
  const { text: _, ...head } = reply;
  return { ...head, body: { code: await derivePairingCode(secret, code_id), ...answer } };
}
