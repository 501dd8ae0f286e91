import type { DatabaseHandle } from "../db/database.ts";
import { type Row, statement } from "../db/statement.ts";
import { type Asker, EdgeCache } from "../edge-cache/edge-cache.ts";
import type { Principal } from "./roles.ts";
import { hashTerminalToken, type TerminalClaim } from "./terminal-token.ts";

/** A revoked terminal is refused within five seconds everywhere, as a key is. */
const LIFE = { fresh_ms: 2_000, max_age_ms: 4_000, miss_ms: 2_000 };
const BYTES_EACH = 500;
const MOST = 20_000;

const newTerminals = () => new EdgeCache<Principal>({ ...LIFE, max_bytes: BYTES_EACH * MOST, size_of: () => BYTES_EACH });
let terminals = newTerminals();

/** Makes this isolate look again at once; others follow within seconds. */
export function forgetTerminals(): void {
  terminals = newTerminals();
}

/** Who a terminal is, by a token that was made here; null: it was revoked or rotated since. `db` is its tenant's. */
export async function knownTerminal(db: DatabaseHandle, asker: Asker, claim: TerminalClaim, token: string): Promise<Principal | null> {
  const hash = await hashTerminalToken(token);
  return terminals.get(hash, asker, async () => {
    const query = statement(
      `SELECT store_id, location_id FROM terminals WHERE terminal_id = ? AND revoked_at_ms IS NULL
         AND (token_hash = ? OR (old_token_hash = ? AND old_token_until_ms > ?))`,
      claim.terminal_id,
      hash,
      hash,
      asker.clock.now(),
    );
    const [near] = await db.read([query]);
    // From the replica; what it has not, or not yet, the primary may.
    const row = near?.[0] ?? (await db.read([query], { fresh: true }))[0]?.[0];
    return row ? principalOf(claim, row) : null;
  });
}

const principalOf = ({ terminal_id }: TerminalClaim, row: Row): Principal => ({
  key_id: terminal_id,
  role: "terminal",
  owner: `terminal/${terminal_id}`,
  terminal: { terminal_id, store_id: String(row["store_id"]), location_id: String(row["location_id"]) },
});
