// Makes what the Worker serves as static assets beside the files of public/: Swagger UI's and the till's. wrangler runs it before every build.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const assets = join(root, "public");

const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) copyFileSync(join(swagger, file), join(assets, "reference", file));

/** Everything that the till starts from with no network. The page itself is the Worker's: src/pages/till-page.ts. */
const precached = ["till.js", "till.css", "manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"];
const { version: appVersion } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

write("till.js", await bundled("main.ts", { APP_VERSION: appVersion }));
write("till.css", await bundled("till.css", {}));
const hash = createHash("sha256").update(readFileSync(join(root, "src/pages/till-page.ts")));
for (const file of precached) hash.update(readFileSync(join(assets, "till", file)));
const PRECACHE_VERSION = hash.digest("hex").slice(0, 16);
const PRECACHE = ["/till", ...precached.map((file) => `/till/${file}`)];
write("sw.js", await bundled("service-worker.ts", { PRECACHE_VERSION, PRECACHE }));

async function bundled(entry: string, values: Record<string, unknown>): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src/till", entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022", "chrome110", "safari16"],
    define: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])),
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

/** Two builds at once, as tests make them, must not read each other's halves. */
function write(file: string, text: string): void {
  const path = join(assets, "till", file);
  const fresh = `${path}.${process.pid}.tmp`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}
