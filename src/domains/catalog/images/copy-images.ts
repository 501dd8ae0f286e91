import { type Row, statement } from "../../../platform/db/statement.ts";
import type { UnitStep } from "../../../platform/db/unit-of-work.ts";
import { appliedAnswer } from "../../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../../platform/http/scope.ts";
import { logEvent } from "../../../platform/observability/log.ts";
import type { WantedHandler } from "../../../platform/queues/handlers.ts";
import type { WantedMessage } from "../../../platform/queues/messages.ts";
import { wantedDone, wantedTaken } from "../../../platform/writer/wanted.ts";
import { type Copied, copyImage, type FetchRules, resolverAt } from "../../media/index.ts";
import { decideCopy, type ImageResult, MOST_ATTEMPTS } from "./decide-copy.ts";
import { recordCopies } from "./record-copies.ts";
import { wantImageCopy } from "./want-images.ts";

const PAGE = 100;
/** Each takes two connections, of which the platform gives six. */
const AT_ONCE = 3;
/** No further image is begun after this; what is left of the page goes back. */
const PAGE_MS = 20_000;
/** How long a page is nobody else's: longer than its time and one image's deadline together. */
const CLAIM_MS = 45_000;

interface ClaimedImage {
  product_id: string;
  source_url: string;
  attempts: number;
  object_path: string | null;
  copied_url: string | null;
  etag: string | null;
  last_modified: string | null;
}

/**
 * Copies a page of the images that are due and asks for the next. All state is in the rows: a page whose worker died is free again when its
 * claim has run out, and of two deliveries at once one finds it taken. An image that fails is a row that says so, never a failed job.
 */
export const copyImages: WantedHandler = async (scope, message) => {
  const claim = scope.clock.newId();
  const startedMs = scope.clock.now();
  const images = await claimPage(scope, message, claim);
  if (!images) return;
  const results = await copyPage(scope, images, startedMs + PAGE_MS);
  const nowMs = scope.clock.now();
  await write(scope, [
    ...recordCopies(scope, claim, results, nowMs),
    wantedDone(message.kind, message.key, message.requests + 1, nowMs),
    wantImageCopy(nowMs),
  ]);
  if (results.length > 0) logPage(scope, results, nowMs - startedMs);
};

/** False where another delivery has taken it. */
async function write(scope: Scope, steps: UnitStep[]): Promise<boolean> {
  const answer = { status: 200, select: statement("SELECT 'null'") };
  const result = await scope.db.write(unitOf(scope, { steps, answer, lane: "bulk", wakes: true }));
  if (result.kind === "refused" && result.code === "CONFLICT") return false;
  appliedAnswer(result);
  return true;
}

/** null: another delivery of the message is at it. */
async function claimPage(scope: Scope, message: WantedMessage, claim: string): Promise<ClaimedImage[] | null> {
  const nowMs = scope.clock.now();
  const isOurs = await write(scope, [
    wantedTaken(message.kind, message.key, message.requests, nowMs + CLAIM_MS),
    { guard: "CONFLICT" },
    statement(
      `UPDATE product_images SET state = 'failed', reason = 'interrupted', detail = NULL, next_attempt_at_ms = NULL, updated_at_ms = ?1
       WHERE state = 'pending' AND next_attempt_at_ms <= ?1 AND attempts >= ?2`,
      nowMs,
      MOST_ATTEMPTS,
    ),
    statement(
      `UPDATE product_images SET claim = ?1, attempts = attempts + 1, next_attempt_at_ms = ?2
       WHERE product_id IN (SELECT i.product_id FROM product_images AS i INDEXED BY product_images_due
         WHERE i.state = 'pending' AND i.next_attempt_at_ms <= ?3 ORDER BY i.next_attempt_at_ms LIMIT ?4)`,
      claim,
      nowMs + CLAIM_MS,
      nowMs,
      PAGE,
    ),
  ]);
  if (!isOurs) return null;
  const [rows = []] = await scope.db.read(
    [
      statement(
        `SELECT i.product_id, i.source_url, i.attempts, i.object_path, i.copied_url, i.etag, i.last_modified
         FROM product_images AS i INDEXED BY product_images_due WHERE i.state = 'pending' AND i.next_attempt_at_ms = ? AND i.claim = ?`,
        nowMs + CLAIM_MS,
        claim,
      ),
    ],
    { fresh: true },
  );
  return rows as (Row & ClaimedImage)[];
}

/** A few at a time; one address that several products share is asked for once. */
async function copyPage(scope: Scope, images: readonly ClaimedImage[], untilMs: number): Promise<ImageResult[]> {
  const { IMAGE_HOSTS = [], DNS_RESOLVER_URL } = scope.config;
  const rules: FetchRules = { named: new Set(IMAGE_HOSTS), resolve: DNS_RESOLVER_URL === undefined ? null : resolverAt(DNS_RESOLVER_URL) };
  const queue = [...Map.groupBy(images, sourceOf).values()];
  const results: ImageResult[] = [];
  const work = async (): Promise<void> => {
    for (let group = queue.shift(); group; group = queue.shift()) {
      const isInTime = scope.clock.now() < untilMs;
      const copied = isInTime && group[0] ? await copyOne(scope, group[0], rules) : null;
      const nowMs = scope.clock.now();
      for (const image of group) results.push(decideCopy(image, copied, nowMs));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** The same address asked for under the same conditions. */
const sourceOf = ({ source_url, copied_url, etag, last_modified }: ClaimedImage): string =>
  JSON.stringify(source_url === copied_url ? [source_url, etag, last_modified] : [source_url]);

async function copyOne(scope: Scope, image: ClaimedImage, rules: FetchRules): Promise<Copied> {
  const { MEDIA } = scope.bindings;
  // What the provider gave holds for that address alone, and while the copy is there.
  const isSame = image.source_url === image.copied_url && image.object_path !== null;
  const isKept = isSame && (await MEDIA.head(image.object_path ?? "").catch(() => null)) !== null;
  const source = { url: image.source_url, etag: isKept ? image.etag : null, last_modified: isKept ? image.last_modified : null };
  return copyImage(MEDIA, scope.tenant.tenant_id, source, rules, () => scope.clock.newId());
}

function logPage(scope: Scope, results: readonly ImageResult[], duration_ms: number): void {
  const states = Object.fromEntries([...Map.groupBy(results, ({ state }) => state)].map(([state, { length }]) => [state, length]));
  logEvent("images.page_copied", { tenant: scope.tenant.slug, images: results.length, ...states, duration_ms });
}
