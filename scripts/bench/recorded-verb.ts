import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../..");

export type RecordedStatement = { sql: string; args: (string | number | null)[] };
export type RecordedUnit = { steps: (RecordedStatement | { guard: string })[]; answer: { status: number; select: RecordedStatement } };

/** The scope as verbs see it, as far as verbs that only write need it. */
export type RecordingScope = {
  clock: { now(): number; newId(): string };
  db: { write(unit: RecordedUnit): Promise<unknown>; read(statements: RecordedStatement[]): Promise<unknown[][]> };
};

/**
 * An exported verb of a slice, to be run on a recording scope: so that a floor runs the very statements of the verb. Loaded by its path: src/
 * is typed for the Worker and cannot be part of a Node program's types.
 */
export async function loadVerb<T>(path: string, name: string): Promise<T> {
  const module: Record<string, unknown> = await import(pathToFileURL(join(root, path)).href);
  if (typeof module[name] !== "function") throw new Error(`${path} exports no ${name}`);
  return module[name] as T;
}

/** The unit that `verb` writes when ids are the text `$id` and the time is now. */
export async function recordUnit(verb: (scope: RecordingScope) => Promise<unknown>): Promise<RecordedUnit> {
  const units: RecordedUnit[] = [];
  const nowMs = Date.now();
  await verb({
    clock: { now: () => nowMs, newId: () => "$id" },
    db: {
      write: async (unit) => {
        units.push(unit);
      },
      read: async () => {
        throw new Error("the verb reads before it writes");
      },
    },
  });
  const [unit] = units;
  if (!unit || units.length > 1) throw new Error(`the verb wrote ${units.length} units`);
  return unit;
}
