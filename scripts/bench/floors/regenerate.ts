/**
 * Rebuilds one store's rows and document by the bare statements: read the denormalised rows, compile and pack them, then replace rows and
 * document in one transaction. The floor of a regeneration: it is not wanted by anybody, checks nothing, proves nothing and announces nothing.
 */
interface Env {
  PRIMARY_URL: string;
  NAMESPACE_HEADER: string;
  TOKEN: string;
  /** The verb's own statements. All take the store's id as ?1, PUT_DOCUMENT the seven columns after it too. */
  COMPILED_ROWS: string;
  MODIFIER_GROUPS: string;
  DELETE_ROWS: string;
  INSERT_ROWS: string;
  PUT_DOCUMENT: string;
}

interface Cell {
  type: string;
  value: string;
}

interface StepResult {
  cols: { name: string }[];
  rows: Cell[][];
}

type Arg = { type: "text" | "integer"; value: string } | { type: "blob"; base64: string };

/** Another hash than any content has, so that whoever regenerates this store next finds it changed. */
const FLOOR_HASH = "floor";

const STORE = `SELECT s.location_id, s.name, s.code, s.timezone, s.locale, s.currency, s.address, m.live_revision,
    (SELECT revision FROM catalog_state), coalesce(d.menu_version, 0)
  FROM stores AS s JOIN store_menus AS m USING (store_id) LEFT JOIN storefront_documents AS d USING (store_id) WHERE s.store_id = ?1`;

const text = (value: string): Arg => ({ type: "text", value });
const integer = (value: string | number): Arg => ({ type: "integer", value: String(value) });
const read = (cell: Cell | undefined): string | null => (!cell || cell.type === "null" ? null : cell.value);

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const storeId = request.url.slice(request.url.lastIndexOf("/") + 1);
    const id = text(storeId);
    const [stores, rows, groups] = await run(env, [
      { sql: STORE, args: [id] },
      { sql: env.COMPILED_ROWS, args: [id, text("/media")] },
      { sql: env.MODIFIER_GROUPS, args: [id] },
    ]);
    const store = stores?.rows[0]?.map(read);
    if (!store || !rows || !groups) return new Response(null, { status: 500 });
    const [location_id, name, code, timezone, locale, currency, address, liveRevision, catalogRevision, version] = store;
    const menuVersion = Number(version) + 1;
    const nowMs = Date.now();
    const document = {
      store: { id: storeId, location_id, name, code, timezone, locale, currency, address: address ? JSON.parse(address) : null },
      menu_version: menuVersion,
      as_of: new Date(nowMs).toISOString(),
      currency,
      categories: categoriesOf(rows, groups),
    };
    const body = new TextEncoder().encode(JSON.stringify(document));
    const packed = new Response(body).body?.pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(packed ?? null).arrayBuffer());
    const version_args = [
      integer(menuVersion),
      integer(liveRevision ?? 0),
      integer(catalogRevision ?? 0),
      text(FLOOR_HASH),
      integer(nowMs),
    ];
    const done = await run(env, [
      { sql: "BEGIN IMMEDIATE", args: [] },
      { sql: env.DELETE_ROWS, args: [id] },
      { sql: env.INSERT_ROWS, args: [id, text("/media")] },
      { sql: env.PUT_DOCUMENT, args: [id, ...version_args, integer(body.length), { type: "blob", base64: bytes.toBase64() }] },
      { sql: "COMMIT", args: [] },
    ]);
    return new Response(null, { status: done.at(-1) ? 204 : 500 });
  },
};

function categoriesOf({ cols, rows }: StepResult, groups: StepResult): unknown[] {
  const known = new Map(groups.rows.map(([id, name, options]) => [read(id), { name: read(name), options: optionsOf(read(options)) }]));
  const at = new Map(cols.map(({ name }, index) => [name, index]));
  const categories: { id: string | null; name: string | null; view_type: string | null; items: unknown[] }[] = [];
  for (const row of rows) {
    const get = (column: string) => read(row[at.get(column) ?? -1]);
    const json = (column: string) => JSON.parse(get(column) ?? "[]");
    const id = get("category_id");
    let category = categories.at(-1);
    if (category?.id !== id) {
      category = { id, name: get("category_name"), view_type: get("category_view_type"), items: [] };
      categories.push(category);
    }
    const taxRate = get("tax_rate_e4");
    const uses: { id: string; min: number; max: number | null }[] = json("modifier_groups");
    const bundle: { quantity_e4: number }[] = json("bundle");
    category?.items.push({
      code: get("item_code"),
      variant_id: get("variant_id"),
      product_id: get("product_id"),
      name: get("name"),
      description: get("description"),
      price: Number(get("price_minor")),
      image_url: get("image_url"),
      tax_rate: taxRate === null ? null : Number(taxRate) / 10_000,
      tags: json("tags"),
      allergens: json("allergens"),
      modifier_groups: uses.map((use) => ({ ...use, ...known.get(use.id) })),
      bundle: bundle.map(({ quantity_e4, ...component }) => ({ ...component, quantity: quantity_e4 / 10_000 })),
    });
  }
  return categories;
}

function optionsOf(text: string | null): unknown[] {
  const options: { price_minor: number }[] = JSON.parse(text ?? "[]");
  return options.map(({ price_minor, ...option }) => ({ ...option, price: price_minor }));
}

/** The result of each statement, undefined from the first that failed. */
async function run(env: Env, statements: { sql: string; args: Arg[] }[]): Promise<(StepResult | undefined)[]> {
  const steps = statements.map((stmt, index) => (index === 0 ? { stmt } : { stmt, condition: { type: "ok", step: index - 1 } }));
  const answer = await fetch(`${env.PRIMARY_URL}/v3/pipeline`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${env.TOKEN}`, "x-namespace-bin": env.NAMESPACE_HEADER },
    body: JSON.stringify({ requests: [{ type: "batch", batch: { steps } }, { type: "close" }] }),
  });
  const { results }: { results: [{ response: { result: { step_results: (StepResult | null)[] } } }] } = await answer.json();
  return results[0].response.result.step_results.map((result) => result ?? undefined);
}
