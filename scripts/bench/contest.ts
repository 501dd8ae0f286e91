import { setTimeout as sleep } from "node:timers/promises";

/** One side's figures of one round. */
export type Measurement = {
  requests_per_s: number;
  /** null where it is not single requests that are measured. */
  p50_ms: number | null;
  p99_ms: number | null;
  /** Of the workerd process alone, µs a request. */
  cpu_us: number;
  /** How much of a core the load generator used; near 1 it is the generator that was measured. */
  generator_cores: number;
};

export type Side = (seconds: number) => Promise<Measurement>;

/** Two sides that answer the same; `stop` ends what was started for them. */
export type Contest = { ours: Side; floor: Side; stop(): Promise<void> };

export type Round = { ours: Measurement; floor: Measurement };

export type Summary = {
  ours: Measurement;
  floor: Measurement;
  /** Ours to the floor's requests/s: of each round, then their median. */
  ratio: number;
  lowest_ratio: number;
  highest_ratio: number;
  /** The floor's CPU to ours, of the workerd processes: what the ratio would be if nothing but the Worker's own work counted. */
  cpu_ratio: number;
};

const restMs = 100;

/** Both sides in turn, each round in the other order, after one that does not count. */
export async function runContest(contest: Contest, { rounds, seconds }: { rounds: number; seconds: number }): Promise<Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair = new Map<Side, Measurement>();
    const order = round % 2 === 0 ? [contest.ours, contest.floor] : [contest.floor, contest.ours];
    for (const side of order) {
      pair.set(side, await side(seconds));
      await sleep(restMs);
    }
    if (round > 0) measured.push({ ours: pair.get(contest.ours) as Measurement, floor: pair.get(contest.floor) as Measurement });
  }
  return measured;
}

export function summarise(rounds: readonly Round[]): Summary {
  const ratios = rounds.map(({ ours, floor }) => ours.requests_per_s / floor.requests_per_s);
  return {
    ours: middle(rounds.map(({ ours }) => ours)),
    floor: middle(rounds.map(({ floor }) => floor)),
    ratio: median(ratios),
    lowest_ratio: Math.min(...ratios),
    highest_ratio: Math.max(...ratios),
    cpu_ratio: median(rounds.map(({ ours, floor }) => floor.cpu_us / ours.cpu_us)),
  };
}

function middle(measured: readonly Measurement[]): Measurement {
  const of = (field: keyof Measurement) => median(measured.map((one) => one[field] ?? Number.NaN));
  const orNull = (number: number) => (Number.isNaN(number) ? null : number);
  return {
    requests_per_s: of("requests_per_s"),
    p50_ms: orNull(of("p50_ms")),
    p99_ms: orNull(of("p99_ms")),
    cpu_us: of("cpu_us"),
    generator_cores: of("generator_cores"),
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? upper) + upper) / 2 : upper;
}
