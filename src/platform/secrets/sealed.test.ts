import { describe, expect, test } from "vitest";
import { readSealingKeys } from "../../kernel/sealing-keys.ts";
import { openSecret, sealSecret } from "./sealed.ts";

const base64Of = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const old = `old:${base64Of(1)}`;
const now = `now:${base64Of(2)}`;
const context = "webhook\ntenant\nsource";

describe("a sealed secret", () => {
  test("opens with the key it was sealed with, also where a newer one seals by now, and shows nothing of itself", async () => {
    const sealed = await sealSecret(readSealingKeys(old), "shpss_secret", context);
    expect(sealed.key_id).toBe("old");
    expect(JSON.stringify(sealed)).not.toContain("shpss");
    expect(Buffer.from(sealed.sealed, "base64").toString("latin1")).not.toContain("shpss");
    expect(await openSecret(readSealingKeys(`${now},${old}`), sealed, context)).toBe("shpss_secret");
    expect((await sealSecret(readSealingKeys(`${now}, ${old}`), "x", context)).key_id).toBe("now");
  });

  test("opens for nobody else, not when changed, and not without its key", async () => {
    const keys = readSealingKeys(old);
    const sealed = await sealSecret(keys, "secret", context);
    expect(await openSecret(keys, sealed, "webhook\ntenant\nother")).toBeNull();
    expect(await openSecret(keys, { ...sealed, sealed: `A${sealed.sealed.slice(1)}` }, context)).toBeNull();
    expect(await openSecret(keys, { ...sealed, sealed: "" }, context)).toBeNull();
    expect(await openSecret(readSealingKeys(now), sealed, context)).toBeNull();
    expect(await openSecret(readSealingKeys(`old:${base64Of(3)}`), sealed, context)).toBeNull();
  });

  test("is never sealed alike twice", async () => {
    const keys = readSealingKeys(old);
    const [one, two] = await Promise.all([sealSecret(keys, "same", context), sealSecret(keys, "same", context)]);
    expect(one.sealed).not.toBe(two.sealed);
  });

  test.each(["", "x", base64Of(1), `a:${Buffer.alloc(31).toString("base64")}`, `${old},${old}`, `${old},`])(
    "keys that are none are refused: %s",
    (text) => {
      expect(() => readSealingKeys(text)).toThrow();
    },
  );
});
