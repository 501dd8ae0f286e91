import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { writePrivateFile } from "./keys.ts";

/** Where the local stack keeps what it is: databases, objects, keys, logs. Not in git; SERVERY_STATE_DIR names another. */
export const stateDirectory = resolve(process.env.SERVERY_STATE_DIR ?? join(import.meta.dirname, "../.servery"));

const Demo = z.object({
  base_url: z.url(),
  tenants: z.array(
    z.object({
      slug: z.string(),
      host: z.string(),
      admin_key: z.string(),
      kds_key: z.string(),
      stores: z.array(z.object({ id: z.string(), name: z.string() })),
    }),
  ),
});

/** What the demo tenants are and how to reach them. Their keys are shown once, so this is where they are kept. */
export type Demo = z.infer<typeof Demo>;
export type LoadedTenant = Demo["tenants"][number];

const Run = z.object({
  base_url: z.url(),
  supervisor_pid: z.number().int(),
  supervisor_command: z.string(),
  /** Leaders of the process groups that the supervisor started. */
  child_pids: z.array(z.number().int()),
});

/** The stack that runs now, or that ended without winding up. */
export type Run = z.infer<typeof Run>;

export const readDemo = (dir: string): Demo | null => read(join(dir, "demo.json"), Demo);
export const writeDemo = (dir: string, demo: Demo): void => write(dir, "demo.json", demo);
export const readRun = (dir: string): Run | null => read(join(dir, "run.json"), Run);
export const writeRun = (dir: string, run: Run): void => write(dir, "run.json", run);
export const forgetRun = (dir: string): void => rmSync(join(dir, "run.json"), { force: true });

/** A path as one would type it from where one stands. */
export const shown = (path: string): string => relative(process.cwd(), path) || ".";

function write(dir: string, name: string, value: unknown): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writePrivateFile(join(dir, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Null where there is none, or where it is not of this shape (made by another version): then it is as good as none. */
function read<T>(path: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}
