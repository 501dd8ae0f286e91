import type { SqldPair } from "../sqld.ts";

export type RestartTimes = {
  /** After a clean stop, until each answers. */
  primary_start_ms: number;
  replica_start_ms: number;
  /** After a kill, until the primary answers. */
  primary_restart_ms: number;
};

export async function restartTimes(sqld: SqldPair): Promise<RestartTimes> {
  await sqld.stopReplica();
  await sqld.killPrimary("SIGTERM");
  const primary_start_ms = await timed(() => sqld.startPrimary());
  const replica_start_ms = await timed(() => sqld.startReplica());
  await sqld.killPrimary();
  const primary_restart_ms = await timed(() => sqld.startPrimary());
  return { primary_start_ms, replica_start_ms, primary_restart_ms };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
