import { utf8 } from "../../kernel/bytes.ts";
import { gzip } from "../../kernel/gzip.ts";
import { type Row, type Statement, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitStep } from "../../platform/db/unit-of-work.ts";
import { appliedAnswer } from "../../platform/http/reply.ts";
import { type Scope, unitOf } from "../../platform/http/scope.ts";
import { wantedDone } from "../../platform/writer/wanted.ts";
import { compileContent, contentHash, documentOf } from "./compile-document.ts";
import { COMPILED_ROWS, FLAT_ROWS, type FlatRow, type ModifierGroupRow, STORE_MODIFIER_GROUPS } from "./flat-rows.ts";
import type { StorefrontDocument } from "./storefront-document.ts";

const MOST_TRIES = 5;

/** `nothing`: it was not wanted any more, or the store has no menu. `same`: the content was what is served already. */
export type Regenerated = "nothing" | "same" | "raised";

/**
 * Rebuilds a store's `items_flat` rows and its storefront document from its live menu and the catalogue as they are now. Two round trips: one
 * read of the primary, one unit that is refused where either changed meanwhile, and then tried again. It takes the present state and nothing from
 * the message, so an old or repeated message can never bring back an older menu.
 * Throws where the store kept changing: the message comes again.
 */
export async function regenerateStore(scope: Scope, storeId: string): Promise<Regenerated> {
  for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
    const outcome = await tryOnce(scope, storeId);
    if (outcome !== "changed meanwhile") return outcome;
  }
  throw new Error(`store ${storeId} changed ${MOST_TRIES} times while its menu was compiled`);
}

/** Everything that the document depends on besides the rows; any of them moving on refuses what was compiled. */
const STATE = `SELECT w.requests, m.live_revision, (SELECT revision FROM catalog_state) AS catalog_revision,
    (SELECT image_revision FROM catalog_state) AS image_revision,
    s.location_id, s.name, s.code, s.timezone, s.locale, s.currency, s.address, s.updated_at_ms, d.menu_version, d.content_hash
  FROM wanted AS w LEFT JOIN stores AS s ON s.store_id = w.key LEFT JOIN store_menus AS m ON m.store_id = w.key
    LEFT JOIN storefront_documents AS d ON d.store_id = w.key
  WHERE w.kind = 'regenerate_store' AND w.key = ? AND w.state = 'wanted'`;

async function tryOnce(scope: Scope, storeId: string): Promise<Regenerated | "changed meanwhile"> {
  const [states = [], rows = [], groups = []] = await scope.db.read(
    [statement(STATE, storeId), statement(COMPILED_ROWS, storeId, scope.config.MEDIA_BASE_URL), statement(STORE_MODIFIER_GROUPS, storeId)],
    { fresh: true, snapshot: true },
  );
  const state = states[0];
  if (!state) return "nothing";
  const nowMs = scope.clock.now();
  const done = wantedDone("regenerate_store", storeId, Number(state["requests"]), nowMs);
  if (state["live_revision"] === null) {
    await commit(scope, [done]);
    return "nothing";
  }

  const content = compileContent(storeOf(storeId, state), rows as unknown as FlatRow[], groups as unknown as ModifierGroupRow[]);
  const hash = await contentHash(content);
  const unmoved = stillSo(storeId, state);
  if (hash === state["content_hash"]) {
    return (await commit(scope, [unmoved, markCurrent(storeId, state), done])) ? "same" : "changed meanwhile";
  }
  const menuVersion = Number(state["menu_version"] ?? 0) + 1;
  const text = utf8(JSON.stringify(documentOf(content, menuVersion, new Date(nowMs).toISOString())));
  const document = { menu_version: menuVersion, content_hash: hash, body: await gzip(text), body_bytes: text.length, now_ms: nowMs };
  const steps = [unmoved, ...replaceRows(storeId, scope.config.MEDIA_BASE_URL), putDocument(storeId, state, document), done];
  return (await commit(scope, steps)) ? "raised" : "changed meanwhile";
}

async function commit(scope: Scope, steps: UnitStep[]): Promise<boolean> {
  // `wakes`: a request that came meanwhile leaves it wanted.
  const unit = unitOf(scope, { steps, answer: { status: 200, select: statement("SELECT json_object()") }, lane: "bulk", wakes: true });
  const result = await scope.db.write(unit);
  if (result.kind === "refused" && result.code === "CONFLICT") return false;
  appliedAnswer(result);
  return true;
}

const storeOf = (storeId: string, state: Row): StorefrontDocument["store"] => ({
  id: storeId,
  location_id: String(state["location_id"]),
  name: String(state["name"]),
  code: state["code"] as string | null,
  timezone: String(state["timezone"]),
  locale: String(state["locale"]),
  currency: String(state["currency"]),
  address: state["address"] === null ? null : JSON.parse(String(state["address"])),
});

const value = (state: Row, column: string) => state[column] ?? null;

const stillSo = (storeId: string, state: Row): Guard => ({
  guard: "CONFLICT",
  holds: `(SELECT live_revision FROM store_menus WHERE store_id = ?1) = ?2 AND (SELECT revision FROM catalog_state) = ?3
    AND (SELECT image_revision FROM catalog_state) = ?6
    AND (SELECT updated_at_ms FROM stores WHERE store_id = ?1) = ?4
    AND (SELECT menu_version FROM storefront_documents WHERE store_id = ?1) IS ?5`,
  args: [
    storeId,
    value(state, "live_revision"),
    value(state, "catalog_revision"),
    value(state, "updated_at_ms"),
    value(state, "menu_version"),
    value(state, "image_revision"),
  ],
});

const replaceRows = (storeId: string, mediaBase: string): Statement[] => [
  statement("DELETE FROM items_flat WHERE store_id = ?", storeId),
  statement(
    `INSERT INTO items_flat (store_id, position, category_id, category_name, category_view_type, variant_id, product_id, item_code, name,
       description, price_minor, currency, image_url, tax_rate_e4, tags, allergens, modifier_groups, bundle) ${FLAT_ROWS}`,
    storeId,
    mediaBase,
  ),
];

const markCurrent = (storeId: string, state: Row): Statement =>
  statement(
    "UPDATE storefront_documents SET live_revision = ?, catalog_revision = ? WHERE store_id = ?",
    value(state, "live_revision"),
    value(state, "catalog_revision"),
    storeId,
  );

interface CompiledDocument {
  menu_version: number;
  content_hash: string;
  body: Uint8Array;
  body_bytes: number;
  now_ms: number;
}

const putDocument = (storeId: string, state: Row, document: CompiledDocument): Statement =>
  statement(
    `INSERT INTO storefront_documents (store_id, menu_version, live_revision, catalog_revision, content_hash, compiled_at_ms, body_bytes, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (store_id) DO UPDATE SET menu_version = excluded.menu_version, live_revision = excluded.live_revision,
       catalog_revision = excluded.catalog_revision, content_hash = excluded.content_hash, compiled_at_ms = excluded.compiled_at_ms,
       body_bytes = excluded.body_bytes, body = excluded.body`,
    storeId,
    document.menu_version,
    value(state, "live_revision"),
    value(state, "catalog_revision"),
    document.content_hash,
    document.now_ms,
    document.body_bytes,
    document.body,
  );
