import { setTimeout as sleep } from "node:timers/promises";
import type { TenantDatabase } from "../bench/tenant-database.ts";
import { inLanes } from "../in-lanes.ts";
import { type Answer, type Outcome, sendOnce } from "./effects.ts";

/** What a look at the database says of effects, by their keys. */
export interface Verdict {
  /** Answered as done, and not there. */
  lost: Set<string>;
  /** There more than once: how many too many. */
  doubled: Map<string, number>;
  /** Answers that do not fit their effect, keys that are stuck; with the words for each. */
  wrong: Map<string, string>;
}

export interface Checked {
  database: TenantDatabase;
  base_url: string;
  /** Whose read-back is compared; a credential of the tenant. */
  headers: Record<string, string>;
}

const EVENTS_DEADLINE_MS = 60_000;

/**
 * Holds each outcome against the tenant's rows: one row by its name, with the id that was answered, read back as it was answered, and the
 * same bytes again when the request is repeated. Faults must be off.
 */
export async function checkEffects(outcomes: readonly Outcome[], checked: Checked): Promise<Verdict> {
  const verdict: Verdict = { lost: new Set(), doubled: new Map(), wrong: new Map() };
  const rows = {
    store: await rowsByName(checked.database, "stores", "store_id"),
    draft: await rowsByName(checked.database, "menu_drafts", "draft_id"),
  };
  for (const outcome of outcomes) {
    const { key, kind } = outcome.effect;
    const row = rows[kind].get(key);
    if (!outcome.answer) {
      verdict.wrong.set(key, `no answer after ${outcome.sends} sends: ${JSON.stringify(Object.fromEntries(outcome.passing))}`);
      continue;
    }
    if (outcome.answer.status !== 201) verdict.wrong.set(key, `answered ${outcome.answer.status} ${outcome.answer.text.slice(0, 200)}`);
    else if (!row) verdict.lost.add(key);
    else if (row.count > 1) verdict.doubled.set(key, row.count - 1);
    else if (row.id !== idOf(outcome.answer)) verdict.wrong.set(key, `answered ${idOf(outcome.answer)}, and the row is ${row.id}`);
  }
  await inLanes(
    outcomes.filter(({ answer }) => answer?.status === 201),
    async ({ effect, answer }) => {
      const problem = await answerProblem(effect, answer as Answer, checked);
      if (problem && !verdict.lost.has(effect.key) && !verdict.wrong.has(effect.key)) verdict.wrong.set(effect.key, problem);
    },
  );
  const [unfinished] = await checked.database.query(
    `SELECT count(*) AS n FROM receipts LEFT JOIN large_answers USING (principal, method, route, key)
     WHERE coalesce(receipts.answer, large_answers.answer) IS NULL OR (status IS NULL AND code IS NULL)`,
  );
  if (Number(unfinished?.["n"]) > 0) verdict.wrong.set("receipts", `${unfinished?.["n"]} receipts have no answer`);
  return verdict;
}

/** Read back by its id it is what was answered; asked again with its key, the bytes are the same. */
async function answerProblem(effect: Outcome["effect"], answer: Answer, { base_url, headers }: Checked): Promise<string | null> {
  const again = await sendOnce(base_url, effect);
  if (again.status !== answer.status || again.text !== answer.text)
    return `was answered ${answer.text.slice(0, 300)}, and again ${again.status} ${again.text.slice(0, 300)}`;
  if (!again.replayed) return "asked again, it was not called a replay";
  const response = await fetch(`${base_url}${effect.path}/${idOf(answer)}`, { headers: { ...headers, "consistency-token": again.token } });
  const read = await response.text();
  if (!response.ok || !isSame(read, answer.text)) return `was answered ${answer.text.slice(0, 300)}, and reads ${read.slice(0, 300)}`;
  return null;
}

const idOf = ({ text }: Answer): string => (JSON.parse(text) as { id: string }).id;

const isSame = (one: string, other: string): boolean =>
  JSON.stringify(sorted(JSON.parse(one))) === JSON.stringify(sorted(JSON.parse(other)));

const sorted = (value: object): unknown[] => Object.entries(value).sort(([a], [b]) => a.localeCompare(b));

async function rowsByName(database: TenantDatabase, table: string, id: string): Promise<Map<string, { count: number; id: string }>> {
  const rows = await database.query(`SELECT name, count(*) AS count, min(${id}) AS id FROM ${table} GROUP BY name`);
  return new Map(rows.map((row) => [String(row["name"]), { count: Number(row["count"]), id: String(row["id"]) }]));
}

/** The tenant's events: one for each store, counted without a gap, all of them handed on. */
export async function checkEvents(database: TenantDatabase): Promise<{ events: number; lost: number; doubled: number; wrong: string[] }> {
  const [state] = await database.query(
    `SELECT count(*) AS events, coalesce(max(sequence), 0) AS last, count(DISTINCT event_id) AS ids,
       count(DISTINCT json_extract(data, '$.store_id')) AS told, (SELECT count(*) FROM stores) AS stores,
       (SELECT last_event_sequence FROM commit_state) AS counted FROM outbox`,
  );
  const of = (name: string) => Number(state?.[name]);
  const wrong: string[] = [];
  if (of("last") !== of("events") || of("counted") !== of("last"))
    wrong.push(`${of("events")} events are counted up to ${of("last")}, the last one being called ${of("counted")}`);
  if (of("ids") !== of("events")) wrong.push(`${of("events")} events have ${of("ids")} ids`);
  const endsAt = performance.now() + EVENTS_DEADLINE_MS;
  for (let applied = -1; applied < of("last"); ) {
    applied = Number((await database.query("SELECT min(applied_sequence) AS n FROM outbox_consumers"))[0]?.["n"]);
    if (applied >= of("last")) break;
    if (performance.now() > endsAt) {
      wrong.push(`events are handed on up to ${applied} of ${of("last")}`);
      break;
    }
    await sleep(200);
  }
  return { events: of("events"), lost: of("stores") - of("told"), doubled: of("events") - of("told"), wrong };
}
