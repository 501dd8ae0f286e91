import type { ErrorCode } from "../../kernel/errors.ts";
import { type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { wantEach } from "../../platform/writer/wanted.ts";
import type { StartPublish } from "./schemas.ts";

/**
 * Records a publish and what each store is to do; each store is then its own unit (`apply-publish.ts`). The drafts are copied as they are
 * at this moment. No read before. Answers `{ publish_id, stores }`. Refusals: DRAFT_UNKNOWN, PUBLISH_UNKNOWN, STORE_UNKNOWN.
 */
export function startPublish(scope: RequestScope, asked: StartPublish): Promise<UnitResult> {
  const publishId = scope.clock.newId();
  const nowMs = scope.clock.now();
  const snapshot =
    asked.publish_id === undefined ? ofDrafts(publishId, asked.draft_ids ?? [], nowMs) : ofPublish(publishId, asked.publish_id, nowMs);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        ...(asked.store_ids ? [allExist("STORE_UNKNOWN", "store", asked.store_ids)] : []),
        ...snapshot,
        statement(
          `INSERT INTO publish_stores (publish_id, store_id, status, updated_at_ms)
           SELECT ?, chosen.store_id, 'queued', ? FROM (${storesOf(asked).sql}) AS chosen`,
          publishId,
          nowMs,
          ...storesOf(asked).args,
        ),
        wantEach(
          "publish_store",
          statement(
            `SELECT publish_id || '/' || store_id AS key, json_object('publish_id', publish_id, 'store_id', store_id) AS payload
             FROM publish_stores WHERE publish_id = ?`,
            publishId,
          ),
          nowMs,
        ),
      ],
      answer: {
        status: 202,
        select: statement(
          `SELECT json_object('publish_id', ?, 'stores',
            json((SELECT json_group_array(json_object('store_id', store_id, 'status', status)) FROM publish_stores WHERE publish_id = ?)))`,
          publishId,
          publishId,
        ),
      },
      wakes: true,
    }),
  );
}

function storesOf({ store_ids, publish_id }: StartPublish): Statement {
  return store_ids
    ? statement("SELECT value AS store_id FROM json_each(?)", JSON.stringify(store_ids))
    : statement("SELECT store_id FROM publish_stores WHERE publish_id = ?", publish_id ?? "");
}

const NEXT_SEQUENCE = "coalesce((SELECT max(sequence) FROM publishes), 0) + 1";

function ofDrafts(publishId: string, draftIds: readonly string[], nowMs: number): UnitStep[] {
  const named = JSON.stringify(draftIds);
  return [
    allExist("DRAFT_UNKNOWN", "draft", draftIds),
    statement(
      `INSERT INTO publishes (publish_id, sequence, snapshot_hash, created_at_ms)
       SELECT ?1, ${NEXT_SEQUENCE}, group_concat(d.content_hash, ' '), ?2
       FROM json_each(?3) AS named CROSS JOIN menu_drafts AS d ON d.draft_id = named.value`,
      publishId,
      nowMs,
      named,
    ),
    statement(
      `INSERT INTO publish_drafts (publish_id, position, draft_id, name, currency, provider, sections)
       SELECT ?1, named.key, d.draft_id, d.name, d.currency, d.provider, d.sections
       FROM json_each(?2) AS named CROSS JOIN menu_drafts AS d ON d.draft_id = named.value`,
      publishId,
      named,
    ),
  ];
}

/** Structure and prices of an earlier publish. Names and images are not in a snapshot: they are current whenever it is projected. */
function ofPublish(publishId: string, earlierId: string, nowMs: number): UnitStep[] {
  return [
    {
      guard: "PUBLISH_UNKNOWN",
      holds: "EXISTS (SELECT 1 FROM publishes WHERE publish_id = ?)",
      args: [earlierId],
      details: statement(
        `SELECT json_object('detail', 'There is no publish ' || ? || '.',
          'errors', json_array(json_object('path', 'body.publish_id', 'message', 'no such publish')))`,
        earlierId,
      ),
    },
    statement(
      `INSERT INTO publishes (publish_id, sequence, rollback_of, snapshot_hash, created_at_ms)
       SELECT ?1, ${NEXT_SEQUENCE}, publish_id, snapshot_hash, ?2 FROM publishes WHERE publish_id = ?3`,
      publishId,
      nowMs,
      earlierId,
    ),
    statement(
      `INSERT INTO publish_drafts (publish_id, position, draft_id, name, currency, provider, sections)
       SELECT ?1, position, draft_id, name, currency, provider, sections FROM publish_drafts WHERE publish_id = ?2`,
      publishId,
      earlierId,
    ),
  ];
}

const HOLDERS = { draft: "menu_drafts", store: "stores" } as const;

/** Refuses where one of the ids is not there, naming every one that is not. */
function allExist(code: ErrorCode, what: keyof typeof HOLDERS, ids: readonly string[]): Guard {
  const named = JSON.stringify(ids);
  const unknown = `FROM json_each(?) AS named WHERE NOT EXISTS (SELECT 1 FROM ${HOLDERS[what]} AS held WHERE held.${what}_id = named.value)`;
  return {
    guard: code,
    holds: `NOT EXISTS (SELECT 1 ${unknown})`,
    args: [named],
    details: statement(
      `SELECT json_object('detail', 'There is no ${what} ' || group_concat(named.value, ', ') || '.',
        '${what}_ids', json_group_array(named.value),
        'errors', json_group_array(json_object('path', 'body.${what}_ids.' || named.key, 'message', 'no such ${what}')))
       ${unknown}`,
      named,
    ),
  };
}
