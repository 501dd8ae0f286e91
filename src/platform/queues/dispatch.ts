import { statement } from "../db/statement.ts";
import { type Runtime, workScope } from "../http/runtime.ts";
import type { Scope } from "../http/scope.ts";
import { unitOf } from "../http/scope.ts";
import { logEvent } from "../observability/log.ts";
import type { WantedHandlers } from "./handlers.ts";
import { type EventsMessage, QueueMessage } from "./messages.ts";

const LONGEST_DELAY_S = 300;

export interface QueueHandlers {
  wanted: WantedHandlers;
  events(scope: Scope, message: EventsMessage): Promise<void>;
}

/** Growing delay: 1 s after the first failure, doubling to five minutes. */
export const retryDelayS = (attempts: number): number => Math.min(2 ** Math.max(0, attempts - 1), LONGEST_DELAY_S);

/**
 * Handles a batch, message by message: each is acknowledged or sent back on its own, so that one that fails holds up no other.
 * What a dead-letter queue brings is kept in the tenant's database until somebody replays it.
 */
export async function dispatch(runtime: Runtime, batch: MessageBatch, handlers: QueueHandlers): Promise<void> {
  const dead = batch.queue.endsWith("-dlq");
  for (const message of batch.messages) {
    const parsed = QueueMessage.safeParse(message.body);
    if (!parsed.success) {
      logEvent("queue.message_unreadable", { queue: batch.queue, message_id: message.id });
      message.ack();
      continue;
    }
    const startedMs = runtime.clock.now();
    const fields = {
      queue: batch.queue,
      message_id: message.id,
      type: parsed.data.type,
      tenant: parsed.data.tenant_id,
      attempts: message.attempts,
    };
    try {
      const tenant = await runtime.directory.byReference(parsed.data.tenant_id);
      if (!tenant) {
        logEvent("queue.tenant_unknown", fields);
        message.ack();
        continue;
      }
      const id = runtime.clock.newId();
      const scope = workScope(runtime, tenant, { request_id: id, trace_id: id });
      if (dead) await keepDeadLetter(scope, batch.queue, parsed.data);
      else if (parsed.data.type === "events") await handlers.events(scope, parsed.data);
      else await handle(scope, parsed.data, handlers.wanted);
      message.ack();
      logEvent("queue.message_done", { ...fields, duration_ms: runtime.clock.now() - startedMs });
    } catch (error) {
      const delaySeconds = retryDelayS(message.attempts);
      logEvent("queue.message_failed", {
        ...fields,
        retry_in_s: delaySeconds,
        reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      message.retry({ delaySeconds });
    }
  }
}

async function handle(scope: Scope, message: Extract<QueueMessage, { type: "wanted" }>, handlers: WantedHandlers): Promise<void> {
  const handler = handlers[message.kind];
  if (!handler) throw new Error(`nobody handles ${message.kind}`);
  await handler(scope, message);
}

async function keepDeadLetter(scope: Scope, queue: string, message: QueueMessage): Promise<void> {
  const nowMs = scope.clock.now();
  const steps = [
    statement(
      "INSERT INTO dead_letters (id, queue, message, died_at_ms) VALUES (?, ?, ?, ?)",
      scope.clock.newId(),
      queue.replace(/-dlq$/, ""),
      JSON.stringify(message),
      nowMs,
    ),
    ...(message.type === "wanted"
      ? [statement("UPDATE wanted SET state = 'dead' WHERE kind = ? AND key = ? AND state = 'wanted'", message.kind, message.key)]
      : []),
  ];
  const result = await scope.db.write(unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") } }));
  if (result.kind !== "applied") throw new Error(`the dead letter was not kept: ${result.kind}`);
}
