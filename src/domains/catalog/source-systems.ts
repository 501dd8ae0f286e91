import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle, ReadOptions } from "../../platform/db/database.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { Guard } from "../../platform/db/unit-of-work.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { locationsExist } from "../stores/index.ts";
import type { SourceSystem, SourceSystemDetail } from "./schemas.ts";
import { WEBHOOKS } from "./webhooks/webhook-kinds.ts";
import { hookedOf, hookedStatement } from "./webhooks/webhook-secrets.ts";

export type { SourceSystem };

const SOURCE_JSON = `json_object('id', s.source_system_id, 'source_type', s.source_type, 'name', s.name, 'provider', s.provider,
  'settings', json(s.settings), 'is_active', json(iif(s.is_active, 'true', 'false')),
  'created_at', ${timestampSql("s.created_at_ms")}, 'updated_at', ${timestampSql("s.updated_at_ms")})`;

/** A SELECT of one JSON text: the source system as the API gives it. */
export const sourceAnswer = (id: string): Statement =>
  statement(`SELECT ${SOURCE_JSON} AS source FROM source_systems AS s WHERE s.source_system_id = ?`, id);

/** The source system; throws NOT_FOUND. */
export async function readSourceSystem(db: DatabaseHandle, id: string, options: ReadOptions = {}): Promise<SourceSystem> {
  const [rows] = await db.read([sourceAnswer(id)], options);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such source system." });
  return JSON.parse(String(row["source"]));
}

/** The source system with its webhook, as the address of this request would be for a provider; throws NOT_FOUND. */
export async function readSourceDetail(scope: Pick<RequestScope, "db" | "url" | "tenant">, id: string): Promise<SourceSystemDetail> {
  const [shown, kept] = await scope.db.read([sourceAnswer(id), hookedStatement(id)]);
  if (!shown?.[0] || !kept?.[0]) throw new AppError("NOT_FOUND", { detail: "There is no such source system." });
  const source = JSON.parse(String(shown[0]["source"])) as SourceSystem;
  const { secrets, refresh_wanted_at_ms } = hookedOf(kept[0]);
  const isOffered = Object.hasOwn(WEBHOOKS, source.provider);
  return {
    ...source,
    webhook_url: isOffered ? `${scope.url.origin}/webhooks/${id}?tenant=${scope.tenant.slug}` : null,
    webhook_secrets: secrets.map(({ slot, secret_id, key_id, set_at_ms }) => ({
      slot,
      secret_id,
      key_id,
      set_at: new Date(set_at_ms).toISOString(),
    })),
    refresh_wanted_at: refresh_wanted_at_ms === null ? null : new Date(refresh_wanted_at_ms).toISOString(),
  };
}

/** A page of source systems in the order they were registered. */
export async function listSourceSystems(
  db: DatabaseHandle,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ data: SourceSystem[]; next_cursor: string | null }> {
  const [createdAtMs, id] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT ${SOURCE_JSON} AS source, s.created_at_ms, s.source_system_id FROM source_systems AS s
       WHERE (s.created_at_ms, s.source_system_id) > (?, ?) ORDER BY s.created_at_ms, s.source_system_id LIMIT ?`,
      createdAtMs ?? 0,
      id ?? "",
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => JSON.parse(String(row["source"])) as SourceSystem),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["source_system_id"])]) : null,
  };
}

/** Refuses with SOURCE_NAME_TAKEN where another source system has the name. */
export const sourceNameIsFree = (name: string, id: string): Guard => ({
  guard: "SOURCE_NAME_TAKEN",
  holds: "NOT EXISTS (SELECT 1 FROM source_systems WHERE name = ? AND source_system_id <> ?)",
  args: [name, id],
  details: statement(
    "SELECT json_object('detail', 'A source system named \"' || name || '\" exists already.', 'source_system_id', source_system_id) FROM source_systems WHERE name = ?",
    name,
  ),
});

interface StockSettings {
  location_id?: string | null | undefined;
  locations?: Record<string, string | null> | undefined;
}

/** Refuses with LOCATION_UNKNOWN where stock would be counted at a place that is nobody's. */
export function countedPlacesExist({ location_id, locations }: StockSettings): Guard[] {
  const named = [location_id, ...Object.values(locations ?? {})].filter((id) => id !== null && id !== undefined);
  return named.length === 0 ? [] : [locationsExist(named)];
}
