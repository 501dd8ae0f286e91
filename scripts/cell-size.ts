import { readFileSync } from "node:fs";

/** What a cell's nodes must be allowed for so many tenants; measured by npm run fleet, see docs/cells.md. */
export type CellSize = { max_namespaces: number; open_files: number };

/** Copies of moves, databases being restored, tenants that come before anybody looks. */
const headroomShare = 0.2;
const headroom = 20;
/** Of a replica, which opens more than a primary, with every database in use. */
const filesOfNamespace = 10;
const filesOfProcess = 200;

export function cellSize(tenants: number): CellSize {
  const max_namespaces = Math.ceil(tenants * (1 + headroomShare)) + headroom;
  return { max_namespaces, open_files: filesOfProcess + max_namespaces * filesOfNamespace };
}

/** Null where a node that is started from here may open enough. */
export function fileLimitProblem(tenants: number, limits: string): string | null {
  const { open_files } = cellSize(tenants);
  const soft = softFileLimit(limits);
  if (soft === null || soft >= open_files) return null;
  return `a node of a cell of ${tenants} tenants opens up to ${open_files} files and may open ${soft}: ulimit -n ${open_files}`;
}

/** What Linux says of this process's limits, which its children take over; empty elsewhere. */
export function ownLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

/** Null where there is none, or nobody says. */
function softFileLimit(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}
