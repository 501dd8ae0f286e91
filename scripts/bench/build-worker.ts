import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const deadlineMs = 120_000;

/** The Worker as it would be deployed: the main module's source, and the texts it imports by their names. */
export type WorkerBundle = { main: string; texts: Record<string, string> };

/** Builds this checkout into `outdir`, from wrangler.toml's main module or another `entry`. Throws with wrangler's own words where that fails. */
export async function buildWorker(outdir: string, { minify, entry }: { minify: boolean; entry?: string }): Promise<WorkerBundle> {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const env = {
    ...process.env,
    // wrangler.toml's own build command says `node`, and means the one of package.json.
    PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_LOG_PATH: join(outdir, "../wrangler-logs"),
    NO_COLOR: "1",
  };
  const built = promisify(execFile)(
    process.execPath,
    [wrangler, "deploy", ...(entry ? [entry] : []), "--dry-run", "--env", "dev", `--minify=${minify}`, "--outdir", outdir],
    {
      cwd: root,
      env,
      timeout: deadlineMs,
    },
  );
  await built.catch((error: { stdout?: string; stderr?: string; message: string }) => {
    throw new Error(`the Worker could not be built:\n${error.stderr || error.stdout || error.message}`);
  });
  const texts = readdirSync(outdir).filter((name) => name.endsWith(".sql"));
  return {
    main: readFileSync(join(outdir, `${basename(entry ?? "worker.ts", ".ts")}.js`), "utf8"),
    texts: Object.fromEntries(texts.map((name) => [name, readFileSync(join(outdir, name), "utf8")])),
  };
}
