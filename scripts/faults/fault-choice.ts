/** What the proxy does to a request between Worker and sqld. */
export const FAULT_KINDS = [
  "delay",
  "refuse",
  "busy",
  "error_before",
  "error_after",
  "lost_answer",
  "cut_while_running",
  "cut_answer",
  "late",
  "stall",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Each kind in the words of the table. */
export const FAULT_WORDS: Record<FaultKind, string> = {
  delay: "delayed on its way",
  refuse: "connection reset, nothing forwarded",
  busy: "429, nothing forwarded",
  error_before: "503, nothing forwarded",
  error_after: "committed, then 502",
  lost_answer: "committed, answer lost",
  cut_while_running: "cut while it runs",
  cut_answer: "cut in the middle of the answer",
  late: "cut, and forwarded later",
  stall: "committed, never answered (deadline)",
};

/** How often each kind is chosen. A stall holds the one batch in flight until the writer's deadline of 8 s, so it is rare. */
const WEIGHTS: Record<FaultKind, number> = {
  delay: 12,
  refuse: 10,
  busy: 8,
  error_before: 10,
  error_after: 12,
  lost_answer: 14,
  cut_while_running: 12,
  cut_answer: 12,
  late: 14,
  stall: 3,
};

const DELAY_MS = { at_least: 20, at_most: 300 };
/** Often before the writer has made the batch void, often after it sent the same units again. */
const LATE_MS = { at_least: 1, at_most: 1_500 };

export interface Fault {
  kind: FaultKind;
  /** Of a delay, and of a late one's lateness. */
  ms: number;
  /** Called when the request has gone to sqld. */
  forwarded?: () => void;
  /** Called when sqld has answered, before anything of the answer goes back. */
  answered?: () => void | Promise<void>;
}

/** Numbers from 0 up to 1 that follow from the seed. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The fault of each request in turn, `share` of them none-null; `most` bounds how often a kind is chosen. */
export function faultChooser(seed: number, share: number, most: Partial<Record<FaultKind, number>> = {}): () => Fault | null {
  const random = randomFrom(seed);
  const chosen = new Map<FaultKind, number>();
  const between = ({ at_least, at_most }: typeof DELAY_MS) => Math.round(at_least + random() * (at_most - at_least));
  return () => {
    if (random() >= share) return null;
    const open = FAULT_KINDS.filter((kind) => (chosen.get(kind) ?? 0) < (most[kind] ?? Number.POSITIVE_INFINITY));
    const sum = open.reduce((total, kind) => total + WEIGHTS[kind], 0);
    let left = random() * sum;
    const kind = open.find((one) => {
      left -= WEIGHTS[one];
      return left < 0;
    });
    if (!kind) return null;
    chosen.set(kind, (chosen.get(kind) ?? 0) + 1);
    return { kind, ms: between(kind === "late" ? LATE_MS : DELAY_MS) };
  };
}
