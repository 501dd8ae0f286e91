import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** One intended effect: a request with its key, sent until it is answered. The row it makes is named like the key. */
export interface Effect {
  key: string;
  kind: "store" | "draft";
  path: string;
  body: string;
  headers: Record<string, string>;
}

export interface Credential {
  slug: string;
  key: string;
}

/** Keys count up from 0 in `family`, of small letters. A store tells of itself in an event, a draft does not. */
export function effectsOf(family: string, count: number, { slug, key }: Credential, from = 0): Effect[] {
  return Array.from({ length: count }, (_, index) =>
    effectOf(`effect-${family}-${from + index}`, index % 2 === 0 ? "store" : "draft", { slug, key }),
  );
}

export function effectOf(name: string, kind: Effect["kind"], { slug, key }: Credential): Effect {
  const content = kind === "store" ? { name, timezone: "UTC", currency: "USD" } : { name, currency: "USD", sections: [] };
  return {
    key: name,
    kind,
    path: kind === "store" ? "/api/v1/stores" : "/api/v1/menus/drafts",
    body: JSON.stringify(content),
    headers: { "content-type": "application/json", apikey: key, "x-tenant-id": slug, "idempotency-key": name },
  };
}

export interface Answer {
  status: number;
  text: string;
  replayed: boolean;
  /** With it, a read is at least as new as this answer. */
  token: string;
}

export interface Outcome {
  effect: Effect;
  /** null: the key was stuck until the client gave up. */
  answer: Answer | null;
  sends: number;
  hang_ups: number;
  /** What came instead of an answer, by status or error code. */
  passing: Map<string, number>;
}

export interface Sending {
  base_url(): string;
  /** Told of a key when its first send begins. */
  began?: (key: string) => void;
  /** After how many milliseconds this send is broken off by its client; null: it waits. */
  hang_up_after_ms?: () => number | null;
}

/** A request without an answer after this long is broken off and sent again. */
const SEND_DEADLINE_MS = 40_000;
/** A key that no send got an answer for in this time is stuck. */
const STUCK_MS = 180_000;
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Sends until something final comes back: a success or a refusal. 5xx, 429, 409 `IDEMPOTENCY_IN_PROGRESS` and a lost connection pass. */
export async function sendUntilAnswered(effect: Effect, { base_url, began, hang_up_after_ms }: Sending): Promise<Outcome> {
  began?.(effect.key);
  const outcome: Outcome = { effect, answer: null, sends: 0, hang_ups: 0, passing: new Map() };
  const passing = (what: string) => outcome.passing.set(what, (outcome.passing.get(what) ?? 0) + 1);
  const endsAt = performance.now() + STUCK_MS;
  while (performance.now() < endsAt) {
    outcome.sends += 1;
    const patienceMs = hang_up_after_ms?.() ?? null;
    try {
      const answer = await sendOnce(base_url(), effect, patienceMs ?? SEND_DEADLINE_MS);
      if (!isPassing(answer)) return { ...outcome, answer };
      passing(String(answer.status));
      await sleep(100 + Math.random() * 200);
    } catch (error) {
      if (patienceMs !== null && error instanceof HungUp) outcome.hang_ups += 1;
      else {
        passing((error as NodeJS.ErrnoException).code ?? (error as Error).name);
        await sleep(20 + Math.random() * 60);
      }
    }
  }
  return outcome;
}

const isPassing = ({ status, text }: Answer): boolean =>
  status === 429 || status >= 500 || (status === 409 && text.includes('"IDEMPOTENCY_IN_PROGRESS"'));

class HungUp extends Error {}

export function sendOnce(baseUrl: string, effect: Effect, deadlineMs = SEND_DEADLINE_MS): Promise<Answer> {
  return new Promise((answered, failed) => {
    const sent = request(`${baseUrl}${effect.path}`, { agent, method: "POST", headers: effect.headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", failed);
      response.on("end", () => {
        clearTimeout(timer);
        const replayed = response.headers["idempotent-replayed"] === "true";
        const token = String(response.headers["consistency-token"] ?? "");
        answered({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString(), replayed, token });
      });
    });
    const timer = setTimeout(() => sent.destroy(new HungUp(`no answer in ${deadlineMs} ms`)), deadlineMs);
    sent.on("error", (error) => {
      clearTimeout(timer);
      failed(error);
    });
    sent.end(effect.body);
  });
}

/** `clients` at once, each with one effect at a time. */
export async function sendAll(
  effects: readonly Effect[],
  clients: number,
  sending: Sending,
  ended: (outcome: Outcome, done: number) => void = () => {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = effects.values();
  const client = async () => {
    for (const effect of waiting) {
      const outcome = await sendUntilAnswered(effect, sending);
      outcomes.push(outcome);
      ended(outcome, outcomes.length);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return outcomes;
}
