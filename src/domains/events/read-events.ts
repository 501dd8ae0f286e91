import { AppError } from "../../kernel/errors.ts";
import type { DatabaseHandle } from "../../platform/db/database.ts";
import { statement } from "../../platform/db/statement.ts";
import { type DomainEvent, eventOf } from "./envelope.ts";

export interface EventPage {
  data: DomainEvent[];
  /** What to ask `after` next: the last sequence of the page, or where it is empty the one that was asked for. */
  next_after: number;
  /** The newest sequence there was. */
  last_sequence: number;
}

/** Characters of data in one answer of the database, which holds 10 MB; beyond it a page ends early. */
const MOST_DATA = 2_000_000;

/** A SELECT of the events after `after` (an expression), in order; its last argument is how many at most. There is one, however large. */
export const eventsAfterSql = (after: string): string =>
  `SELECT * FROM (SELECT o.*, sum(length(o.data)) OVER (ORDER BY o.sequence) - length(o.data) AS data_before
     FROM (SELECT * FROM outbox WHERE sequence > ${after} ORDER BY sequence LIMIT ?) AS o)
   WHERE data_before < ${MOST_DATA} ORDER BY sequence`;

/**
 * The events after a sequence, in order. None is ever missing in between: sequences are gapless, a replica holds a whole beginning of them, and
 * where the next one is no longer kept the answer is EVENTS_GONE. Throws that.
 */
export async function readEvents(db: DatabaseHandle, tenantId: string, after: number, limit: number): Promise<EventPage> {
  const [rows = [], state = []] = await db.read(
    [statement(eventsAfterSql("?"), after, limit), statement("SELECT last_event_sequence FROM commit_state")],
    { snapshot: true },
  );
  const lastSequence = Number(state[0]?.["last_event_sequence"] ?? 0);
  const data = rows.map((row) => eventOf(tenantId, row));
  const beyondGap =
    data.find(({ sequence }, index) => sequence !== after + 1 + index)?.sequence ?? (data.length === 0 ? lastSequence + 1 : null);
  if (beyondGap !== null && after < lastSequence) {
    throw new AppError("EVENTS_GONE", {
      detail: `Events are kept for 90 days. Take the state as it is now, then go on after ${beyondGap - 1}.`,
      extensions: { first_sequence: beyondGap, last_sequence: lastSequence },
    });
  }
  return { data, next_after: data.at(-1)?.sequence ?? after, last_sequence: lastSequence };
}
