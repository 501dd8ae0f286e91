import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiError } from "./api-client.ts";
import { type DatabaseAccess, query } from "./databases/connection.ts";
import type { Fingerprint } from "./databases/fingerprint.ts";
import { loadDatabase, renewEpoch, verifyDatabase } from "./databases/load-database.ts";
import { reachDatabase } from "./databases/reach-database.ts";
import { dumpDatabase } from "./databases/read-database.ts";
import { textOf } from "./databases/schema.ts";

export type Move = {
  tenant_id: string;
  from_cell_id: string;
  from_namespace: string;
  to_cell_id: string;
  to_namespace: string;
  state: "copying" | "cancelling" | "switched";
  started_at_ms: number;
  switched_at_ms: number | null;
};

export type MoveReport = Move & {
  tables: number;
  rows: number;
  /** How long writers were answered 503. 0: an earlier run had switched already. */
  closed_ms: number;
};

export type MoveOptions = {
  onStep?: (line: string) => void;
  /** Stops before the switch; the tenant then stays where it is. */
  signal?: AbortSignal;
};

const replicaPatienceMs = 30_000;
const firstTouchMs = 5_000;

/**
 * Takes a tenant to another cell: closes its database to writes, copies it, verifies the copy, waits for the new cell's replicas, switches.
 * Readers go on all the while; writers are answered 503 from the close to the switch. What fails before the switch is undone and thrown. A run
 * that was killed is taken up by another run, which copies anew, or undone by `cancel-move`.
 */
export async function moveTenant(operator: ApiClient, slug: string, toCellId: string, options: MoveOptions = {}): Promise<MoveReport> {
  const path = `/internal/tenants/${encodeURIComponent(slug)}/move`;
  const step = options.onStep ?? (() => {});
  const beganMs = performance.now();
  const closedMs = () => Math.round(performance.now() - beganMs);
  const switchOver = (move: Move) => operator.post<Move>(`${path}/switch`, { to_namespace: move.to_namespace });
  let move: Move | undefined;
  try {
    move = await operator.post<Move>(path, { to_cell_id: toCellId });
    if (move.state === "switched") {
      step("an earlier run had switched already");
      return { ...(await switchOver(move)), tables: 0, rows: 0, closed_ms: 0 };
    }
    step(`cell ${move.from_cell_id} is closed to writes`);
    const tables = Object.values((await copy(operator, move, options.signal)).tables);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    step(`${rows} rows of ${tables.length} tables are in cell ${toCellId}, and verified`);
    await untilReplicasFollow(await reachDatabase(operator, move.to_cell_id, move.to_namespace, "ro"));
    options.signal?.throwIfAborted();
    const switched = await switchOver(move);
    step(`cell ${toCellId} serves it`);
    return { ...switched, tables: tables.length, rows, closed_ms: closedMs() };
  } catch (error) {
    // Refused from the start: what is under way, if anything, is not of this run.
    if (!move && error instanceof ApiError && error.problem.status < 500) throw error;
    const now = await operator.get<Move>(path).catch(() => null);
    if (!now || (move && now.to_namespace !== move.to_namespace)) throw error;
    // The answer to the switch was lost, not the switch.
    if (now.state === "switched") return { ...(await switchOver(now)), tables: 0, rows: 0, closed_ms: closedMs() };
    await cancel(operator, slug, now, step);
    throw error;
  }
}

async function cancel(operator: ApiClient, slug: string, move: Move, step: (line: string) => void): Promise<void> {
  try {
    await operator.post(`/internal/tenants/${encodeURIComponent(slug)}/move/cancel`);
    step(`it stays in cell ${move.from_cell_id}, which is open to writes again`);
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : problem;
    step(`it could not be opened to writes again; run npm run tenant -- cancel-move ${slug} (${why})`);
  }
}

async function copy(operator: ApiClient, move: Move, signal: AbortSignal | undefined): Promise<Fingerprint> {
  const source = await reachDatabase(operator, move.from_cell_id, move.from_namespace, "ro");
  const target = () => reachDatabase(operator, move.to_cell_id, move.to_namespace, "rw");
  const dump = dumpDatabase(source);
  let held: Fingerprint | undefined;
  async function* statements() {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await dump.next();
      if (done) {
        held = value;
        return;
      }
      yield value;
    }
  }
  await loadDatabase(target, statements());
  if (!held) throw new Error("the dump did not end");
  await verifyDatabase(await target(), held);
  await renewEpoch(await target());
  return held;
}

/** A replica that has not got the copy would be asked for a tenant that it does not know. */
async function untilReplicasFollow(access: DatabaseAccess): Promise<void> {
  const epoch = async (url: string) => {
    const [row] = await query(access, "SELECT epoch FROM commit_state", { url, deadline_ms: firstTouchMs });
    return row?.map(textOf)[0];
  };
  const wanted = await epoch(access.primary_url);
  for (const { region, url } of access.replicas) {
    const deadline = performance.now() + replicaPatienceMs;
    while ((await epoch(url).catch(() => null)) !== wanted) {
      if (performance.now() > deadline)
        throw new Error(`replica ${region} at ${url} does not follow: mend it, or take it out of the cell (npm run cell -- put)`);
      await sleep(50);
    }
  }
}
