import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalCatalog } from "../../../../test/catalog/canonical-arbitrary.ts";
import { MemoryCatalog } from "../../../../test/catalog/memory-catalog.ts";
import type { CanonicalCatalog } from "../canonical.ts";
import { changesCatalog } from "./chunk-writes.ts";
import type { RunCounts } from "./run-counts.ts";

const history = fc.array(canonicalCatalog, { minLength: 1, maxLength: 4 });

const withoutVersions = (catalog: CanonicalCatalog): CanonicalCatalog => ({
  ...catalog,
  products: catalog.products.map((product) => ({ ...product, provider_version: null })),
});

const received = (catalog: CanonicalCatalog): number => catalog.products.reduce((sum, { variants }) => sum + variants.length, 0);

const total = ({ inserted, updated, unchanged, failed }: RunCounts): number => inserted + updated + unchanged + failed;

describe("a chunk's decision", () => {
  test("applied again changes nothing, and every variant is counted once", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (payloads) => {
        const memory = new MemoryCatalog("tills");
        for (const payload of payloads) {
          const first = await memory.apply(payload);
          expect(total(first.counts)).toBe(received(payload));
          const before = structuredClone(memory.state);
          const again = await memory.apply(payload);
          expect(again.counts).toMatchObject({ inserted: 0, updated: 0, hidden: 0, failed: first.counts.failed });
          expect(changesCatalog(again.writes)).toBe(false);
          expect(again.writes.entities).toEqual([]);
          expect(memory.state).toEqual(before);
        }
      }),
    );
  });

  test("the order of products does not matter", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (payloads, picks) => {
        const straight = new MemoryCatalog("tills");
        const mixed = new MemoryCatalog("tills");
        for (const payload of payloads) {
          const products = [...payload.products];
          const shuffled: typeof products = [];
          while (products.length > 0) shuffled.push(...products.splice((picks.next().value ?? 0) % products.length, 1));
          const [one, other] = [await straight.apply(payload), await mixed.apply({ ...payload, products: shuffled })];
          expect(other.counts).toEqual(one.counts);
          expect(mixed.visible()).toEqual(straight.visible());
        }
      }),
    );
  });

  test("a price that a customer pays is only ever taken once", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (payloads) => {
        const memory = new MemoryCatalog("tills");
        const taken = new Map<string, number>();
        for (const payload of payloads) {
          await memory.apply(withoutVersions(payload));
          for (const option of [...memory.state.options.values()].flat()) {
            const price = taken.get(option.modifier_option_id) ?? option.price_delta_minor;
            taken.set(option.modifier_option_id, price);
            expect(option.price_delta_minor).toBe(price);
          }
        }
      }),
    );
  });

  test("a product's name of our own stays, and each of its variants says so while the provider has another", async () => {
    await fc.assert(
      fc.asyncProperty(history, canonicalCatalog, async (payloads, last) => {
        const memory = new MemoryCatalog("tills");
        for (const payload of payloads) await memory.apply(withoutVersions(payload));
        for (const product of memory.state.products.values()) Object.assign(product, { name: "Ours", name_owner: "ours" });
        const ours = new Set(memory.state.products.keys());
        const { findings, counts } = await memory.apply(withoutVersions(last));
        for (const [id, product] of memory.state.products) if (ours.has(id)) expect(product.name).toBe("Ours");
        const names = findings.held.filter(({ field }) => field === "name");
        for (const { kept, offered } of names) expect([kept, kept === offered]).toEqual(["Ours", false]);
        const failed = new Set(findings.errors.map(({ item_code }) => item_code));
        const expected = last.products.flatMap((product) => {
          const id = memory.state.entities.get(`product\n${product.external_id}`)?.canonical_id;
          return id !== undefined && ours.has(id) ? product.variants.map(({ item_code }) => item_code) : [];
        });
        expect(names.map(({ item_code }) => item_code).sort()).toEqual(expected.filter((code) => !failed.has(code)).sort());
        expect(counts.held).toBe(findings.held.length);
      }),
    );
  });
});
