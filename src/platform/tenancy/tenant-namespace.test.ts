import { expect, test } from "vitest";
import { assertNamespace } from "../db/access-token.ts";
import { isTenantNamespace, tenantNamespace } from "./tenant-namespace.ts";

test("no two tenants, and no two places of one, come to the same name", () => {
  const slugs = ["a", "a-b", "kopi", "mwp7h3rp-kopi", "t-kopi", "x".repeat(40)];
  const times = [undefined, 1, 1_795_192_854_613, 1_795_192_854_614, 253_402_300_799_999];
  const names = slugs.flatMap((slug) => times.map((time) => tenantNamespace(slug, time)));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    expect(assertNamespace(name)).toBe(name);
    expect(isTenantNamespace(name)).toBe(true);
    // While it is being restored.
    expect(assertNamespace(`restoring-${name}`)).toBeTruthy();
  }
  for (const other of ["central", "restoring-t-kopi", "restoring-central"]) expect(isTenantNamespace(other)).toBe(false);
});
