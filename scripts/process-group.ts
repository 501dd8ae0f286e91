import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends a process group: asks its leader (who knows how to wind up the rest) or, where the leader is gone, everybody;
 * kills what is left after `graceMs`.
 */
export async function endProcessGroup(pgid: number, graceMs = 4000): Promise<void> {
  signal(isAlive(pgid) ? pgid : -pgid, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (membersOf(pgid).length > 0) {
    if (Date.now() > deadline) {
      signal(-pgid, "SIGKILL");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function killProcessGroup(pgid: number): void {
  signal(-pgid, "SIGKILL");
}

export function isAlive(pid: number): boolean {
  const stat = statOf(String(pid));
  return stat !== null && stat.state !== "Z";
}

/** The command line of a process, or an empty text where it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Living processes of the group; a zombie that nobody reaps (a container's first process may not) does not count. */
export function membersOf(pgid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = statOf(name);
      return stat?.pgid === pgid && stat.state !== "Z";
    })
    .map(Number);
}

function statOf(pid: string): { state: string; pgid: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets and may hold anything.
    const [state = "", , pgid = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, pgid: Number(pgid) };
  } catch {
    return null;
  }
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
