import { sha256Hex, utf8 } from "../../kernel/bytes.ts";
import { gzip } from "../../kernel/gzip.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { answerText, itemsAt, type StoredItems } from "./orderability-document.ts";

const STORES_AT_ONCE = 20;
/** So few are no more than a sale, and go with them. */
const AS_A_SALE = 2;

/** The hash that an answer's entity tag is made of. */
export const answerHash = async (text: string): Promise<string> => (await sha256Hex(text)).slice(0, 16);

/**
 * Packs the answers of the stores whose orderability turned or whose menu is new, so that a read that memory cannot answer finds its bytes
 * ready: SQL, which keeps the documents in the unit of the change, cannot gzip. Until this is done reads pack for themselves.
 */
export async function packOrderability(scope: Scope, events: readonly { event_type: string; data: unknown }[]): Promise<void> {
  const named = (type: string, field: string): unknown[] =>
    events.flatMap(({ event_type, data }) => (event_type === type ? [(data as Record<string, unknown>)[field]] : []));
  const turned = [...named("inventory.orderability.changed", "location_id"), ...named("store.trading.updated", "location_id")];
  const published = named("menu.published", "store_id");
  if (turned.length + published.length === 0) return;
  for (let after = ""; ; ) {
    const asked = statement(UNPACKED, JSON.stringify(turned), JSON.stringify(published), after, STORES_AT_ONCE);
    const [rows = []] = await scope.db.read([asked], { fresh: true });
    if (rows.length > 0) await pack(scope, rows);
    if (rows.length < STORES_AT_ONCE) return;
    after = String(rows.at(-1)?.["location_id"]);
  }
}

const UNPACKED = `SELECT d.location_id, d.version AS document_version, d.version + coalesce(t.version, 0) AS version,
    max(d.changed_at_ms, coalesce(t.changed_at_ms, 0)) AS changed_at_ms, d.items
  FROM (SELECT value AS location_id FROM json_each(?1)
      UNION SELECT p.location_id FROM json_each(?2) AS n CROSS JOIN stores AS p ON p.store_id = n.value) AS named
    CROSS JOIN orderability_documents AS d ON d.location_id = named.location_id
    CROSS JOIN stores AS s ON s.location_id = d.location_id LEFT JOIN store_trading AS t ON t.store_id = s.store_id
  WHERE d.packed_version IS NOT d.version + coalesce(t.version, 0) AND d.location_id > ?3
  ORDER BY d.location_id LIMIT ?4`;

async function pack(scope: Scope, rows: readonly Row[]): Promise<void> {
  const nowMs = scope.clock.now();
  const steps = await Promise.all(rows.map((row) => putPacked(row, nowMs)));
  const lane = rows.length <= AS_A_SALE ? "sale" : "bulk";
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, lane })));
}

async function putPacked(row: Row, nowMs: number): Promise<Statement> {
  const { items, next_change_at_ms } = itemsAt(JSON.parse(String(row["items"])) as StoredItems, null, nowMs);
  const version = Number(row["version"]);
  const text = answerText({ as_of: new Date(Number(row["changed_at_ms"])).toISOString(), version }, items);
  return statement(
    `UPDATE orderability_documents SET packed = ?, packed_version = ?, packed_hash = ?, packed_until_ms = ?
     WHERE location_id = ? AND version = ?`,
    await gzip(utf8(text)),
    version,
    await answerHash(text),
    next_change_at_ms,
    row["location_id"] ?? null,
    row["document_version"] ?? null,
  );
}
