import { AppError } from "../../kernel/errors.ts";
import { type Row, statement } from "../../platform/db/statement.ts";
import type { Scope } from "../../platform/http/scope.ts";
import type { Terminal } from "../../platform/tenancy/roles.ts";
import { type FeedEntity, feedDataSql } from "./feed-data.ts";
import { idOf, isTooLong, page, resync, STATE } from "./pull-changes.ts";
import { pushOperations } from "./push-operations.ts";

/** As RxDB keeps it: flat, with its id, and deleted where it is gone. */
export type RxDocument = Record<string, unknown> & { id: string; _deleted: boolean };

/** RxDB merges checkpoints as objects: `lwt` is the place in the feed, `id` says in which feed and where it was begun. */
export interface Checkpoint {
  id: string;
  lwt: number;
}

export interface DocumentsPage {
  documents: RxDocument[];
  checkpoint: Checkpoint;
}

function documentOf(row: Row): RxDocument {
  const data = JSON.parse(String(row["data"])) as Record<string, unknown> | null;
  return { ...data, id: idOf(row), _deleted: row["deleted"] === 1 };
}

const positionOf = ({ id, lwt }: Checkpoint) => {
  const [epoch = "", base = "0"] = id.split("_");
  return { epoch, base: Number(base), sequence: lwt };
};

/**
 * What of one collection changed after a checkpoint, at most `limit` and never fewer while there are more: its client takes a short page for the
 * last. Nothing new echoes the checkpoint. Throws RESYNC_REQUIRED.
 */
export async function pullDocuments(
  { db }: Pick<Scope, "db">,
  terminal: Terminal,
  collection: FeedEntity,
  from: Checkpoint,
  limit: number,
): Promise<DocumentsPage> {
  const begun = from.lwt > 0 ? positionOf(from) : null;
  const after = begun ?? { epoch: "", base: 0, sequence: 0 };
  const read = async (fresh: boolean, most = limit) => {
    const [state = [], rows = []] = await db.read([STATE, page(terminal, after, most, [collection], false)], { fresh, snapshot: true });
    return { state: state[0] as Row, rows };
  };
  let { state, rows } = await read(false).catch((error) => {
    // Its client tells a short page from the last by nothing, and asks again when something changes.
    if (isTooLong(error) && limit > 1) return read(false, Math.ceil(limit / 8));
    throw error;
  });
  if (begun && begun.epoch !== state["epoch"]) ({ state, rows } = await read(true));
  if (begun && begun.epoch !== state["epoch"]) throw resync("restored");
  if (begun && Math.max(begun.sequence, begun.base) < Number(state["pruned_sequence"])) throw resync("too_old");
  const last = rows.at(-1);
  if (!last) return { documents: [], checkpoint: from };
  const base = begun?.base ?? Number(state["sequence"]);
  return { documents: rows.map(documentOf), checkpoint: { id: `${state["epoch"]}_${base}`, lwt: Number(last["sequence"]) } };
}

export interface PushedRow {
  newDocumentState: RxDocument;
  /** What the client believed; undefined: it made the document. */
  assumedMasterState?: RxDocument | undefined;
}

/** Those of a customer's fields that the client changed: the others are not its word. */
function changedFields({ newDocumentState, assumedMasterState }: PushedRow): Record<string, unknown> {
  const [now, before] = [newDocumentState, assumedMasterState].map((state) => (state?.["fields"] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(Object.entries(now ?? {}).filter(([name, value]) => !Object.is(before?.[name], value)));
}

/**
 * Takes what an RxDB client changed. Answers the master's documents where they are not what it sent: of collections that only the server
 * changes, all of them; what is not there comes as deleted, so that the client's own copy goes.
 */
export async function pushDocuments(
  scope: Pick<Scope, "db" | "clock" | "trace_id" | "request_id">,
  terminal: Terminal,
  collection: FeedEntity,
  rows: readonly PushedRow[],
): Promise<RxDocument[]> {
  const sent = rows.map(({ newDocumentState }) => newDocumentState);
  if (collection !== "customer")
    return mastersOf(
      scope,
      terminal,
      collection,
      sent.map(({ id }) => id),
    );
  const now = new Date(scope.clock.now()).toISOString();
  const { results } = await pushOperations(scope, terminal, {
    operations: rows.map((row) => ({
      id: scope.clock.newId(),
      type: "customer.upsert",
      occurred_at: now,
      payload: { customer_id: row.newDocumentState.id, fields: changedFields(row) },
    })),
  });
  const differing = results.flatMap(({ status, current }, index) => {
    const id = sent[index]?.id;
    return id !== undefined && (status === "rejected" || current !== undefined) ? [id] : [];
  });
  return mastersOf(scope, terminal, collection, differing);
}

async function mastersOf(
  { db }: Pick<Scope, "db">,
  { terminal_id, location_id }: Terminal,
  collection: FeedEntity,
  ids: readonly string[],
): Promise<RxDocument[]> {
  if (ids.length === 0) return [];
  const [rows = []] = await db.read(
    [
      statement(
        `SELECT f.entity, f.id, f.scope, f.deleted, coalesce(${feedDataSql([collection])}, 'null') AS data
         FROM json_each(?) AS w CROSS JOIN change_feed AS f ON f.entity = ? AND f.id = w.value AND f.scope IN ('', ?, ?)`,
        JSON.stringify(ids.map((id) => (collection === "rejection" ? `${terminal_id}:${id}` : id))),
        collection,
        location_id,
        terminal_id,
      ),
    ],
    { fresh: true },
  );
  const masters = new Map(rows.map((row) => [idOf(row), documentOf(row)]));
  return ids.map((id) => masters.get(id) ?? { id, _deleted: true });
}

/** How often an open stream looks, and how long it stays: its client opens it again and pulls. */
const LOOK_EVERY_MS = 2_000;
const OPEN_FOR_MS = 300_000;

/** Server-sent events of what changes in a collection from now on, each as a page of documents. */
export function streamDocuments(
  scope: Pick<Scope, "db" | "clock">,
  terminal: Terminal,
  collection: FeedEntity,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isOpen = true;
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => isOpen && controller.enqueue(encoder.encode(text));
      const untilMs = scope.clock.now() + OPEN_FOR_MS;
      try {
        const [state = []] = await scope.db.read([STATE]);
        const head = Number(state[0]?.["sequence"]);
        let checkpoint: Checkpoint = { id: `${state[0]?.["epoch"]}_${head}`, lwt: head };
        send(": open\n\n");
        while (isOpen && scope.clock.now() < untilMs) {
          await scheduler.wait(LOOK_EVERY_MS);
          if (!isOpen) return;
          const found = await pullDocuments(scope, terminal, collection, checkpoint, 500);
          checkpoint = found.checkpoint;
          send(found.documents.length > 0 ? `data: ${JSON.stringify(found)}\n\n` : ": still here\n\n");
        }
      } catch (error) {
        // Closed: the client pulls, and is told there. What it cannot be told here is a fault of ours.
        if (!(error instanceof AppError)) throw error;
      } finally {
        if (isOpen) controller.close();
        isOpen = false;
      }
    },
    cancel() {
      isOpen = false;
    },
  });
}
