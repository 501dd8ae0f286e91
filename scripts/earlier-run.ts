import { commandLine, endProcessGroup, membersOf } from "./process-group.ts";
import { forgetRun, readRun } from "./state-directory.ts";

/**
 * Makes sure that nobody else works on `dir`: two sqld over one directory would corrupt it. Throws where a stack runs on it;
 * ends what a killed one left behind and answers how many process groups that were.
 */
export async function endEarlierRun(dir: string): Promise<number> {
  const run = readRun(dir);
  if (!run) return 0;
  // Process ids are used again, so each is known by its command line too.
  if (commandLine(run.supervisor_pid) === run.supervisor_command) {
    throw new Error(`Servery already runs at ${run.base_url} (process ${run.supervisor_pid}): use that, or end it first`);
  }
  const left = run.child_pids.filter((pgid) => membersOf(pgid).some((pid) => commandLine(pid).includes(dir)));
  for (const pgid of left) await endProcessGroup(pgid);
  forgetRun(dir);
  return left.length;
}
