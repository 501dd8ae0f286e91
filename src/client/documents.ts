import type { Api } from "./api.ts";
import type { TillDatabase } from "./till-database.ts";

export type Documents = ReturnType<typeof createDocuments>;

/** Whole documents that the feed only points at (the live menu, what can be ordered), kept by address and asked for by entity tag. */
export function createDocuments(database: TillDatabase, api: Api, now: () => number) {
  return {
    async read<T>(url: string): Promise<T | null> {
      return ((await database.get("documents", url))?.body as T | undefined) ?? null;
    },

    /** Whether there was a newer one. Throws `CallFailed`; the one that is kept stays. */
    async refresh(url: string): Promise<boolean> {
      const kept = await database.get("documents", url);
      const fresh = await api.document(url, kept?.etag ?? null);
      if (fresh === null) return false;
      await database.put("documents", { url, ...fresh, fetched_at_ms: now() });
      return true;
    },
  };
}
