const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `work` with a signal that is aborted when the process is asked to end, so that it can undo what it has begun. */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const asked = new AbortController();
  const abort = (name: NodeJS.Signals) => asked.abort(new Error(`ended by ${name}`));
  for (const name of signals) process.on(name, abort);
  try {
    return await work(asked.signal);
  } finally {
    for (const name of signals) process.removeListener(name, abort);
  }
}
