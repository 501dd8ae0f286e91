import { describe, expect, test } from "vitest";
import { decideCopy, MOST_ATTEMPTS, retryDelayMs } from "./decide-copy.ts";

const image = (attempts = 1) => ({ product_id: "p", source_url: "https://images.example/a.png", attempts });
const NOW = 1_000_000;
const failure = (retry_after_ms: number | null = null) => ({
  kind: "later" as const,
  reason: "server_failed" as const,
  detail: "503",
  retry_after_ms,
});

describe("what becomes of an image", () => {
  test("a copy is kept with what the provider gave", () => {
    const copy = { object_path: "t/items/a.png", bytes: 7, etag: '"x"', last_modified: null };
    expect(decideCopy(image(), { kind: "stored", ...copy }, NOW)).toMatchObject({
      state: "copied",
      copy,
      reason: null,
      next_attempt_at_ms: null,
    });
    expect(decideCopy(image(3), { kind: "unchanged" }, NOW)).toMatchObject({ state: "copied", copy: null, reason: null });
  });

  test("a refusal is for good and keeps its reason", () => {
    const refusal = { kind: "refused" as const, reason: "address_private" as const, detail: "http://127.0.0.1" };
    expect(decideCopy(image(), refusal, NOW)).toMatchObject({
      state: "refused",
      reason: "address_private",
      detail: "http://127.0.0.1",
      next_attempt_at_ms: null,
    });
  });

  test("trouble is tried again, ever later, and given up in the end", () => {
    const delays = Array.from({ length: MOST_ATTEMPTS }, (_, index) => decideCopy(image(index + 1), failure(), NOW)).map(
      ({ state, next_attempt_at_ms }) => [state, next_attempt_at_ms === null ? null : (next_attempt_at_ms - NOW) / 1_000],
    );
    expect(delays).toEqual([
      ["pending", 5],
      ["pending", 20],
      ["pending", 80],
      ["pending", 320],
      ["pending", 1_280],
      ["failed", null],
    ]);
    expect(decideCopy(image(MOST_ATTEMPTS), failure(), NOW)).toMatchObject({ reason: "server_failed", detail: "503" });
  });

  test("a server's own word goes before, but never at once", () => {
    expect([retryDelayMs(1, 60_000), retryDelayMs(5, 2_000), retryDelayMs(1, 0)]).toEqual([60_000, 2_000, 1_000]);
  });

  test("what was not begun does not count", () => {
    expect(decideCopy(image(2), null, NOW)).toMatchObject({ state: "pending", attempts: 1, next_attempt_at_ms: NOW, reason: null });
  });
});
