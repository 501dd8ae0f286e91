import type { Contest } from "./contest.ts";
import type { Stand } from "./stand.ts";

/** One line of the table: a path of the Worker against the least that could do the same. */
export type BenchRow = {
  /** For --only. */
  name: string;
  path: string;
  floor: string;
  /** The ratio to reach. */
  target: number;
  /** Makes what both sides need and proves that they answer the same; throws where they do not. */
  open(stand: Stand): Promise<Contest>;
};
