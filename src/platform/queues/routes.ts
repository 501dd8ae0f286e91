import { z } from "zod";
import { statement } from "../db/statement.ts";
import { type Endpoint, endpoint } from "../http/endpoint.ts";
import { Timestamp } from "../http/fields.ts";
import { ok, replyOf } from "../http/reply.ts";
import { unitOf } from "../http/scope.ts";
import { WANTED_KINDS } from "../writer/wanted.ts";
import { QueueMessage, queueOf } from "./messages.ts";

const DEAD_LETTERS_SHOWN = 100;

const Queues = z
  .object({
    wanted: z.array(z.object({ kind: z.enum(WANTED_KINDS), waiting: z.int(), oldest_age_s: z.number(), sent_more_than_once: z.int() })),
    events: z.object({ last_sequence: z.int(), applied_sequence: z.int() }),
    dead_letters: z.array(
      z.object({ id: z.string(), queue: z.string(), message: QueueMessage, died_at: Timestamp, replayed_at: Timestamp.nullable() }),
    ),
  })
  .meta({ id: "Queues" });

const time = (ms: unknown): string | null => (ms === null || ms === undefined ? null : new Date(Number(ms)).toISOString());

const showQueues = endpoint(
  {
    method: "get",
    path: "/api/v1/ops/queues",
    tag: "Operations",
    summary: "What is waiting to be done, how long, and what was given up",
    access: ["admin"],
    operator_too: true,
    idempotency: "none",
    answers: { 200: { description: "The tenant's own work", schema: Queues } },
  },
  async (scope) => {
    const [wanted = [], events = [], dead = []] = await scope.db.read(
      [
        // What is wanted for a time to come does not wait before.
        statement(
          `SELECT kind, count(*) AS waiting, min(wanted_at_ms) AS oldest_ms, sum(sent > 1) AS resent FROM wanted
           WHERE state = 'wanted' AND wanted_at_ms <= ? GROUP BY kind`,
          scope.clock.now(),
        ),
        statement("SELECT last_event_sequence, (SELECT min(applied_sequence) FROM outbox_consumers) AS applied FROM commit_state"),
        statement(
          "SELECT id, queue, message, died_at_ms, replayed_at_ms FROM dead_letters ORDER BY died_at_ms DESC LIMIT ?",
          DEAD_LETTERS_SHOWN,
        ),
      ],
      { fresh: true },
    );
    return ok({
      wanted: wanted.map((row) => ({
        kind: row["kind"],
        waiting: row["waiting"],
        oldest_age_s: Math.max(0, (scope.clock.now() - Number(row["oldest_ms"])) / 1000),
        sent_more_than_once: row["resent"],
      })),
      events: { last_sequence: events[0]?.["last_event_sequence"], applied_sequence: events[0]?.["applied"] },
      dead_letters: dead.map((row) => ({
        id: row["id"],
        queue: row["queue"],
        message: JSON.parse(String(row["message"])),
        died_at: time(row["died_at_ms"]),
        replayed_at: time(row["replayed_at_ms"]),
      })),
    });
  },
);

const replayDeadLetter = endpoint(
  {
    method: "post",
    path: "/api/v1/ops/dead-letters/{id}/replay",
    tag: "Operations",
    summary: "Try a given-up message again",
    access: ["admin"],
    operator_too: true,
    idempotency: "required",
    params: z.strictObject({ id: z.uuid() }),
    answers: { 202: { description: "It is wanted again", schema: z.object({ id: z.string(), status: z.literal("queued") }) } },
  },
  async (scope, { params }) => {
    const nowMs = scope.clock.now();
    const [rows] = await scope.db.read([statement("SELECT message FROM dead_letters WHERE id = ?", params.id)], { fresh: true });
    const message = rows?.[0] ? QueueMessage.parse(JSON.parse(String(rows[0]["message"]))) : null;
    const result = await scope.db.write(
      unitOf(scope, {
        wakes: true,
        steps: [
          statement("UPDATE dead_letters SET replayed_at_ms = ? WHERE id = ?", nowMs, params.id),
          { guard: "NOT_FOUND" },
          ...(message?.type === "wanted"
            ? [
                statement(
                  "UPDATE wanted SET state = 'wanted', due_at_ms = ?1, wanted_at_ms = ?1, sent = 0 WHERE kind = ?2 AND key = ?3 AND state = 'dead'",
                  nowMs,
                  message.kind,
                  message.key,
                ),
              ]
            : []),
        ],
        answer: { status: 202, select: statement("SELECT json_object('id', ?, 'status', 'queued')", params.id) },
      }),
    );
    // Events have no wanted row: their range is announced again as it was.
    if (result.kind === "applied" && !result.replayed && message?.type === "events") {
      await scope.bindings[queueOf(message)].send({ ...message, replay: true }, { contentType: "json" });
    }
    return replyOf(result);
  },
);

export const queueRoutes: Endpoint[] = [showQueues, replayDeadLetter];
