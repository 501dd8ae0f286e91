import { fromUtf8, utf8 } from "../../../kernel/bytes.ts";
import type { Row } from "../../../platform/db/statement.ts";
import { statement } from "../../../platform/db/statement.ts";
import type { UnitStep } from "../../../platform/db/unit-of-work.ts";
import { failureOf } from "../../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import type { WantedHandler } from "../../../platform/queues/handlers.ts";
import type { WantedMessage } from "../../../platform/queues/messages.ts";
import { want, wantedDone } from "../../../platform/writer/wanted.ts";
import { queuedRun } from "../queued-run.ts";
import { WEBHOOKS } from "./webhook-kinds.ts";

/** What one run takes in at most. */
const MOST_NOTIFICATIONS = 200;
const MOST_BYTES = 8 * 1_048_576;
/** While a run is under way its successor gathers what comes. One that has not ended after so long holds nobody up. */
const RUN_MAY_LAST_MS = 600_000;
const READ_AT_ONCE = 20;

interface Waiting {
  body_key: string;
  content_type: string;
  body_bytes: number;
}

/**
 * Makes one queued run of the notifications that wait: of one source system there is never more than one such run at a time, and each
 * takes all that has come, the newest of each object. Two deliveries of the same message make one run.
 */
export const gatherNotifications: WantedHandler = async (scope, message) => {
  const id = message.key;
  const [sources, runs, waiting = []] = await scope.db.read(
    [
      statement("SELECT provider, is_active FROM source_systems WHERE source_system_id = ?", id),
      statement(
        `SELECT 1 FROM ingestion_runs WHERE started_at_ms > ? AND source_system_id = ? AND status IN ('queued', 'running') AND body_key IS NOT NULL
         LIMIT 1`,
        scope.clock.now() - RUN_MAY_LAST_MS,
        id,
      ),
      statement(
        `SELECT body_key, content_type, body_bytes FROM webhook_notifications WHERE source_system_id = ? ORDER BY received_at_ms, body_key
         LIMIT ?`,
        id,
        MOST_NOTIFICATIONS + 1,
      ),
    ],
    { fresh: true },
  );
  const source = sources?.[0];
  const kind = WEBHOOKS[String(source?.["provider"])];
  if (waiting.length === 0) return finish(scope, [doneOf(scope, message)]);
  if (runs?.[0]) return finish(scope, againOf(scope, message));
  const batch = batchOf(waiting, kind?.combine ? MOST_NOTIFICATIONS : 1);
  const keys = batch.map(({ body_key }) => body_key);
  // A body that is gone was replaced a moment ago: its successor is a row of its own.
  const bodies = source?.["is_active"] === 1 ? await bodiesOf(scope, keys) : [];
  const payload = kind?.combine && bodies.length > 0 ? utf8(JSON.stringify(kind.combine(bodies.map(asJson)))) : bodies[0];
  const run = payload ? await queuedRun(scope, { source_system_id: id, payload, content_type: String(batch[0]?.content_type) }) : null;
  const rest = waiting.length > batch.length ? againOf(scope, message) : [doneOf(scope, message)];
  const taken = statement("DELETE FROM webhook_notifications WHERE body_key IN (SELECT value FROM json_each(?))", JSON.stringify(keys));
  const steps: UnitStep[] = run
    ? [
        taken,
        { guard: "CONFLICT" },
        run.insert,
        want("run_ingestion", run.run_id, { run_id: run.run_id, confirm: false, partial: true }, scope.clock.now()),
      ]
    : [taken];
  const result = await scope.db.write(unitOf(scope, { steps: [...steps, ...rest], answer: nothing(), wakes: true }));
  // Refused: another delivery of the same message has taken them.
  if (result.kind === "refused" && run) await scope.bindings.MEDIA.delete(run.body_key);
  else if (result.kind !== "applied") throw failureOf(result as Exclude<typeof result, { kind: "refused" }>);
  await scope.bindings.MEDIA.delete(keys);
};

/** As many of the oldest as fit one run. */
function batchOf(rows: readonly Row[], most: number): Waiting[] {
  const batch: Waiting[] = [];
  let bytes = 0;
  for (const row of rows as unknown as Waiting[]) {
    bytes += row.body_bytes;
    if (batch.length >= most || (batch.length > 0 && bytes > MOST_BYTES)) break;
    batch.push(row);
  }
  return batch;
}

async function bodiesOf(scope: Scope, keys: readonly string[]): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
    const some = await Promise.all(keys.slice(start, start + READ_AT_ONCE).map((key) => scope.bindings.MEDIA.get(key)));
    for (const object of some) if (object) bodies.push(new Uint8Array(await object.arrayBuffer()));
  }
  return bodies;
}

const asJson = (bytes: Uint8Array): unknown => JSON.parse(fromUtf8(bytes));

const nothing = () => ({ status: 200, select: statement("SELECT 'null'") });

const doneOf = (scope: Scope, { kind, key, requests }: WantedMessage) => wantedDone(kind, key, requests, scope.clock.now());

/** Also where more came meanwhile: due again after the kind's interval. */
const againOf = (scope: Scope, message: WantedMessage) => [doneOf(scope, message), want(message.kind, message.key, {}, scope.clock.now())];

async function finish(scope: Scope, steps: UnitStep[]): Promise<void> {
  const result = await scope.db.write(unitOf(scope, { steps, answer: nothing(), wakes: true }));
  if (result.kind !== "applied") throw new Error(`what waits was not settled: ${result.kind}`);
}
