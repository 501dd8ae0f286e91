import { type Statement, statement } from "../db/statement.ts";

export interface EventsOfOneType {
  event_type: string;
  source: "catalog-service" | "store-hub" | "sync-service" | "retail-agent";
  schema_version: number;
  trace_id: string;
  occurred_at_ms: number;
  /** A SELECT of one column `data`, JSON text, a row an event, built from the rows it describes. */
  rows: Statement;
}

/**
 * Writes events in the unit of work that makes them true. `firstId` is a fresh UUIDv7: the events' ids count up from it.
 * The sequence is gapless per database: it goes on from what is there, and the batch notes at its end how far it came.
 */
export function emitEvents(events: EventsOfOneType, firstId: string): Statement[] {
  const prefix = firstId.slice(0, 24);
  // Room for counting up: the lowest bit of the first hex digit is given away.
  const base = Number.parseInt(firstId.slice(24), 16) % 0x7fffffffffff;
  return [
    statement(
      `INSERT INTO outbox (sequence, event_id, event_type, source, occurred_at_ms, trace_id, schema_version, data)
       SELECT (SELECT max(last_event_sequence, coalesce((SELECT max(sequence) FROM outbox), 0)) FROM commit_state) + row_number() OVER (), ? || printf('%012x', ? + row_number() OVER ()),
         ?, ?, ?, ?, ?, described.data FROM (${events.rows.sql}) AS described`,
      prefix,
      base,
      events.event_type,
      events.source,
      events.occurred_at_ms,
      events.trace_id,
      events.schema_version,
      ...events.rows.args,
    ),
  ];
}
