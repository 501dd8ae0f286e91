import { type ApiClient, apiClient, tenantClient } from "../../scripts/api-client.ts";
import type { DemoStack } from "../support/node/demo-stack.ts";

export interface SoldOrder {
  id: string;
  number: string;
  status: string;
  total: number;
  till_total: number | null;
  balance: number;
  lines: { item_code: string; quantity: number }[];
}

type Position = { item_code: string; quantity_on_hand: number };
type Menu = { categories: { items: { code: string; bundle: unknown[] }[] }[] };

export type TillShop = Awaited<ReturnType<typeof openTillShop>>;

/** The demo's kopi shop, seen from the office: codes for tills, what was sold, what lies where. */
export async function openTillShop(served: DemoStack) {
  const kopi = served.demo.tenants.find(({ slug }) => slug === "kopi");
  if (!kopi) throw new Error("no demo tenant kopi");
  const store_id = kopi.stores[0]?.id ?? "";
  const office: ApiClient = tenantClient(served.demo.base_url, "kopi", kopi.admin_key);
  const { location_id } = await office.get<{ location_id: string }>(`/api/v1/stores/${store_id}`);

  /** By item code; only what is counted. */
  const onHand = async (): Promise<Map<string, number>> => {
    const there = new Map<string, number>();
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ location_id, limit: "200", ...(cursor === null ? {} : { cursor }) });
      const page: { data: Position[]; next_cursor: string | null } = await office.get(`/api/v1/inventory/positions?${query}`);
      for (const { item_code, quantity_on_hand } of page.data) there.set(item_code, quantity_on_hand);
      cursor = page.next_cursor;
    } while (cursor);
    return there;
  };

  return {
    store_id,
    office,
    onHand,
    pairingCode: async (): Promise<string> => (await office.post<{ code: string }>("/api/v1/terminals/pairing-codes", { store_id })).code,
    terminals: async () =>
      (await office.get<{ data: { terminal_id: string; name: string }[] }>(`/api/v1/terminals?store_id=${store_id}`)).data,

    /** Counts so much of `count` items of the menu; answers their codes. None is a bundle: a sale of one moves exactly that. */
    async stockUp(count: number, quantity: number): Promise<string[]> {
      const menu = await office.get<Menu>(`/api/v1/stores/${store_id}/menu`);
      const plain = menu.categories.flatMap(({ items }) => items).filter(({ bundle }) => bundle.length === 0);
      const codes = [...new Set(plain.map(({ code }) => code))].slice(0, count);
      const occurred_at = new Date().toISOString();
      const movements = codes.map((item_code) => ({ item_code, location_id, movement_type: "count", quantity, occurred_at }));
      await office.post("/api/v1/inventory/movements", { movements });
      return codes;
    },

    /** A terminal that only looks: answers the orders that came to be, or changed, since it was last asked. */
    async observer(): Promise<() => Promise<SoldOrder[]>> {
      const terminal = { store_id, name: "Observer", device_id: crypto.randomUUID() };
      const { token } = await office.post<{ token: string }>("/api/v1/terminals", terminal);
      const client = apiClient(served.demo.base_url, { authorization: `Bearer ${token}` });
      let cursor: string | null = null;
      const look = async (): Promise<SoldOrder[]> => {
        const seen = new Map<string, SoldOrder>();
        for (;;) {
          const query = new URLSearchParams({ entities: "order", limit: "500", ...(cursor === null ? {} : { cursor }) });
          const page: { changes: { id: string; data: SoldOrder }[]; cursor: string; has_more: boolean } = await client.get(
            `/api/v1/sync/pull?${query}`,
          );
          for (const { id, data } of page.changes) seen.set(id, data);
          cursor = page.cursor;
          if (!page.has_more) return [...seen.values()];
        }
      };
      await look();
      return look;
    },
  };
}
