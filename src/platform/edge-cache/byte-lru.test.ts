import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteLru } from "./byte-lru.ts";

const MAX = 100;
const step = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), key: fc.integer({ min: 0, max: 9 }), bytes: fc.integer({ min: 0, max: 120 }) }),
  fc.record({ kind: fc.constant("use" as const), key: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ kind: fc.constant("drop" as const), key: fc.integer({ min: 0, max: 9 }) }),
);

it("keeps what was used last, counts what it holds and never goes over its budget", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lru = new ByteLru<number>(MAX);
      // The plain model: newest last.
      let model: { key: string; item: number; bytes: number }[] = [];
      steps.forEach((given, at) => {
        const key = String(given.key);
        const held = model.find((entry) => entry.key === key);
        if (given.kind === "use") {
          expect(lru.use(key)).toBe(held?.item);
          if (held) model = [...model.filter((entry) => entry !== held), held];
          return;
        }
        model = model.filter((entry) => entry !== held);
        if (given.kind === "drop") {
          lru.drop(key);
          return;
        }
        lru.put(key, at, given.bytes);
        if (given.bytes > MAX) return;
        model.push({ key, item: at, bytes: given.bytes });
        while (model.reduce((sum, { bytes }) => sum + bytes, 0) > MAX) model.shift();
      });
      expect(lru.size).toBe(model.length);
      expect(lru.bytes).toBe(model.reduce((sum, { bytes }) => sum + bytes, 0));
      for (const { key, item } of model) expect(lru.use(key)).toBe(item);
    }),
  );
});
