import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export type NodeFigures = { rss_bytes: number; open_files: number; disk_bytes: number };

/** What one sqld node takes: memory and files of the process, bytes under its directory. */
export function nodeFigures(pid: number, dir: string): NodeFigures {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    rss_bytes: Number(kilobytes) * 1024,
    open_files: readdirSync(`/proc/${pid}/fd`).length,
    disk_bytes: bytesUnder(dir),
  };
}

/** Blocks, not lengths: what the disk has given away. */
function bytesUnder(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // A temporary file may be gone by now.
    bytes += (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }
  return bytes;
}
