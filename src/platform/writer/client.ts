import type { Config } from "../../env.ts";
import { AppError } from "../../kernel/errors.ts";
import type { CommitUnits } from "../db/database.ts";
import type { MigrationReport } from "../db/migrator.ts";
import type { Database } from "../db/tenant.ts";
import type { UnitResult } from "../db/unit-of-work.ts";
import { logEvent } from "../observability/log.ts";
import type { TenantWriter, WriteTarget } from "./tenant-writer.object.ts";

export interface WriterClient {
  commit: CommitUnits;
  /** Throws AppError UNAVAILABLE with the reason in its cause. */
  migrate(database: Database): Promise<MigrationReport>;
  sweep(database: Database): Promise<void>;
  /** Ends all writing to the database, after what has begun. Throws AppError UNAVAILABLE. */
  fence(database: Database, adminUrl: string, reason: string): Promise<void>;
  /** Where the database was replaced by an earlier one of itself. */
  forget(database: Database): Promise<void>;
}

export function writerClient(namespace: DurableObjectNamespace<TenantWriter>, config: Config): WriterClient {
  const writerOf = (database: Database) => namespace.getByName(database.id, { locationHint: config.WRITER_LOCATION_HINT });
  const targetOf = ({ id, namespace, primary_url, placed_at_ms }: Database): WriteTarget => ({ id, namespace, primary_url, placed_at_ms });

  return {
    async commit(database, units) {
      try {
        // The stub's own types wrap every member of a result; what crosses is plain data.
        return (await writerOf(database).commit(targetOf(database), units)) as UnitResult[];
      } catch (error) {
        // An overloaded object has done nothing; one that broke may have: a retry with the same key finds out.
        logEvent("writer.unreachable", { tenant: database.id, reason: String(error) });
        const kind = (error as { overloaded?: boolean }).overloaded ? "busy" : "unavailable";
        return units.map(() => ({ kind }));
      }
    },
    async migrate(database) {
      try {
        return await writerOf(database).migrate(targetOf(database));
      } catch (cause) {
        throw new AppError("UNAVAILABLE", {
          detail: `The database could not be migrated: ${cause instanceof Error ? cause.message : cause}`,
          cause,
        });
      }
    },
    async sweep(database) {
      await writerOf(database).sweep(targetOf(database));
    },
    async forget(database) {
      await writerOf(database).forget();
    },
    async fence(database, adminUrl, reason) {
      try {
        await writerOf(database).fence(targetOf(database), adminUrl, reason);
      } catch (cause) {
        throw new AppError("UNAVAILABLE", {
          detail: `The database was not closed to writes: ${cause instanceof Error ? cause.message : cause}`,
          cause,
        });
      }
    },
  };
}
