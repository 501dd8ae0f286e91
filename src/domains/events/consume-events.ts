import type { z } from "zod";
import { statement } from "../../platform/db/statement.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { logEvent } from "../../platform/observability/log.ts";
import type { EventsMessage } from "../../platform/queues/messages.ts";
import { type DomainEvent, eventOf } from "./envelope.ts";
import { eventsAfterSql } from "./read-events.ts";

const CONSUMER = "domain-events";
const EVENTS_AT_ONCE = 200;

/** One per event type: the shape of its `data`. */
export type EventSchemas = Record<string, z.ZodType>;

/** What wants to know of events; called in order, at least once. Re-reads current state before it acts. */
export type EventHandler = (scope: Scope, events: DomainEvent[]) => Promise<void>;

/**
 * Reads the outbox from where it stopped, in order, whatever range the message names: messages come late, twice and out of order.
 * An event whose data does not fit its schema is set aside as a dead letter and does not hold up the rest.
 */
export function eventsConsumer(schemas: EventSchemas, handlers: readonly EventHandler[]) {
  const fits = (event: DomainEvent): boolean => schemas[event.event_type]?.safeParse(event.data).success ?? false;

  return async (scope: Scope, message: EventsMessage): Promise<void> => {
    if (message.replay) return replay(scope, message, fits, handlers);
    for (;;) {
      const [state = [], rows = []] = await scope.db.read(
        [
          statement("SELECT applied_sequence FROM outbox_consumers WHERE consumer = ?", CONSUMER),
          statement(eventsAfterSql("(SELECT applied_sequence FROM outbox_consumers WHERE consumer = ?)"), CONSUMER, EVENTS_AT_ONCE),
        ],
        { fresh: true, snapshot: true },
      );
      const applied = Number(state[0]?.["applied_sequence"] ?? 0);
      const last = Number(rows.at(-1)?.["sequence"] ?? applied);
      if (rows.length === 0 || applied >= message.to) return;

      const events = rows.map((row) => eventOf(scope.tenant.tenant_id, row));
      const sound = events.filter(fits);
      for (const handler of handlers) await handler(scope, sound);
      await advance(
        scope,
        applied,
        last,
        events.filter((event) => !fits(event)),
      );
      logApplied(scope, sound, last);
    }
  };
}

/** Just the range that was asked for, past what is applied already. Throws where an event still does not fit, so that it stays a dead letter. */
async function replay(
  scope: Scope,
  message: EventsMessage,
  fits: (event: DomainEvent) => boolean,
  handlers: readonly EventHandler[],
): Promise<void> {
  const [rows = []] = await scope.db.read(
    [statement("SELECT * FROM outbox WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?", message.from, message.to, EVENTS_AT_ONCE)],
    { fresh: true },
  );
  const events = rows.map((row) => eventOf(scope.tenant.tenant_id, row));
  const unfit = events.find((event) => !fits(event));
  if (unfit) throw new Error(`the data of ${unfit.event_type} ${unfit.sequence} still does not fit its schema`);
  for (const handler of handlers) await handler(scope, events);
  logApplied(scope, events, message.to);
}

function logApplied(scope: Scope, events: DomainEvent[], to: number): void {
  const [oldest] = events;
  if (!oldest) return;
  logEvent("events.applied", {
    tenant: scope.tenant.slug,
    to,
    count: events.length,
    // Of the event that waited longest.
    lag_ms: scope.clock.now() - Date.parse(oldest.occurred_at),
  });
}

/** Two consumers at once both handle a range, but only one advances; handlers can run twice. */
async function advance(scope: Scope, from: number, to: number, broken: DomainEvent[]): Promise<void> {
  for (const event of broken)
    logEvent("events.set_aside", { tenant: scope.tenant.slug, sequence: event.sequence, event_type: event.event_type });
  const nowMs = scope.clock.now();
  appliedAnswer(
    await scope.db.write(
      unitOf(scope, {
        steps: [
          statement(
            "UPDATE outbox_consumers SET applied_sequence = max(applied_sequence, ?) WHERE consumer = ? AND applied_sequence >= ?",
            to,
            CONSUMER,
            from,
          ),
          ...broken.map((event) =>
            statement(
              "INSERT INTO dead_letters (id, queue, message, reason, died_at_ms) VALUES (?, 'domain-events', ?, ?, ?) ON CONFLICT DO NOTHING",
              event.event_id,
              JSON.stringify({ type: "events", tenant_id: scope.tenant.tenant_id, from: event.sequence, to: event.sequence }),
              `the data of ${event.event_type} does not fit its schema`,
              nowMs,
            ),
          ),
        ],
        answer: { status: 200, select: statement("SELECT json_object()") },
      }),
    ),
  );
}
