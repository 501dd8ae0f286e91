import { percentile } from "../bench/load-plan.ts";
import { readMenu, type ServedTenant } from "./provision-tenant.ts";

export type ReadLatency = { tenants: number; reads: number; p50_ms: number; p99_ms: number };

/**
 * Menu reads past the isolate's memory to the replica, one after the other: for each of `sizes` from so many tenants in their turn, and of the
 * sizes in turn too, so that what else the machine does falls on all of them alike. Every tenant is read once before.
 */
export async function readLatency(
  baseUrl: string,
  tenants: readonly ServedTenant[],
  sizes: readonly number[],
  reads: number,
): Promise<ReadLatency[]> {
  for (const tenant of tenants) await readMenu(baseUrl, tenant);
  const series = sizes.map((size) => ({ size, times: new Float64Array(reads) }));
  for (let read = 0; read < reads; read++) {
    for (const { size, times } of series) {
      const startedMs = performance.now();
      if (!(await readMenu(baseUrl, tenants[read % size] as ServedTenant))) throw new Error("a menu is gone");
      times[read] = performance.now() - startedMs;
    }
  }
  return series.map(({ size, times }) => {
    times.sort();
    return { tenants: size, reads, p50_ms: percentile(times, 0.5), p99_ms: percentile(times, 0.99) };
  });
}
