// npm run lighthouse: the scores of the storefront pages. See usage below.
import { parseArgs } from "node:util";
import lighthouse, { desktopConfig } from "lighthouse";
import { launchChromium } from "./chromium.ts";
import { freePort } from "./free-port.ts";
import { readDemo, readRun, stateDirectory } from "./state-directory.ts";

const PASS_SCORE = 95;
const categories = ["performance", "accessibility", "best-practices"] as const;
const metrics = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"] as const;

const usage = `npm run lighthouse -- [<address>]… [--runs <n>] [--desktop] [--json]

Loads each page in Chromium as Lighthouse does, on a slow phone and network, and prints its scores, 0 to 100. Without an
address: the first store of each demo tenant, which npm start must be running. Ends with status 1 where a score is below ${PASS_SCORE}.

  --runs <n>   loads of each page, 1 to 9 (3); of each score the median counts
  --desktop    as on a desktop computer
  --json       print one JSON object: { pages: [{ url, scores, metrics }] }
  --help       this text

CHROME_PATH names a Chromium other than Debian's.`;

type PageResult = {
  url: string;
  scores: Record<(typeof categories)[number], number>;
  /** Milliseconds, but for the layout shift, which has no unit. */
  metrics: Record<(typeof metrics)[number], number>;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "3" },
    desktop: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else
  try {
    const runs = runsOf(values.runs);
    const pages = await measure(positionals.length > 0 ? positionals : demoPages(), runs);
    if (values.json) console.log(JSON.stringify({ pages }, null, 2));
    else for (const page of pages) console.log(asText(page));
    if (pages.some(({ scores }) => Object.values(scores).some((score) => score < PASS_SCORE))) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }

function runsOf(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new Error(`--runs takes 1 to 9, not "${text}"`);
  return Number(text);
}

function demoPages(): string[] {
  const run = readRun(stateDirectory);
  const demo = readDemo(stateDirectory);
  if (!run || !demo) throw new Error("npm start is not running; run it, or name the addresses to measure");
  const { port } = new URL(run.base_url);
  return demo.tenants.flatMap(({ host, stores }) => stores.slice(0, 1).map(({ id }) => `http://${host}:${port}/stores/${id}`));
}

async function measure(urls: readonly string[], runs: number): Promise<PageResult[]> {
  const port = await freePort();
  const browser = await launchChromium({ debugging_port: port });
  try {
    const results: PageResult[] = [];
    for (const url of urls) {
      const loads: PageResult[] = [];
      for (let run = 0; run < runs; run++) loads.push(await load(url, port));
      results.push(medianOf(url, loads));
    }
    return results;
  } finally {
    await browser.close();
  }
}

async function load(url: string, port: number): Promise<PageResult> {
  const result = await lighthouse(
    url,
    { port, logLevel: "error", onlyCategories: [...categories] },
    values.desktop ? desktopConfig : undefined,
  );
  if (!result) throw new Error(`Lighthouse has no result for ${url}`);
  const { lhr } = result;
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  return {
    url,
    scores: record(categories, (id) => Math.round((lhr.categories[id]?.score ?? 0) * 100)),
    metrics: record(metrics, (id) => lhr.audits[id]?.numericValue ?? Number.NaN),
  };
}

function medianOf(url: string, loads: readonly PageResult[]): PageResult {
  return {
    url,
    scores: record(categories, (id) => median(loads.map(({ scores }) => scores[id]))),
    metrics: record(metrics, (id) => median(loads.map(({ metrics }) => metrics[id]))),
  };
}

/** Of an even number the lower of the two in the middle. */
function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length / 2) - 1] ?? Number.NaN;
}

function record<K extends string>(keys: readonly K[], numberOf: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, numberOf(key)])) as Record<K, number>;
}

function asText({ url, scores, metrics }: PageResult): string {
  const shown = categories.map((id) => `${id.replace("-", " ")} ${scores[id]}`).join(", ");
  const [paint, largest, blocked, shift] = [
    metrics["first-contentful-paint"],
    metrics["largest-contentful-paint"],
    metrics["total-blocking-time"],
    metrics["cumulative-layout-shift"],
  ];
  const times = `first paint ${paint.toFixed()} ms, largest ${largest.toFixed()} ms, blocked ${blocked.toFixed()} ms, layout shift ${shift}`;
  return `${url}\n  ${shown}\n  ${times}`;
}
