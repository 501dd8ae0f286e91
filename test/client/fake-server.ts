import type { Change, Operation, OperationResult, PullAnswer, PushBody } from "../../src/client/wire-types.ts";

/** What happens to a request on its way: it arrives and is answered, it is lost before, or its answer is. */
export type Fate = "answered" | "request lost" | "answer lost";

/** docs/sync.md as a model: receipts for good, a feed of the latest state, one epoch. Holds everything in memory. */
export function createFakeServer() {
  const receipts = new Map<string, OperationResult>();
  const applied: Operation[] = [];
  const feed = new Map<string, Change & { seq: number }>();
  let seq = 0;
  let epoch = 1;
  let terminals = 0;
  let isRevoked = false;
  let fate: () => Fate = () => "answered";
  /** The verdict on an operation that comes for the first time. */
  let judge: (operation: Operation) => Omit<OperationResult, "id"> = () => ({ status: "applied" });
  let refuse: (body: PushBody) => { status: number; code: string } | null = () => null;
  const batches: string[][] = [];
  const acknowledged: string[] = [];

  const put = (entity: string, id: string, data: unknown, deleted = false): void => {
    seq++;
    feed.set(`${entity}:${id}`, { entity, id, version: seq, deleted, data, seq });
  };

  const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

  const push = (body: PushBody): Response => {
    const refused = refuse(body);
    if (refused) return json({ code: refused.code, title: "Refused" }, refused.status);
    batches.push(body.operations.map(({ id }) => id));
    acknowledged.push(...(body.acknowledge ?? []));
    const results = body.operations.map((operation) => {
      const before = receipts.get(operation.id);
      if (before) return before.status === "applied" ? { ...before, status: "duplicate" as const } : before;
      const result = { id: operation.id, ...judge(operation) };
      receipts.set(operation.id, result);
      if (result.status === "applied") {
        applied.push(operation);
        put("seen", operation.id, operation.payload);
      }
      return result;
    });
    return json({ results, cursor: `${epoch}.${seq}`, server_time: new Date(0).toISOString() }, 200, { "consistency-token": `t${seq}` });
  };

  const pull = (url: URL): Response => {
    const [cursorEpoch, after] = (url.searchParams.get("cursor") ?? `${epoch}.0`).split(".").map(Number);
    if (Number.isNaN(cursorEpoch)) return json({ code: "BAD_REQUEST", detail: "The cursor is not one of this feed." }, 400);
    if (cursorEpoch !== epoch) return json({ code: "RESYNC_REQUIRED", reason: "restored" }, 409);
    const limit = Number(url.searchParams.get("limit"));
    const newer = [...feed.values()].filter((change) => change.seq > (after ?? 0)).sort((a, b) => a.seq - b.seq);
    const page = newer.slice(0, limit);
    const answer: PullAnswer = {
      changes: page.map(({ seq: _, ...change }) => change),
      cursor: `${epoch}.${page.at(-1)?.seq ?? after}`,
      has_more: newer.length > limit,
    };
    return json(answer);
  };

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.pathname === "/api/v1/terminals/pair" && !request.headers.has("authorization")) {
      const { code, device_id, name } = (await request.json()) as { code: string; device_id: string; name: string };
      if (!code.startsWith("GOOD")) return json({ code: "PAIRING_CODE_UNKNOWN", detail: "No such code." }, 404);
      isRevoked = false;
      return json(
        { terminal_id: `t${++terminals}`, store_id: code.slice(4) || "s1", location_id: "l1", name, device_id, token: "svt_test" },
        201,
      );
    }
    if (request.headers.get("authorization") !== "Bearer svt_test" || isRevoked) {
      return json({ code: "UNAUTHENTICATED", detail: "This terminal was revoked." }, 401);
    }
    return request.method === "POST" ? push((await request.json()) as PushBody) : pull(url);
  };

  return {
    applied,
    acknowledged,
    batches,
    put,
    set fate(next: () => Fate) {
      fate = next;
    },
    set judge(next: typeof judge) {
      judge = next;
    },
    set refuse(next: typeof refuse) {
      refuse = next;
    },
    revoke: () => {
      isRevoked = true;
    },
    restore: () => {
      epoch++;
      for (const change of feed.values()) change.seq = ++seq;
    },
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const { signal: _, cache: _cache, ...rest } = init ?? {};
      const sent = fate();
      if (sent === "request lost") throw new TypeError("Failed to fetch");
      const response = await answer(new Request(new URL(String(input), "http://fake"), rest));
      if (sent === "answer lost") throw new TypeError("Failed to fetch");
      return response;
    }) as typeof fetch,
  };
}

export type FakeServer = ReturnType<typeof createFakeServer>;
