// npm run cell: registers cells, shows them, dumps one and puts it back. See usage below.
import type { ApiClient } from "./api-client.ts";
import { type Command, type Flags, required, runCommandLine, table, textFlag } from "./command-line.ts";
import { backupCell } from "./databases/backup-cell.ts";
import { restoreCell } from "./databases/restore-cell.ts";
import { showProgress } from "./show-progress.ts";

const usage = `npm run cell -- <command> [--json] [--base-url <url>] [--operator-key <key>]

  put <id> --primary-url <url> --admin-url <url> [--replica <region>=<url>]…
                        register a cell, or change where its nodes are
  list                  all cells, with how many tenants live in each
  backup <dir> [--cell <id>]
                        dump the central database and each tenant of the cell into an empty directory
  restore <dir> [--cell <id>] [--tenant <slug>] [--replace]
                        put back what is missing; --replace: also over what is there

  --cell <id>           needed where there are several; restore: the cell that was dumped
  --json                print the answer as JSON
  --base-url <url>      the Worker (SERVERY_BASE_URL, else the one npm start runs)
  --operator-key <key>  the operator credential (SERVERY_OPERATOR_KEY, else the one npm start made)`;

type Cell = {
  cell_id: string;
  primary_url: string;
  admin_url: string;
  replicas: { region: string; url: string }[];
  tenants: number;
};

const commands: Command[] = [
  {
    words: ["put"],
    takes: ["id"],
    run: async (operator, [id = ""], flags) => {
      const cell = {
        driver: "sqld",
        primary_url: required(flags, "primary-url"),
        admin_url: required(flags, "admin-url"),
        replicas: ((flags["replica"] as string[] | undefined) ?? []).map(replicaOf),
      };
      await operator.put(`/internal/cells/${encodeURIComponent(id)}`, cell);
      return { json: { cell_id: id, ...cell }, text: `Cell ${id} is at ${cell.primary_url}, with ${cell.replicas.length} replicas.` };
    },
  },
  {
    words: ["list"],
    takes: [],
    run: async (operator) => {
      const data = await cells(operator);
      const row = (cell: Cell) => [
        cell.cell_id,
        String(cell.tenants),
        cell.primary_url,
        cell.replicas.map(({ region, url }) => `${region}=${url}`).join(" "),
      ];
      const head = ["cell", "tenants", "primary", "replicas"];
      return { json: { data }, text: data.length > 0 ? table([head, ...data.map(row)]) : "No cells yet: npm run cell -- put <id> …" };
    },
  },
  {
    words: ["backup"],
    takes: ["dir"],
    run: async (operator, [dir = ""], flags) => {
      const progress = showProgress("dumped");
      const manifest = await backupCell(operator, await cellOf(operator, flags), dir, () => new Date(), progress.show);
      progress.end();
      const { tenants, failed, central } = manifest;
      const bytes = [central, ...tenants].reduce((sum, dump) => sum + dump.bytes, 0);
      const lines = [
        `Cell ${manifest.cell_id}: the central database and ${tenants.length} tenants are in ${dir}, ${Math.ceil(bytes / 1024)} KB.`,
        ...failed.map(({ slug, problem }) => `${slug} is not: ${problem}`),
      ];
      return { json: manifest, text: lines.join("\n"), failed: failed.length > 0 };
    },
  },
  {
    words: ["restore"],
    takes: ["dir"],
    run: async (operator, [dir = ""], flags) => {
      const [cell, only] = [textFlag(flags, "cell"), textFlag(flags, "tenant")];
      const progress = showProgress("restored");
      const report = await restoreCell(operator, dir, {
        ...(cell ? { cell_id: cell } : {}),
        ...(only ? { only } : {}),
        replace: flags["replace"] === true,
        onProgress: progress.show,
      });
      progress.end();
      const named = (slugs: string[], what: string) => (slugs.length > 0 ? [`${slugs.length} ${what}: ${slugs.sort().join(", ")}`] : []);
      const lines = [
        `central: ${report.central === "restored" ? "restored" : "is there, left as it is"}`,
        `Cell ${report.cell_id}: ${report.restored.length} tenants restored and verified.`,
        ...named(report.left, "are there and were left as they are (--replace puts the backup's in their place)"),
        ...named(report.elsewhere, "do not live in this cell by the central database"),
        ...named(report.not_in_backup, "live in this cell and are not in the backup"),
        ...report.failed.map(({ slug, problem }) => `${slug} failed: ${problem}`),
      ];
      return { json: report, text: lines.join("\n"), failed: report.failed.length > 0 };
    },
  },
];

const cells = async (operator: ApiClient): Promise<Cell[]> => (await operator.get<{ data: Cell[] }>("/internal/cells")).data;

async function cellOf(operator: ApiClient, flags: Flags): Promise<string> {
  const asked = textFlag(flags, "cell");
  if (asked) return asked;
  const [first, ...others] = await cells(operator);
  if (!first) throw new Error("there is no cell yet: npm run cell -- put <id> …");
  if (others.length > 0) throw new Error(`--cell is missing: ${[first, ...others].map(({ cell_id }) => cell_id).join(", ")}`);
  return first.cell_id;
}

function replicaOf(text: string): { region: string; url: string } {
  const [, region, url] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (region && url && URL.canParse(url)) return { region, url };
  throw new Error(`--replica takes <region>=<url>, as in weur=https://weur.example.com, not "${text}"`);
}

await runCommandLine({
  script: "cell",
  usage,
  options: {
    "primary-url": { type: "string" },
    "admin-url": { type: "string" },
    replica: { type: "string", multiple: true },
    cell: { type: "string" },
    tenant: { type: "string" },
    replace: { type: "boolean" },
  },
  commands,
});
