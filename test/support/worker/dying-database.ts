import type { DatabaseHandle } from "../../../src/platform/db/database.ts";

/** Dies at the write of this number: before it is sent, or after it was committed and its answer lost. */
export function dyingAt(db: DatabaseHandle, write: number, when: "before" | "after"): DatabaseHandle {
  let writes = 0;
  return {
    ...db,
    write: async (unit) => {
      writes += 1;
      if (writes === write && when === "before") throw new Error("the Worker died");
      const result = await db.write(unit);
      if (writes === write) throw new Error("the Worker died");
      return result;
    },
  };
}
