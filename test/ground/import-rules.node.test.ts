import { describe, expect, it } from "vitest";
import { databaseWordLines, importProblem, importsOf, slices } from "../../scripts/import-rules.ts";

const packages = new Set(["hono", "zod", "drizzle-orm", "@hono/zod-openapi"]);
const problem = (file: string, specifier: string) => importProblem({ file, line: 1, specifier }, packages);

describe("the import table", () => {
  it.each([
    ["src/worker.ts", "./app.ts"],
    ["src/app.ts", "./domains/menu/index.ts"],
    ["src/domains/menu/publish-menu.ts", "../catalog/index.ts"],
    ["src/domains/menu/publish-menu.ts", "./draft.ts"],
    ["src/domains/catalog/providers/square.ts", "../canonical.ts"],
    ["src/domains/catalog/providers/square.ts", "../../../kernel/money.ts"],
    ["src/pages/storefront-routes.ts", "../platform/http/endpoint.ts"],
    ["src/pages/menu-item.tsx", "../domains/menu/index.ts"],
    ["src/platform/db/migrations.ts", "../../../migrations/central/0001_tenants.sql"],
    ["src/platform/writer/tenant-writer.object.ts", "cloudflare:workers"],
    ["src/platform/http/reply.ts", "hono/http-exception"],
    ["src/platform/http/openapi.ts", "@hono/zod-openapi"],
    ["src/client/till-client.ts", "../kernel/ids.ts"],
    ["src/till/basket.ts", "../client/index.ts"],
    ["src/till/basket.ts", "../domains/orders/line-totals.ts"],
    ["src/domains/catalog/providers/square.test.ts", "node:fs"],
    ["src/domains/catalog/providers/square.test.ts", "../../../../test/support/node/expect-sound-catalog.ts"],
  ])("%s may import %s", (file, specifier) => {
    expect(problem(file, specifier)).toBeNull();
  });

  it.each([
    ["src/kernel/money.ts", "../platform/db/statement.ts", "kernel may not import platform"],
    ["src/kernel/money.ts", "zod", "kernel imports nothing"],
    ["src/platform/http/serve.ts", "../../domains/menu/index.ts", "platform may not import domains"],
    ["src/platform/http/serve.ts", "../../app.ts", "platform may not import app"],
    ["src/domains/catalog/reader.ts", "../menu/index.ts", "catalog may not import menu"],
    ["src/domains/menu/reader.ts", "../catalog/tables.ts", "through its index.ts only"],
    ["src/domains/menu/reader.test.ts", "../catalog/tables.ts", "through its index.ts only"],
    ["src/domains/loyalty/reader.ts", "../catalog/index.ts", "has no row"],
    ["src/domains/menu/routes.ts", "../../pages/error-page.tsx", "may not import pages"],
    ["src/domains/menu/routes.ts", "../../../migrations/tenant/0003_menus.sql", "may not import migrations"],
    ["src/pages/menu-item.tsx", "../domains/menu/storefront-document.ts", "through its index.ts only"],
    ["src/platform/http/serve.ts", "../../pages/error-page.tsx", "platform may not import pages"],
    ["src/domains/menu/reader.ts", "node:crypto", "no node: imports"],
    ["src/platform/db/hrana.ts", "@libsql/client/web", "for scripts"],
    ["src/platform/db/hrana.ts", "left-pad", "not in the dependencies"],
    ["src/client/api.ts", "../domains/sync/index.ts", "client may not import domains"],
    ["src/client/api.ts", "../platform/http/fields.ts", "client may not import platform"],
    ["src/client/api.ts", "../till/main.ts", "client may not import till"],
    ["src/till/main.ts", "../domains/orders/index.ts", "till may not import domains"],
    ["src/domains/menu/routes.ts", "../../client/index.ts", "domains may not import client"],
    ["src/pages/till-page.ts", "../till/main.ts", "pages may not import till"],
    ["src/tools/thing.ts", "../kernel/money.ts", "in no layer"],
    ["src/worker.ts", "../scripts/keys.ts", "not in src"],
  ])("%s may not import %s", (file, specifier, why) => {
    expect(problem(file, specifier)).toContain(why);
  });

  it("lets what runs in a browser have types of the Worker, and nothing else", () => {
    const [type, value] = importsOf(
      "src/client/api.ts",
      'import type { Push } from "../domains/sync/index.ts";\nimport { push } from "../domains/sync/index.ts";',
    );
    expect(importProblem(type as never, packages)).toBeNull();
    expect(importProblem(value as never, packages)).toContain("client may not import domains");
  });

  it("has no circle", () => {
    const below = (slice: string, path: string[] = []): string[] => {
      expect(path, `${[...path, slice].join(" → ")}`).not.toContain(slice);
      return (slices[slice] ?? []).flatMap((other) => [other, ...below(other, [...path, slice])]);
    };
    for (const slice of Object.keys(slices)) for (const other of below(slice)) expect(Object.keys(slices)).toContain(other);
  });
});

describe("finding imports", () => {
  it("sees every form, with its line", () => {
    const text = [
      'import { a } from "./a.ts";',
      "import type {",
      "  B,",
      '} from "./b.ts";',
      'export { c } from "./c.ts";',
      'import "./d.ts";',
      'const e = await import("./e.ts");',
      'export const text = "import nothing from here";',
      '// import { f } from "./f.ts";',
    ].join("\n");
    expect(importsOf("src/x.ts", text).map(({ line, specifier }) => [line, specifier])).toEqual([
      [1, "./a.ts"],
      [4, "./b.ts"],
      [5, "./c.ts"],
      [6, "./d.ts"],
      [7, "./e.ts"],
    ]);
  });

  it("sees who speaks to a database", () => {
    const text = 'const a = 1;\nawait fetch(url + "/v3/pipeline");\n';
    expect(databaseWordLines("src/domains/menu/reader.ts", text)).toEqual([2]);
    expect(databaseWordLines("src/platform/db/hrana.ts", text)).toEqual([]);
  });
});
