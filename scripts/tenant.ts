// npm run tenant: makes tenants, their keys and their domains, and moves them to other cells. See usage below.
import { pages } from "./api-client.ts";
import { type Command, required, runCommandLine, table, textFlag } from "./command-line.ts";
import { type Move, moveTenant } from "./move-tenant.ts";
import { untilSignal } from "./until-signal.ts";

const usage = `npm run tenant -- <command> [--json] [--base-url <url>] [--operator-key <key>]

  create <slug> --name <name> --currency <ISO 4217> [--domain <domain>] [--locale <locale>] [--cell <id>]
                                  make a tenant with its database; making it twice is harmless
  list                            all tenants
  key create <slug> --role <role> [--name <name>]
                                  a further key: admin, catalog, menu, inventory, pos, kitchen, kds, reports, read
  key revoke <slug> <key_id>      the key is refused from then on
  domain add <slug> <domain>      the tenant answers under this host too
  move <slug> --to <cell_id>      take its database to another cell; reads go on, writes wait
  cancel-move <slug>              undo a move that was killed; running it again finishes it
  drop-copy <slug> [--now]        drop what a move left in the old cell

  --json                print the answer as JSON
  --base-url <url>      the Worker (SERVERY_BASE_URL, else the one npm start runs)
  --operator-key <key>  the operator credential (SERVERY_OPERATOR_KEY, else the one npm start made)`;

type Created = { tenant_id: string; slug: string; host: string; admin_key: string };
type Listed = {
  tenant_id: string;
  slug: string;
  name: string;
  currency: string;
  hosts: string[];
  cell_id: string;
  schema_version: number;
  status: string;
  move: Pick<Move, "state" | "from_cell_id" | "to_cell_id"> | null;
};
type Key = { key_id: string; role: string; key: string };

const pathOf = (slug: string): string => `/internal/tenants/${encodeURIComponent(slug)}`;

const commands: Command[] = [
  {
    words: ["create"],
    takes: ["slug"],
    run: async (operator, [slug = ""], flags) => {
      const [locale, domain, cell] = [textFlag(flags, "locale"), textFlag(flags, "domain"), textFlag(flags, "cell")];
      const created = await operator.post<Created>("/internal/tenants", {
        slug,
        name: required(flags, "name"),
        currency: required(flags, "currency").toUpperCase(),
        ...(locale ? { locale } : {}),
        ...(domain ? { domain } : {}),
        ...(cell ? { cell_id: cell } : {}),
      });
      return {
        json: created,
        text: table([
          ["tenant_id", created.tenant_id],
          ["slug", created.slug],
          ["host", created.host],
          ["admin_key", created.admin_key],
        ]),
      };
    },
  },
  {
    words: ["list"],
    takes: [],
    run: async (operator) => {
      const tenants: Listed[] = [];
      for await (const page of pages<Listed>(operator, "/internal/tenants")) tenants.push(...page);
      const row = (tenant: Listed) => [
        tenant.slug,
        tenant.name,
        tenant.currency,
        tenant.status,
        `v${tenant.schema_version}`,
        placeOf(tenant),
        tenant.hosts.join(" "),
      ];
      const head = ["slug", "name", "currency", "status", "schema", "cell", "hosts"];
      return {
        json: { data: tenants },
        text:
          tenants.length > 0
            ? table([head, ...tenants.map(row)])
            : "No tenants yet: npm run tenant -- create <slug> --name <name> --currency <code>",
      };
    },
  },
  {
    words: ["key", "create"],
    takes: ["slug"],
    run: async (operator, [slug = ""], flags) => {
      const name = textFlag(flags, "name");
      const key = await operator.post<Key>(`${pathOf(slug)}/keys`, { role: required(flags, "role"), ...(name ? { name } : {}) });
      const rows = [
        ["key_id", key.key_id],
        ["role", key.role],
        ["key", key.key],
      ];
      return { json: key, text: `${table(rows)}\nThe key is shown this once: keep it.` };
    },
  },
  {
    words: ["key", "revoke"],
    takes: ["slug", "key_id"],
    run: async (operator, [slug = "", keyId = ""]) => {
      await operator.delete(`${pathOf(slug)}/keys/${encodeURIComponent(keyId)}`);
      return { json: { key_id: keyId, revoked: true }, text: `Key ${keyId} of ${slug} is revoked.` };
    },
  },
  {
    words: ["domain", "add"],
    takes: ["slug", "domain"],
    run: async (operator, [slug = "", domain = ""]) => {
      const added = await operator.post<{ domain: string }>(`${pathOf(slug)}/domains`, { domain });
      return { json: added, text: `${slug} answers at ${added.domain}.` };
    },
  },
  {
    words: ["move"],
    takes: ["slug"],
    run: async (operator, [slug = ""], flags) => {
      const onStep = (line: string) => console.error(`${slug}: ${line}`);
      // Until the switch a signal undoes the move: nobody is to be left closed to writes.
      const report = await untilSignal((signal) => moveTenant(operator, slug, required(flags, "to"), { onStep, signal }));
      const seconds = (report.closed_ms / 1000).toFixed(1);
      return {
        json: report,
        text: `${slug} lives in cell ${report.to_cell_id}; it was closed to writes for ${seconds} s.\nCell ${report.from_cell_id} keeps a copy until npm run tenant -- drop-copy ${slug}.`,
      };
    },
  },
  {
    words: ["cancel-move"],
    takes: ["slug"],
    run: async (operator, [slug = ""]) => {
      await operator.post(`${pathOf(slug)}/move/cancel`);
      return { json: { slug, cancelled: true }, text: `${slug} stays where it is and is open to writes.` };
    },
  },
  {
    words: ["drop-copy"],
    takes: ["slug"],
    run: async (operator, [slug = ""], flags) => {
      const move = await operator.post<Move>(`${pathOf(slug)}/move/drop-copy`, { now: flags["now"] === true });
      return { json: move, text: `The copy of ${slug} in cell ${move.from_cell_id} is dropped.` };
    },
  },
];

function placeOf({ cell_id, move }: Listed): string {
  if (!move) return cell_id;
  return move.state === "switched" ? `${cell_id} (copy in ${move.from_cell_id})` : `${cell_id} (${move.state} to ${move.to_cell_id})`;
}

await runCommandLine({
  script: "tenant",
  usage,
  options: {
    name: { type: "string" },
    currency: { type: "string" },
    locale: { type: "string" },
    domain: { type: "string" },
    cell: { type: "string" },
    role: { type: "string" },
    to: { type: "string" },
    now: { type: "boolean" },
  },
  commands,
});
