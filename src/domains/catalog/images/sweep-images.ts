import { type Statement, statement } from "../../../platform/db/statement.ts";
import type { UnitStep } from "../../../platform/db/unit-of-work.ts";
import { appliedAnswer } from "../../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import { logEvent } from "../../../platform/observability/log.ts";
import type { WantedHandler } from "../../../platform/queues/handlers.ts";
import { wantedDone, wantedNext } from "../../../platform/writer/wanted.ts";
import { imagesOf, incomingOf } from "../../media/index.ts";
import { CONDEMNED_MS } from "./record-copies.ts";
import { wantSweep } from "./want-images.ts";

/** An object that nothing names is left alone for so long: menus are rolled back, and pages are kept by caches. */
export const GRACE_MS = 7 * 86_400_000;
/** Parts of an image that was given up in the middle. */
const INCOMING_GRACE_MS = 86_400_000;
const OBJECTS_A_PAGE = 500;

/** A condition on a path `o.value` that holds where a slice names the object. Its arguments come first. */
export type NamesImage = (tenantId: string) => Statement;

const namedByCatalog: NamesImage = () =>
  statement(`EXISTS (SELECT 1 FROM products AS p WHERE p.main_image_url = o.value)
    OR EXISTS (SELECT 1 FROM product_images AS i WHERE i.object_path = o.value)`);

/**
 * Removes a page of the images that nothing has named for the grace time, and asks for the next page, or for tomorrow's sweep.
 *
 * Never one that is named: what is to go is first condemned, in a unit of work that takes only paths which no row names, and while a path is
 * condemned no unit can name it (`record-copies.ts`, `put-image.ts`). Only then is the object deleted, and the row is kept for longer than
 * any copy takes.
 */
export const sweepImages =
  (namedElsewhere: readonly NamesImage[]): WantedHandler =>
  async (scope, message) => {
    const { MEDIA } = scope.bindings;
    const nowMs = scope.clock.now();
    const { tenant_id } = scope.tenant;
    const cursor = message.payload["cursor"];
    const listed = await MEDIA.list({
      prefix: imagesOf(tenant_id),
      limit: OBJECTS_A_PAGE,
      ...(typeof cursor === "string" ? { cursor } : {}),
    });
    const old = listed.objects.filter(({ uploaded }) => uploaded.getTime() < nowMs - GRACE_MS).map(({ key }) => key);
    const condemned = old.length === 0 ? [] : await condemn(scope, old, [namedByCatalog, ...namedElsewhere]);
    if (condemned.length > 0) await MEDIA.delete(condemned);
    if (!listed.truncated) await dropParts(scope, nowMs);
    if (condemned.length > 0) logEvent("images.swept", { tenant: scope.tenant.slug, removed: condemned.length });
    const isEmpty = typeof cursor !== "string" && listed.objects.length === 0;
    await write(scope, [
      statement("DELETE FROM condemned_images WHERE condemned_at_ms < ?", nowMs - CONDEMNED_MS),
      ...(listed.truncated
        ? [wantedNext(message.kind, message.key, message.requests, { payload: { cursor: listed.cursor }, due_at_ms: nowMs }, nowMs)]
        : [wantedDone(message.kind, message.key, message.requests, nowMs), ...(isEmpty ? [] : [wantSweep(nowMs)])]),
    ]);
  };

/** Of these paths, those that no row names; from now on none can. */
async function condemn(scope: Scope, paths: readonly string[], named: readonly NamesImage[]): Promise<string[]> {
  const conditions = named.map((one) => one(scope.tenant.tenant_id));
  const nowMs = scope.clock.now();
  const list = JSON.stringify(paths);
  await write(scope, [
    statement(
      `INSERT INTO condemned_images (object_path, condemned_at_ms)
       SELECT o.value, ? FROM json_each(?) AS o WHERE NOT (${conditions.map(({ sql }) => `(${sql})`).join(" OR ")})
       ON CONFLICT (object_path) DO UPDATE SET condemned_at_ms = excluded.condemned_at_ms`,
      nowMs,
      list,
      ...conditions.flatMap(({ args }) => args),
    ),
  ]);
  const [rows = []] = await scope.db.read(
    [statement("SELECT object_path FROM condemned_images WHERE object_path IN (SELECT value FROM json_each(?))", list)],
    { fresh: true },
  );
  return rows.map((row) => String(row["object_path"]));
}

async function dropParts(scope: Scope, nowMs: number): Promise<void> {
  const { objects } = await scope.bindings.MEDIA.list({ prefix: incomingOf(scope.tenant.tenant_id), limit: OBJECTS_A_PAGE });
  const old = objects.filter(({ uploaded }) => uploaded.getTime() < nowMs - INCOMING_GRACE_MS).map(({ key }) => key);
  if (old.length > 0) await scope.bindings.MEDIA.delete(old);
}

async function write(scope: Scope, steps: UnitStep[]): Promise<void> {
  const answer = { status: 200, select: statement("SELECT 'null'") };
  appliedAnswer(await scope.db.write(unitOf(scope, { steps, answer, lane: "bulk", wakes: true })));
}
