/**
 * Who may import whom in src/ (architecture.md, "Layout"), as data and as a function over one import. Layers look down only;
 * a slice of domains/ sees another only through its index.ts and only where the table has the arrow.
 */

type Layer = "worker" | "app" | "domains" | "pages" | "platform" | "env" | "kernel" | "migrations" | "till" | "client";

const layers: Record<Layer, readonly Layer[]> = {
  worker: ["app", "platform"],
  app: ["domains", "pages", "platform", "kernel"],
  pages: ["pages", "domains", "platform", "kernel"],
  domains: ["domains", "platform", "kernel"],
  platform: ["platform", "env", "kernel", "migrations"],
  env: ["kernel"],
  kernel: ["kernel"],
  migrations: [],
  // These run in a browser; what they may have of the Worker besides the kernel is below.
  till: ["till", "client", "kernel"],
  client: ["client", "kernel"],
};

/** Pure files of a slice that a browser runs too, so that both come to the same. */
const alsoInBrowsers = new Set(["src/domains/orders/line-totals.ts"]);

/** Packages whose types client/ may name: who uses that file brings them. */
const broughtByUsers = new Set(["rxdb"]);

export const slices: Record<string, readonly string[]> = {
  stores: [],
  catalog: ["stores", "media"],
  media: [],
  control: [],
  menu: ["catalog", "stores", "media"],
  inventory: ["stores", "catalog"],
  booking: ["stores", "catalog"],
  orders: ["menu", "catalog", "inventory", "stores"],
  storefront: ["menu", "catalog", "inventory", "stores"],
  sync: ["orders", "booking", "menu", "catalog", "inventory", "stores"],
  events: [],
};

/** Words that only platform/db may say: addresses and the protocol of a database. */
const databaseWords = /x-namespace-bin|\/v[23]\/(?:pipeline|cursor)\b|\/v1\/namespaces\b/;

export type Import = {
  /** Of the importing file, from the root: `src/domains/menu/publish-menu.ts`. */
  file: string;
  line: number;
  /** As written. */
  specifier: string;
  /** Nothing of it is there when the program runs. */
  is_type?: boolean;
};

/** Every static, re-exporting and dynamic import of a TypeScript text. */
export function importsOf(file: string, text: string): Import[] {
  const pattern =
    /(?:^|[;\n])\s*(?:import|export)\b(?<type>\s+type\b)?(?:[^;"'`=]*?\bfrom\b)?\s*["'](?<named>[^"'\n]+)["']|\bimport\(\s*["'](?<dynamic>[^"'\n]+)["']/g;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match.groups?.named ?? match.groups?.dynamic ?? "";
    const at = match.index + match[0].lastIndexOf(specifier);
    const is_type = match.groups?.type !== undefined;
    return { file, line: text.slice(0, at).split("\n").length, specifier, ...(is_type ? { is_type } : {}) };
  });
}

/** Why this import must not be, or null. `packages` are the dependencies of package.json. */
export function importProblem({ file, specifier, is_type }: Import, packages: ReadonlySet<string>): string | null {
  const isTest = /\.test\.tsx?$/.test(file);
  if (is_type && layerOf(file) === "client" && broughtByUsers.has(specifier)) return null;
  if (!specifier.startsWith(".")) return isTest ? null : packageProblem(file, specifier, packages);
  const target = resolvePath(file, specifier);
  if (isTest && target.startsWith("test/")) return null;
  const from = layerOf(file);
  const to = layerOf(target);
  if (!from) return `${file} is in no layer: src holds worker.ts, app.ts, env.ts, domains, pages, platform, kernel, client and till`;
  if (!to) return `${target} is not in src`;
  if (isBrowserLayer(from) && (alsoInBrowsers.has(target) || (is_type && (to === "domains" || to === "pages")))) return null;
  if (!layers[from].includes(to)) return `${from} may not import ${to}`;
  // A test of a page may reach past an index.ts: that would drag the whole Worker in.
  return to === "domains" && !(isTest && from === "pages") ? sliceProblem(file, target) : null;
}

const isBrowserLayer = (layer: Layer): boolean => layer === "till" || layer === "client";

/** The lines that speak to a database outside platform/db, counted from 1. */
export function databaseWordLines(file: string, text: string): number[] {
  if (file.startsWith("src/platform/db/") || /\.test\.tsx?$/.test(file)) return [];
  return text.split("\n").flatMap((line, index) => (databaseWords.test(line) ? [index + 1] : []));
}

function sliceProblem(file: string, target: string): string | null {
  const own = sliceOf(file);
  const other = sliceOf(target);
  if (own !== null && !slices[own]) return `the slice ${own} has no row in the import table (scripts/import-rules.ts)`;
  if (own === other) return null;
  if (own !== null && !slices[own]?.includes(other ?? "")) return `the slice ${own} may not import ${other}`;
  if (target !== `src/domains/${other}/index.ts`) return `${other} is imported through its index.ts only`;
  return null;
}

function packageProblem(file: string, specifier: string, packages: ReadonlySet<string>): string | null {
  if (specifier.startsWith("node:")) return "src runs in workerd: no node: imports";
  if (layerOf(file) === "kernel") return "kernel imports nothing but itself";
  if (specifier.startsWith("cloudflare:")) return null;
  if (specifier.startsWith("@libsql/")) return "the Worker speaks Hrana itself (platform/db); @libsql is for scripts";
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return packages.has(name) ? null : `${name} is not in the dependencies of package.json`;
}

function layerOf(path: string): Layer | null {
  const [top, second] = path.split("/");
  if (top === "migrations") return "migrations";
  if (top !== "src" || !second) return null;
  const name = second.replace(/\.ts$/, "");
  return name in layers && name !== "migrations" ? (name as Layer) : null;
}

function sliceOf(path: string): string | null {
  const [, layer, slice] = path.split("/");
  return layer === "domains" && slice ? slice : null;
}

function resolvePath(file: string, specifier: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
