/** What of the Web Locks API is used: `navigator.locks` is one. */
export interface Locks {
  request(name: string, options: { signal?: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/**
 * Runs `lead` while this tab is the only one of the device that does; waits for its turn until then. A tab that is closed or crashes lets go,
 * and the next one leads. Without locks (Node) the caller is alone. Resolves once `signal` is aborted and `lead` is done.
 */
export async function whileLeading(locks: Locks | null, name: string, signal: AbortSignal, lead: () => Promise<void>): Promise<void> {
  if (locks === null) return lead();
  try {
    await locks.request(name, { signal }, lead);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
