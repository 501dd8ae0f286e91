import { statement } from "../db/statement.ts";
import type { UnitOfWork } from "../db/unit-of-work.ts";
import type { QueueMessage } from "../queues/messages.ts";
import type { WantedKind } from "./wanted.ts";

const MOST_AT_ONCE = 200;
const FIRST_RESEND_MS = 10_000;
const LONGEST_RESEND_MS = 900_000;
/** Events that nobody has applied after this long are announced again. */
const EVENTS_RESEND_MS = 30_000;

interface Taken {
  wanted: { kind: WantedKind; key: string; requests: number; payload: Record<string, unknown> }[];
  next_due_at_ms: number | null;
  last_event_sequence: number;
  applied_event_sequence: number;
}

/**
 * Takes the wanted work that is due and plans its next sending: queues lose messages, so each one is sent again, ever more slowly, until
 * the work's own unit marks it done.
 */
export function takeDueWork(unitId: string, nowMs: number): UnitOfWork {
  return {
    id: unitId,
    lane: "sale",
    wakes: false,
    steps: [
      statement(
        `UPDATE wanted SET claim = ?1, sent = sent + 1, due_at_ms = ?2 + min(?3 << min(sent, 10), ?4)
         WHERE (kind, key) IN (SELECT kind, key FROM wanted WHERE state = 'wanted' AND due_at_ms <= ?2 ORDER BY due_at_ms LIMIT ?5)`,
        unitId,
        nowMs,
        FIRST_RESEND_MS,
        LONGEST_RESEND_MS,
        MOST_AT_ONCE,
      ),
    ],
    answer: {
      status: 200,
      select: statement(
        `SELECT json_object(
          'wanted', (SELECT json_group_array(json_object('kind', kind, 'key', key, 'requests', requests, 'payload', json(payload)))
                     FROM wanted WHERE state = 'wanted' AND claim = ?),
          'next_due_at_ms', (SELECT min(due_at_ms) FROM wanted WHERE state = 'wanted'),
          'last_event_sequence', (SELECT last_event_sequence FROM commit_state),
          'applied_event_sequence', (SELECT min(applied_sequence) FROM outbox_consumers))`,
        unitId,
      ),
    },
  };
}

export interface Delivery {
  messages: QueueMessage[];
  /** When to look again; null: nothing is outstanding. */
  look_again_at_ms: number | null;
  announced_sequence: number;
}

/** What to send for an answer of `takeDueWork`. `announced`: the last event sequence this writer has announced, and when. */
export function planDelivery(tenantId: string, answer: string, announced: { sequence: number; at_ms: number }, nowMs: number): Delivery {
  const taken: Taken = JSON.parse(answer);
  const messages: QueueMessage[] = taken.wanted.map((work) => ({ type: "wanted", tenant_id: tenantId, ...work }));
  const outstanding = taken.last_event_sequence > taken.applied_event_sequence;
  const stale = nowMs - announced.at_ms >= EVENTS_RESEND_MS;
  const from = stale ? taken.applied_event_sequence + 1 : Math.max(taken.applied_event_sequence, announced.sequence) + 1;
  if (outstanding && from <= taken.last_event_sequence) {
    messages.push({ type: "events", tenant_id: tenantId, from, to: taken.last_event_sequence });
  }
  const more = taken.wanted.length === MOST_AT_ONCE ? nowMs : null;
  const times = [more, taken.next_due_at_ms, outstanding ? nowMs + EVENTS_RESEND_MS : null].filter((time) => time !== null);
  return {
    messages,
    look_again_at_ms: times.length > 0 ? Math.min(...times) : null,
    announced_sequence: taken.last_event_sequence,
  };
}
