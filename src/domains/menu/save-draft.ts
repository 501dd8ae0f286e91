import { sha256Hex } from "../../kernel/bytes.ts";
import { statement } from "../../platform/db/statement.ts";
import type { UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { draftAnswer } from "./draft-json.ts";
import type { SaveDraft } from "./schemas.ts";

/** The sections as they are stored, and the hash of all that a publish copies from a draft. */
export async function storedDraft(draft: SaveDraft): Promise<{ sections: string; content_hash: string }> {
  const sections = draft.sections.map(({ name, display_type, items }) => ({
    name,
    display_type,
    items: items.map(({ item_code, price }) => ({ item_code, price_minor: price ?? null })),
  }));
  const { name, currency, provider } = draft;
  return { sections: JSON.stringify(sections), content_hash: await sha256Hex(JSON.stringify([name, currency, provider, sections])) };
}

/** Keeps a new draft. Answers it with what the catalogue has against it now. No refusals of its own. */
export async function createDraft(scope: RequestScope, draft: SaveDraft): Promise<UnitResult> {
  const draftId = scope.clock.newId();
  const { sections, content_hash } = await storedDraft(draft);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `INSERT INTO menu_drafts (draft_id, name, currency, provider, sections, content_hash, revision, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)`,
          draftId,
          draft.name,
          draft.currency,
          draft.provider,
          sections,
          content_hash,
          scope.clock.now(),
        ),
      ],
      answer: { status: 201, select: draftAnswer(draftId) },
    }),
  );
}

/** Replaces a draft as a whole; what was published of it stays published. Refusals: NOT_FOUND. */
export async function replaceDraft(scope: RequestScope, draftId: string, draft: SaveDraft): Promise<UnitResult> {
  const { sections, content_hash } = await storedDraft(draft);
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `UPDATE menu_drafts SET name = ?, currency = ?, provider = ?, sections = ?, content_hash = ?, revision = revision + 1, updated_at_ms = ?
           WHERE draft_id = ?`,
          draft.name,
          draft.currency,
          draft.provider,
          sections,
          content_hash,
          scope.clock.now(),
          draftId,
        ),
        { guard: "NOT_FOUND", details: statement("SELECT json_object('detail', 'There is no such draft.')") },
      ],
      answer: { status: 200, select: draftAnswer(draftId) },
    }),
  );
}
