import type { BenchRow } from "../bench-row.ts";
import { kitchen } from "../bench-tenants.ts";
import { type RawAnswer, rawAnswer } from "../raw-answer.ts";
import type { Stand, StandTenant } from "../stand.ts";
import { copyStores } from "./copy-stores.ts";
import { againstConstant, againstFloor, hranaRowFloor } from "./read-floors.ts";
import { postDraft } from "./writes.ts";

/** What an isolate remembers of menus (src/domains/menu/storefront-cache.ts); so many stores that it holds none until it is asked for again. */
const remembered = { bytes: 64 * 1024 * 1024, bytes_an_entry: 512, surplus: 1.25 };

const DOCUMENT_ROW = "SELECT menu_version, content_hash, body FROM storefront_documents WHERE store_id = ?1";
const VERSION_ROW = "SELECT menu_version, content_hash, NULL FROM storefront_documents WHERE store_id = ?1";
const COMMIT_STATE = "SELECT epoch, commit_seq FROM commit_state";

const COPY_DOCUMENT = {
  table: "storefront_documents",
  key: "store_id",
  columns: "menu_version, live_revision, catalog_revision, content_hash, compiled_at_ms, body_bytes, body",
} as const;

const menuPath = (storeId: string): string => `/api/v1/stores/${storeId}/menu`;

export const menuReads: BenchRow[] = [
  {
    name: "menu-warm",
    path: "menu read, warm isolate",
    floor: "constant answer of the same bytes",
    target: 0.85,
    async open(stand) {
      const { headers, paths, answer } = await kitchenMenu(stand);
      return againstConstant(stand, headers, paths, answer);
    },
  },
  {
    name: "menu-304",
    path: "menu read, If-None-Match hit",
    floor: "constant 304",
    target: 0.85,
    async open(stand) {
      const { headers, paths, answer } = await kitchenMenu(stand);
      const etag = answer.headers.find(([name]) => name === "etag")?.[1] ?? "";
      const conditional = { ...headers, "if-none-match": etag };
      return againstConstant(stand, conditional, paths, await rawAnswer(`${stand.worker.base_url}${paths[0]}`, { headers: conditional }));
    },
  },
  {
    name: "menu-miss",
    path: "menu read, every request a miss",
    floor: "raw Hrana fetch of one row of the same bytes",
    target: 0.85,
    async open(stand) {
      const { tenant, headers, answer, store_id } = await kitchenMenu(stand);
      const perEntry = answer.body.length + remembered.bytes_an_entry;
      const paths = (await copyStores(tenant, store_id, Math.ceil((remembered.bytes / perEntry) * remembered.surplus), COPY_DOCUMENT)).map(
        menuPath,
      );
      const floor = await hranaRowFloor(stand, tenant, answer, [DOCUMENT_ROW], { version_header: "menu-version" });
      return againstFloor(stand, floor, headers, paths);
    },
  },
  {
    name: "menu-token",
    path: "menu read with a Consistency-Token",
    floor: "raw Hrana fetch of commit_seq and the version",
    target: 0.85,
    async open(stand) {
      const { tenant, headers, paths, answer } = await kitchenMenu(stand);
      const written = await postDraft(stand, tenant);
      const token = written.headers.find(([name]) => name === "consistency-token")?.[1] ?? "";
      const floor = await hranaRowFloor(stand, tenant, answer, [COMMIT_STATE, VERSION_ROW], {
        version_header: "menu-version",
        kept_body: answer.body,
      });
      return againstFloor(stand, floor, { ...headers, "consistency-token": token }, paths);
    },
  },
];

type KitchenMenu = { tenant: StandTenant; store_id: string; headers: Record<string, string>; paths: string[]; answer: RawAnswer };

async function kitchenMenu(stand: Stand): Promise<KitchenMenu> {
  const tenant = await stand.tenant(kitchen);
  const store_id = tenant.stores[0]?.id ?? "";
  const headers = { host: tenant.host_header, "accept-encoding": "gzip" };
  const answer = await rawAnswer(`${stand.worker.base_url}${menuPath(store_id)}`, { headers });
  if (answer.status !== 200) throw new Error(`the menu answered ${answer.status}: ${answer.body}`);
  return { tenant, store_id, headers, paths: [menuPath(store_id)], answer };
}
