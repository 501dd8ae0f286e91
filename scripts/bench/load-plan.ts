/** One stretch of load, as it is handed to the load generator. */
export type LoadPlan = {
  base_url: string;
  connections: number;
  seconds: number;
  method: "GET" | "POST";
  /** `[<id>]`, here and in the body, becomes another text in each request where `fresh_ids`; in the body `[<v7>]` the first 23 characters of a UUIDv7. */
  headers: Record<string, string>;
  body?: string;
  fresh_ids: boolean;
  /** Asked in turn, dealt out to the connections, from `first_path` on. */
  paths: string[];
  first_path: number;
  /** Any other status makes the measurement void. */
  expect_status: number;
};

export type LoadResult = {
  requests: number;
  requests_per_s: number;
  p50_ms: number;
  p99_ms: number;
  /** How much of one core the generator itself used; near 1 it is the generator that is measured. */
  generator_cores: number;
};

/** What the connection with this index asks: every n-th path, beginning where the last stretch ended, so that all go through the list together. */
export function pathsOf(plan: Pick<LoadPlan, "paths" | "first_path" | "connections">, connection: number): string[] {
  const { paths, first_path, connections } = plan;
  const share: string[] = [];
  for (let index = connection; index < Math.max(paths.length, connection + 1); index += connections) {
    share.push(paths[(first_path + index) % paths.length] as string);
  }
  return share;
}

/** The value that `share` of the sorted numbers do not exceed; 0 where there are none. */
export const percentile = (sorted: ArrayLike<number>, share: number): number =>
  sorted.length === 0 ? 0 : (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0);
