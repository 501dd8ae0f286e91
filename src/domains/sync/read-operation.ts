import canonicalize from "canonicalize";
import { sha256, toBase64Url } from "../../kernel/bytes.ts";
import { type Happening, isOperationType, OPERATIONS } from "../orders/index.ts";
import { FEED_ENTITIES, type FeedEntity } from "./feed-data.ts";
import { parseTime } from "./push-schemas.ts";

/** As a till sends it; everything but the id is looked at operation by operation, so that one bad one holds up nothing. */
export interface PushedOperation {
  id: string;
  type?: unknown;
  entity?: unknown;
  occurred_at?: unknown;
  payload?: unknown;
  [member: string]: unknown;
}

/** One operation, read: what happened, or why it cannot be taken whatever the database says. */
export interface ReadOperation {
  given: PushedOperation;
  type: string;
  /** Of type, time and payload. */
  fingerprint: string;
  occurred_at_ms: number | null;
  happening: Happening | null;
  problem: { code: string; detail: string; current?: { entity: FeedEntity; id: string } } | null;
}

/** ULID (Crockford, 26) or UUIDv7. */
const OPERATION_ID = /^(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/i;

/** What a till has only a copy of. */
const SERVERS_OWN = new Set<string>([
  "store",
  "category",
  "product",
  "variant",
  "modifier_group",
  "price",
  "menu",
  "orderability",
  "stock_position",
]);

/** `offset_ms`: what has to be added to the till's clock. */
export async function readOperation(given: PushedOperation, offsetMs: number, nowMs: number): Promise<ReadOperation> {
  const type = typeof given.type === "string" ? given.type : "";
  const occurredAtMs = parseTime(given.occurred_at);
  const [fingerprint, content] = await Promise.all([
    fingerprintOf([type, given.occurred_at ?? null, given.payload ?? null]),
    fingerprintOf(given.payload ?? null),
  ]);
  const read = { given, type: type.slice(0, 60), fingerprint, occurred_at_ms: occurredAtMs, happening: null };
  const refused = (code: string, detail: string) => ({ ...read, problem: { code, detail } });
  if (!OPERATION_ID.test(given.id)) return refused("OPERATION_ID_INVALID", "The id must be a ULID or a UUIDv7.");
  const entity = type.split(".")[0] ?? "";
  if (SERVERS_OWN.has(entity) || (typeof given.entity === "string" && SERVERS_OWN.has(given.entity))) return serverWins(read, entity);
  if (!isOperationType(type))
    return refused("OPERATION_UNKNOWN", `There is no operation of type ${JSON.stringify(given.type ?? null).slice(0, 80)}.`);
  if (given.entity !== undefined && given.entity !== entity) return refused("VALIDATION_FAILED", `entity must be ${entity} here.`);
  if (occurredAtMs === null) return refused("VALIDATION_FAILED", "occurred_at must be a time, RFC 3339.");
  const parsed = OPERATIONS[type].safeParse(given.payload);
  if (!parsed.success) return refused("VALIDATION_FAILED", issuesOf(parsed.error.issues));
  const happened_at_ms = Math.min(occurredAtMs + offsetMs, nowMs);
  const happening = { type, payload: parsed.data, fingerprint: content, occurred_at_ms: occurredAtMs, happened_at_ms } as Happening;
  return { ...read, happening, problem: null };
}

/** The current row goes back with the refusal. */
function serverWins(read: Omit<ReadOperation, "problem">, entityOfType: string): ReadOperation {
  const entity = (typeof read.given.entity === "string" ? read.given.entity : entityOfType) as FeedEntity;
  const payload = read.given.payload as Record<string, unknown> | null | undefined;
  const id = payload?.[`${entity}_id`] ?? payload?.["id"];
  const current = typeof id === "string" && FEED_ENTITIES.includes(entity) ? { current: { entity, id: id.slice(0, 200) } } : {};
  return {
    ...read,
    problem: { code: "SERVER_WINS", detail: "This is changed on the server only; the current state is in current.", ...current },
  };
}

async function fingerprintOf(value: unknown): Promise<string> {
  const hash = await sha256(canonicalize(value) ?? "null");
  return toBase64Url(hash.subarray(0, 15));
}

const issuesOf = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues
    .slice(0, 5)
    .map(({ path, message }) => ["payload", ...path.map(String)].join(".").concat(" ", message))
    .join("; ");

/** The money in an operation that was not taken: what was paid, else what was to be paid. Reads what may not be valid. */
export function moneyIn(given: PushedOperation): { amount_minor: number | null; currency: string | null; shift_id: string | null } {
  const payload = (typeof given.payload === "object" && given.payload !== null ? given.payload : {}) as Record<string, unknown>;
  const whole = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null);
  const paid = Array.isArray(payload["payments"])
    ? payload["payments"].map((each) => whole((each as { amount?: unknown } | null)?.amount)).filter((amount) => amount !== null)
    : [];
  const isSale = ["order.create", "order.add_lines", "order.close", "payment.record", "cash.movement"].includes(String(given.type));
  const amount =
    paid.length > 0
      ? paid.reduce((sum, each) => sum + each, 0)
      : (whole(payload["amount"]) ?? whole(payload["total"]) ?? linesMoney(payload));
  const text = (value: unknown): string | null => (typeof value === "string" && value.length <= 64 ? value : null);
  const shift = text(payload["shift_id"]) ?? text((payload["payments"] as { shift_id?: unknown }[] | undefined)?.[0]?.shift_id);
  return { amount_minor: isSale ? amount : null, currency: text(payload["currency"]), shift_id: shift };
}

function linesMoney(payload: Record<string, unknown>): number | null {
  if (!Array.isArray(payload["lines"])) return null;
  let sum = 0;
  for (const line of payload["lines"] as { unit_price?: unknown; quantity?: unknown; discount?: unknown }[]) {
    const amount = Math.round(Number(line?.unit_price) * Number(line?.quantity)) - Number(line?.discount ?? 0);
    if (!Number.isSafeInteger(amount)) return null;
    sum += amount;
  }
  return sum;
}
