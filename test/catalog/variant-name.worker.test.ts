import { expect, test } from "vitest";
import { VARIANT_DISPLAY_NAME_SQL, variantDisplayName } from "../../src/domains/catalog/index.ts";
import { statement } from "../../src/platform/db/statement.ts";
import { newTenant } from "../support/worker/tenant-fixture.ts";

const NAMES = ["Latte", "LATTE", "Crème brûlée", "100%_Juice", "ÉCLAIR", 'O\'Hara – "Stout"'];
const OPTIONS = [null, "Large", "Iced latte", "crème brûlée, gross", "éclair mini", "x100%_juicex", ""];

test("a variant's display name is the same in SQL and in TypeScript", async () => {
  const cases = NAMES.flatMap((name) =>
    OPTIONS.flatMap((option_name) =>
      [0, 1, 2].flatMap((variant_count) => [null, "My own"].map((own_name) => ({ name, option_name, variant_count, own_name }))),
    ),
  );
  const db = await (await newTenant()).db();
  const [rows = []] = await db.read(
    [
      statement(
        `WITH p AS (SELECT key, value ->> 'name' AS name, value ->> 'variant_count' AS variant_count FROM json_each(?1)),
           v AS (SELECT key, value ->> 'option_name' AS option_name, value ->> 'own_name' AS own_name FROM json_each(?1))
         SELECT ${VARIANT_DISPLAY_NAME_SQL} AS name FROM p JOIN v ON v.key = p.key ORDER BY p.key`,
        JSON.stringify(cases),
      ),
    ],
    { fresh: true },
  );
  expect(rows.map((row) => row["name"])).toEqual(cases.map(variantDisplayName));
  expect(variantDisplayName({ name: "Latte", option_name: "Large", variant_count: 2, own_name: null })).toBe("Latte – Large");
  expect(variantDisplayName({ name: "Latte", option_name: "Iced latte", variant_count: 2, own_name: null })).toBe("Iced latte");
  expect(variantDisplayName({ name: "Latte", option_name: "Large", variant_count: 1, own_name: null })).toBe("Latte");
});
