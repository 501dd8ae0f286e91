/** Long work that stops now and then, so that others get their turn; returns what it came to. */
export type Steps<T> = Generator<undefined, T, undefined>;

const ITEMS_PER_STEP = 100;

/** Takes one item after the other, a hundred a step. */
export function* inSteps<T>(items: readonly T[], take: (item: T, index: number) => void): Steps<void> {
  for (const [index, item] of items.entries()) {
    take(item, index);
    if ((index + 1) % ITEMS_PER_STEP === 0) yield;
  }
}

/** All of it at once. */
export function completed<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** All of it, with a turn for others after each step. */
export async function takingTurns<T>(steps: Steps<T>, turn: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await turn();
  }
}
