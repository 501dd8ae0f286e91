import { expect, it } from "vitest";
import { mentionsOf } from "../../scripts/doc-links.ts";

it("finds what a document points at", () => {
  const text = [
    "See [the decision](decisions/0001-writer.md#why) and [the site](https://example.com/a.md), [below](#below).",
    "Code is in `src/app.ts` and `scripts/start.ts:12`; not `src/**/*.ts`, `/api/v1/stores` or `npm run docs/x`.",
  ].join("\n");
  expect(mentionsOf(text)).toEqual([
    { line: 1, path: "decisions/0001-writer.md", relative_to: "document" },
    { line: 2, path: "src/app.ts", relative_to: "root" },
    { line: 2, path: "scripts/start.ts", relative_to: "root" },
  ]);
});
