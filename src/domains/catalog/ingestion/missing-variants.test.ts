import { describe, expect, test } from "vitest";
import type { IngestionPlan } from "./ingestion-plan.ts";
import { hidingDoubt } from "./missing-variants.ts";

const plan = (given: Partial<IngestionPlan>): IngestionPlan => ({
  source: {
    id: "s",
    source_type: "pos",
    name: "Tills",
    provider: "cata",
    settings: { on_missing: "hide" },
    is_active: true,
    created_at: "",
    updated_at: "",
  },
  chunks: [],
  table: null,
  received: 10,
  offered: { external_ids: new Set(), item_codes: new Set() },
  unnamed_errors: 0,
  hides_missing: true,
  offered_groups: new Map(),
  confirm: false,
  ...given,
});

describe("hidingDoubt", () => {
  test("a fifth may go, more waits", () => {
    expect(hidingDoubt(plan({}), { known: 10, missing: 2 }, 0)).toBeNull();
    expect(hidingDoubt(plan({}), { known: 10, missing: 3 }, 0)).toContain("3 of 10");
  });

  test("what the same run brought does not make the missing look fewer", () => {
    expect(hidingDoubt(plan({}), { known: 30, missing: 3 }, 20)).toContain("3 of 10");
  });

  test("an empty payload waits however few it would hide; nothing missing never does", () => {
    expect(hidingDoubt(plan({ received: 0 }), { known: 10, missing: 1 }, 0)).toContain("empty");
    expect(hidingDoubt(plan({ received: 0 }), { known: 0, missing: 0 }, 0)).toBeNull();
  });

  test("a failed row that names no code may be the missing one", () => {
    expect(hidingDoubt(plan({ unnamed_errors: 1 }), { known: 10, missing: 1 }, 0)).toContain("1 rows failed");
  });

  test("a person may say so", () => {
    expect(hidingDoubt(plan({ confirm: true, received: 0 }), { known: 10, missing: 10 }, 0)).toBeNull();
  });
});
