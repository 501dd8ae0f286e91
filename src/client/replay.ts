import { CallFailed } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import type { QueueError } from "./queue-entry.ts";
import type { Waker } from "./waker.ts";

/**
 * `idle`: everything was sent. `sending`. `waiting`: it failed and is tried again at `next_try_at_ms`. `refused`: the server does not know
 * the terminal (any more); nothing is sent until a person acts. `unpaired`: there is no terminal yet.
 */
export type ReplayState = "idle" | "sending" | "waiting" | "refused" | "unpaired";

export interface ReplayStatus {
  state: ReplayState;
  failures: number;
  next_try_at_ms: number | null;
  last_error: QueueError | null;
  last_contact_at_ms: number | null;
}

export interface ReplayOptions {
  /** Sends what waits and brings the copy up to date. Throws `CallFailed`. False where there is no terminal yet. */
  exchange: () => Promise<boolean>;
  waker: Waker;
  now: () => number;
  random: () => number;
  /** How often to ask for news while all is well. */
  poll_ms: number;
  signal: AbortSignal;
  tell: (status: ReplayStatus) => void;
  /** Whether a person asked to try again since it was last asked. */
  wasAsked: () => boolean;
}

export const unknownStatus: ReplayStatus = { state: "idle", failures: 0, next_try_at_ms: null, last_error: null, last_contact_at_ms: null };

/** A timer takes no more. */
const FOREVER_MS = 2 ** 31 - 1;

/** The leader's work: exchanges with the server again and again until `signal` is aborted. */
export async function replay(options: ReplayOptions): Promise<void> {
  const { exchange, waker, now, random, poll_ms, signal, tell, wasAsked } = options;
  let status = unknownStatus;
  const become = (change: Partial<ReplayStatus>): void => {
    status = { ...status, next_try_at_ms: null, ...change };
    tell(status);
  };
  while (!signal.aborted) {
    if (status.state === "refused" && !wasAsked()) {
      await waker.sleep(FOREVER_MS, false);
      continue;
    }
    wasAsked();
    become({ state: "sending" });
    try {
      const isPaired = await exchange();
      if (isPaired) become({ state: "idle", failures: 0, last_error: null, last_contact_at_ms: now() });
      else become({ state: "unpaired", failures: 0, last_error: null });
      if (!signal.aborted) await waker.sleep(isPaired ? poll_ms : FOREVER_MS, true);
    } catch (error) {
      const failure = error instanceof CallFailed ? error : new CallFailed(null, "CLIENT", String(error));
      const last_error = { code: failure.code, detail: failure.message, at_ms: now() };
      const failures = status.failures + 1;
      if (failure.status === 401) {
        become({ state: "refused", failures, last_error });
        continue;
      }
      const waitMs = backoffMs(failures, random(), failure.retry_after_ms);
      become({ state: "waiting", failures, last_error, next_try_at_ms: now() + waitMs });
      if (!signal.aborted) await waker.sleep(waitMs, false);
    }
  }
}
