import type { Row } from "../../platform/db/statement.ts";

/** The one envelope of every event (source document 003, "Standard Envelope"), plus its place in the tenant's order. */
export interface DomainEvent {
  event_id: string;
  event_type: string;
  source: string;
  tenant_id: string;
  /** RFC 3339, UTC. */
  occurred_at: string;
  trace_id: string;
  schema_version: number;
  sequence: number;
  data: unknown;
}

export const eventOf = (tenantId: string, row: Row): DomainEvent => ({
  event_id: String(row["event_id"]),
  event_type: String(row["event_type"]),
  source: String(row["source"]),
  tenant_id: tenantId,
  occurred_at: new Date(Number(row["occurred_at_ms"])).toISOString(),
  trace_id: String(row["trace_id"]),
  schema_version: Number(row["schema_version"]),
  sequence: Number(row["sequence"]),
  data: JSON.parse(String(row["data"])),
});
