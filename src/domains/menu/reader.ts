import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { statement } from "../../platform/db/statement.ts";
import { timestampSql } from "../../platform/db/timestamp-sql.ts";
import type { RequestScope } from "../../platform/http/scope.ts";
import { draftAnswer } from "./draft-json.ts";
import type { Draft, Publish } from "./schemas.ts";
import { dropCachedMenu } from "./storefront-cache.ts";

interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** The draft with what the catalogue has against it now; throws NOT_FOUND. */
export async function readDraft(db: DatabaseHandle, draftId: string): Promise<Draft> {
  const [rows] = await db.read([draftAnswer(draftId)]);
  const row = rows?.[0];
  if (!row) throw new AppError("NOT_FOUND", { detail: "There is no such draft." });
  return JSON.parse(String(row["draft"]));
}

/** A page of the drafts without their sections' items, in the order they were created. */
export async function listDrafts(db: DatabaseHandle, page: Page) {
  const [createdAtMs, draftId] = page.cursor === undefined ? [0, ""] : decodeCursor(page.cursor, 2);
  const [rows = []] = await db.read([
    statement(
      `SELECT draft_id AS id, name, currency, provider, revision, json_array_length(sections) AS section_count,
         ${timestampSql("created_at_ms")} AS created_at, ${timestampSql("updated_at_ms")} AS updated_at, created_at_ms
       FROM menu_drafts WHERE (created_at_ms, draft_id) > (?, ?) ORDER BY created_at_ms, draft_id LIMIT ?`,
      createdAtMs ?? 0,
      draftId ?? "",
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ created_at_ms: _, ...draft }) => draft),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["created_at_ms"]), String(last["id"])]) : null,
  };
}

/** A page of the publishes, newest first. */
export async function listPublishes(db: DatabaseHandle, page: Page) {
  const [before] = page.cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(page.cursor, 1);
  const [rows = []] = await db.read([
    statement(
      `SELECT publish_id, rollback_of, ${timestampSql("created_at_ms")} AS created_at, sequence,
         (SELECT count(*) FROM publish_stores AS t WHERE t.publish_id = p.publish_id) AS store_count
       FROM publishes AS p WHERE sequence < ? ORDER BY sequence DESC LIMIT ?`,
      before ?? 0,
      page.limit + 1,
    ),
  ]);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ sequence: _, ...publish }) => publish),
    next_cursor: rows.length > page.limit && last ? encodeCursor([Number(last["sequence"])]) : null,
  };
}

/** `live` and `unchanged` are said only where the node that answers shows the document; until then it is still on its way. */
const PUBLISH = `SELECT json_object('publish_id', p.publish_id, 'rollback_of', p.rollback_of, 'created_at', ${timestampSql("p.created_at_ms")},
    'stores', json((SELECT json_group_array(json_object('store_id', t.store_id,
        'status', CASE WHEN t.status NOT IN ('regenerating', 'unchanged') THEN t.status
          WHEN d.live_revision IS NULL OR d.live_revision < t.live_revision THEN 'regenerating'
          WHEN t.status = 'unchanged' THEN 'unchanged' ELSE 'live' END,
        'menu_version', d.menu_version, 'reasons', json(t.reasons), 'left_out', json(t.left_out)))
      FROM publish_stores AS t LEFT JOIN storefront_documents AS d USING (store_id) WHERE t.publish_id = p.publish_id))) AS publish
  FROM publishes AS p WHERE p.publish_id = ?`;

/**
 * The publish with what became of it at each store; throws NOT_FOUND. Before a store is called live, this isolate forgets its copy of it, so
 * that who asks here next sees it.
 */
export async function readPublish(scope: RequestScope, publishId: string): Promise<Publish> {
  const find = async (fresh: boolean): Promise<Publish | null> => {
    const row = (await scope.db.read([statement(PUBLISH, publishId)], { fresh }))[0]?.[0];
    return row ? JSON.parse(String(row["publish"])) : null;
  };
  const publish = (await find(false)) ?? asReplicaSees(await find(true));
  if (!publish) throw new AppError("NOT_FOUND", { detail: "There is no such publish." });
  for (const { store_id, status } of publish.stores) {
    if (status === "live" || status === "unchanged") dropCachedMenu(scope, store_id);
  }
  return publish;
}

/** The primary's answer for a replica that has not heard of the publish: then it does not show what came of it either. */
const asReplicaSees = (publish: Publish | null): Publish | null =>
  publish && {
    ...publish,
    stores: publish.stores.map((store) =>
      store.status === "live" || store.status === "unchanged" ? { ...store, status: "regenerating" } : store,
    ),
  };
