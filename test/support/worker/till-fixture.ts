import { uuidV7 } from "../../../src/kernel/ids.ts";
import { decided, newShelf, type Shelf } from "./stock-fixture.ts";
import type { CallAnswer } from "./tenant-fixture.ts";

/** A till of a shelf's store. */
export interface Till {
  shelf: Shelf;
  terminal_id: string;
  token: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<CallAnswer>;
  /** Operations as `op` makes them; the results. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by asserting it.
  push(operations: Operation[], more?: Record<string, unknown>): Promise<any>;
  /** All pages from the cursor, of what a push just did too; what changed, the last one of each thing. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  pull(cursor?: string, query?: string): Promise<{ changes: any[]; cursor: string }>;
}

export interface Operation {
  id: string;
  type: string;
  occurred_at: string;
  payload: Record<string, unknown>;
}

export const newId = (): string => uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));

export const op = (type: string, payload: Record<string, unknown>, more: Partial<Operation> = {}): Operation => ({
  id: newId(),
  type,
  occurred_at: new Date().toISOString(),
  payload,
  ...more,
});

export const line = (item_code: string, quantity = 1, unit_price = 650, more: Record<string, unknown> = {}) => ({
  line_id: newId(),
  item_code,
  quantity,
  unit_price,
  ...more,
});

/** A whole sale of one line, paid in cash and closed. */
export function sale(code: string, quantity = 1, unit_price = 650, more: Record<string, unknown> = {}): Operation {
  const amount = Math.round(quantity * unit_price);
  return op("order.create", {
    order_id: newId(),
    currency: "USD",
    lines: [line(code, quantity, unit_price)],
    payments: [{ payment_id: newId(), method: "cash", amount }],
    close: true,
    ...more,
  });
}

export async function newTill(shelf: Shelf, name = "Counter"): Promise<Till> {
  const made = await shelf.post("/api/v1/terminals", { store_id: shelf.store_id, name, device_id: name });
  if (made.status !== 201) throw new Error(made.text);
  const { token, terminal_id } = made.json;
  let promised = "";
  const call: Till["call"] = async (method, path, body, headers = {}) => {
    const answer = await decided(() =>
      shelf.tenant.call(method, path, {
        key: null,
        tenant: null,
        idempotency_key: null,
        ...(body === undefined ? {} : { body }),
        headers: { authorization: `Bearer ${token}`, ...(promised ? { "consistency-token": promised } : {}), ...headers },
      }),
    );
    promised = answer.headers.get("consistency-token") ?? promised;
    return answer;
  };
  return {
    shelf,
    terminal_id,
    token,
    call,
    async push(operations, more = {}) {
      const answer = await call("POST", "/api/v1/sync/push", { operations, ...more });
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.json;
    },
    async pull(from, query = "") {
      const last = new Map<string, unknown>();
      for (let cursor = from; ; ) {
        const answer = await call("GET", `/api/v1/sync/pull?limit=200${cursor ? `&cursor=${cursor}` : ""}${query}`);
        if (answer.status !== 200) throw new Error(answer.text);
        for (const change of answer.json.changes) last.set(`${change.entity} ${change.id}`, change);
        cursor = answer.json.cursor as string;
        if (!answer.json.has_more) return { changes: [...last.values()], cursor };
      }
    },
  };
}

export async function newTillShop(codes: readonly string[] = ["A", "B"]): Promise<{ shelf: Shelf; till: Till }> {
  const shelf = await newShelf(codes);
  return { shelf, till: await newTill(shelf) };
}
