/** A sleep that somebody can end. */
export interface Waker {
  /** Until `ms` have passed or somebody wakes it; `eager` also by what is not urgent. */
  sleep(ms: number, eager: boolean): Promise<void>;
  /** Ends the sleep; what is not `urgent` only an eager one. What comes while nobody sleeps is kept for the next. */
  wake(urgent: boolean): void;
}

export function createWaker(setTimer: (done: () => void, ms: number) => unknown, clearTimer: (timer: never) => void): Waker {
  let end: (() => void) | null = null;
  let isEager = false;
  let missed: "urgent" | "usual" | null = null;
  return {
    sleep(ms, eager) {
      if (missed === "urgent" || (missed === "usual" && eager)) {
        missed = null;
        return Promise.resolve();
      }
      missed = null;
      isEager = eager;
      return new Promise((resolve) => {
        const timer = setTimer(finish, ms);
        function finish(): void {
          clearTimer(timer as never);
          end = null;
          resolve();
        }
        end = finish;
      });
    },
    wake(urgent) {
      if (end === null) missed = urgent || missed === "urgent" ? "urgent" : "usual";
      else if (urgent || isEager) end();
    },
  };
}
