import { decodeCursor, encodeCursor } from "../../kernel/cursor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ReadOptions } from "../../platform/db/database.ts";
import { type Row, type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import type { Terminal } from "../../platform/tenancy/roles.ts";
import { FEED_ENTITIES, type FeedEntity, feedDataSql, OWN_VERSION } from "./feed-data.ts";

/** Where a copy is in the feed, and in which feed. */
export interface FeedPosition {
  /** Of the database: another one after a restore. */
  epoch: string;
  /** Everything up to here is in the copy. */
  sequence: number;
  /** Where the feed was when the copy was begun: what was gone by then, it never had. */
  base: number;
}

export interface Pull {
  cursor?: string | undefined;
  limit: number;
  /** None: all. */
  entities: readonly FeedEntity[];
}

export interface Pulled {
  rows: Row[];
  position: FeedPosition;
  has_more: boolean;
}

export const STATE = statement("SELECT c.epoch, f.sequence, f.pruned_sequence FROM commit_state AS c CROSS JOIN feed_state AS f");

export const resync = (reason: "restored" | "too_old" | "other_feed"): AppError =>
  new AppError("RESYNC_REQUIRED", {
    detail: "Drop the copy, keep the queue of what is unsent, and pull without a cursor.",
    extensions: { reason },
  });

/** The cursor of a copy; it belongs to a store and to a choice of entities. */
export const sealPosition = ({ epoch, sequence, base }: FeedPosition, { location_id }: Terminal, entities: readonly FeedEntity[]): string =>
  encodeCursor([epoch, sequence, base, location_id, entities.join(",")]);

function openPosition(cursor: string, { location_id }: Terminal, entities: readonly FeedEntity[]): FeedPosition {
  const [epoch, sequence, base, location, chosen] = decodeCursor(cursor, 5);
  if (typeof sequence !== "number" || typeof base !== "number")
    throw new AppError("BAD_REQUEST", { detail: "cursor is not one of this feed" });
  if (location !== location_id || chosen !== entities.join(",")) throw resync("other_feed");
  return { epoch: String(epoch), sequence, base };
}

/** A page of what changed, as JSON text. Throws RESYNC_REQUIRED with its reason. */
export async function pullChanges(
  scope: Pick<Scope, "db">,
  terminal: Terminal,
  pull: Pull,
): Promise<{ text: string; from_sequence: number | null }> {
  const from = pull.cursor === undefined ? null : openPosition(pull.cursor, terminal, pull.entities);
  const { rows, position, has_more } = await readFeed(scope, terminal, from, pull.limit, pull.entities);
  const changes = rows.map(
    (row) =>
      `{"entity":"${row["entity"]}","id":${JSON.stringify(idOf(row))},"version":${versionOf(row)},"deleted":${row["deleted"] === 1},"data":${row["data"]}}`,
  );
  const cursor = sealPosition(position, terminal, pull.entities);
  return { text: `{"changes":[${changes.join(",")}],"cursor":"${cursor}","has_more":${has_more}}`, from_sequence: from?.sequence ?? null };
}

const versionOf = ({ entity, sequence, data }: Row): unknown =>
  OWN_VERSION.has(entity) ? (JSON.parse(String(data))?.version ?? sequence) : sequence;

/** A rejection is named by its operation. */
export const idOf = ({ entity, id, scope }: Row): string =>
  entity === "rejection" ? String(id).slice(String(scope).length + 1) : String(id);

/**
 * A page of the feed after `from` (null: from the beginning), from a replica: what is there is judged by how far that very replica is, read in
 * the same snapshot, so that one which is behind leaves nothing out. Rows are read from the index in order; how long the history is does not matter.
 */
export async function readFeed(
  scope: Pick<Scope, "db">,
  terminal: Terminal,
  from: FeedPosition | null,
  limit: number,
  entities: readonly FeedEntity[],
): Promise<Pulled> {
  try {
    return await readPage(scope, terminal, from, limit, entities);
  } catch (error) {
    if (limit === 1 || !isTooLong(error)) throw error;
    return readFeed(scope, terminal, from, Math.ceil(limit / 8), entities);
  }
}

/** The database answers at most 10 MB, and an order may be long: then fewer are asked for. */
export const isTooLong = (error: unknown): boolean => {
  const cause = error instanceof AppError ? error.extras.cause : null;
  return cause instanceof Error && /too large/i.test(cause.message);
};

async function readPage(
  { db }: Pick<Scope, "db">,
  terminal: Terminal,
  from: FeedPosition | null,
  limit: number,
  entities: readonly FeedEntity[],
): Promise<Pulled> {
  const read = async (options: ReadOptions) => {
    const [state = [], rows = []] = await db.read([STATE, page(terminal, from, limit, entities)], { ...options, snapshot: true });
    const row = state[0] as Row;
    return { epoch: String(row["epoch"]), head: Number(row["sequence"]), pruned: Number(row["pruned_sequence"]), rows };
  };
  let found = await read({});
  // A replica may be from before a restore, or from after it where the copy is; the primary knows.
  if (from && from.epoch !== found.epoch) found = await read({ fresh: true });
  const { epoch, head, pruned, rows } = found;
  if (from && from.epoch !== epoch) throw resync("restored");
  if (from && Math.max(from.sequence, from.base) < pruned) throw resync("too_old");
  const { sequence: begun, base } = from ?? { sequence: 0, base: head };
  const end = begun < base ? Math.min(base, head) : head;
  const last = rows.length === limit ? Number(rows.at(-1)?.["sequence"]) : end;
  const sequence = Math.max(begun, last);
  return { rows, position: { epoch, sequence, base }, has_more: sequence < head };
}

/**
 * A first copy takes what is there, up to where the feed was when it began, and nothing of what was gone; from then on it takes what changed,
 * deletions too. Each leg is read in order from the index, and SQLite merges them.
 */
export function page(
  { terminal_id, location_id }: Terminal,
  from: FeedPosition | null,
  limit: number,
  entities: readonly FeedEntity[],
  isFirst = from === null || from.sequence < from.base,
): Statement {
  const after = from?.sequence ?? 0;
  const chosen = entities.length > 0 ? ` AND entity IN (${entities.map((entity) => `'${entity}'`).join(", ")})` : "";
  const upTo = isFirst ? " AND sequence <= coalesce(?, (SELECT sequence FROM feed_state))" : "";
  const legs: string[] = [];
  const args: SqlValue[] = [];
  for (const scope of ["", location_id, terminal_id]) {
    for (const deleted of isFirst ? [0] : [0, 1]) {
      legs.push(
        `SELECT entity, id, scope, sequence, deleted FROM change_feed WHERE scope = ? AND deleted = ${deleted} AND sequence > ?${upTo}${chosen}`,
      );
      args.push(scope, after, ...(isFirst ? [from?.base ?? null] : []));
    }
  }
  const data = feedDataSql(entities.length > 0 ? entities : FEED_ENTITIES);
  return statement(
    `SELECT f.entity, f.id, f.scope, f.sequence, f.deleted, coalesce(${data}, 'null') AS data
     FROM (${legs.join(" UNION ALL ")} ORDER BY sequence LIMIT ?) AS f ORDER BY f.sequence`,
    ...args,
    limit,
  );
}
