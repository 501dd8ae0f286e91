import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, operatorClient, tenantClient } from "../../scripts/api-client.ts";
import { freePort } from "../../scripts/free-port.ts";
import { generateKeys } from "../../scripts/keys.ts";
import { type LocalStack, registerLocalCell, startLocalStack } from "../../scripts/local-stack.ts";
import { type ImageServer, startImageServer } from "../support/node/image-server.ts";
import { until } from "../support/node/until.ts";

/**
 * A catalogue's images from a host that fails, stalls and lies, with the Worker's whole runtime killed in the middle. `IMAGES=5000` for the
 * full run; docs/images.md has its figures.
 */
const count = Number(process.env["IMAGES"] ?? 150);
const stateRoot = join(import.meta.dirname, "../../.tmp");
const keys = generateKeys();
let dir: string;
let server: ImageServer;
let stack: LocalStack;
let tenant: ApiClient;
let slug: string;

type Outcome = "copied" | "refused" | "failed";
interface Progress {
  pending: number;
  copied: number;
  unchanged: number;
  refused: number;
  failed: number;
}
interface Run {
  id: string;
  status: string;
  images: Progress;
  unchanged: number;
}

/** What the host does with image `n`, and what has to come of it. */
function imageOf(n: number): { path: string; outcome: Outcome } {
  const name = `${n}.png`;
  switch (n % 200) {
    case 0:
      return { path: `/late/${name}`, outcome: "copied" };
    case 1:
      return { path: `/halts/${name}`, outcome: "copied" };
    case 2:
      return { path: `/large/${name}?mebibytes=6`, outcome: "copied" };
    case 3:
      return { path: `/large/${name}?mebibytes=11`, outcome: "refused" };
    case 4:
      return { path: `/large/${name}?mebibytes=11&declared`, outcome: "refused" };
    case 5:
      return { path: `/hops/9?${n}`, outcome: "refused" };
    case 6:
      return { path: `/to/302?${n}&url=${encodeURIComponent("http://169.254.169.254/latest/meta-data/")}`, outcome: "refused" };
    case 7:
      return { path: `/status/503?${n}&retry_after=1`, outcome: "failed" };
    case 8:
      return { path: `/mistyped/${name}`, outcome: "copied" };
    case 9:
      return { path: `/slow/${name}?ms=700`, outcome: "copied" };
  }
  switch (n % 20) {
    case 0:
      return { path: `/page/${name}`, outcome: "refused" };
    case 1:
      return { path: `/svg/script-${n}.svg`, outcome: "refused" };
    case 2:
      return { path: `/status/404?${n}`, outcome: "refused" };
    case 3:
      return { path: `/flaky/${name}?fails=1&retry_after=1`, outcome: "copied" };
    case 4:
      return { path: `/flaky/${name}?fails=3&retry_after=1`, outcome: "copied" };
    default:
      return { path: `/ok/${name}?bytes=20000`, outcome: "copied" };
  }
}

const images = Array.from({ length: count }, (_, n) => imageOf(n));
const payload = () => ({
  format: "cata/1",
  currency: "USD",
  products: images.map(({ path }, n) => ({ id: `p${n}`, name: `P ${n}`, item_code: `C${n}`, price: 100, image_url: server.url + path })),
});

/** Of the processes of the Worker's group: what workerd takes, now and at its highest, in MiB. */
function workerdMemory(group: number): number {
  let highest = 0;
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, comm, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      if (comm !== "workerd" || Number(rest?.split(" ")[2]) !== group) continue;
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${entry}/status`, "utf8"))?.[1];
      highest = Math.max(highest, Number(peak ?? 0) / 1_024);
    } catch {
      // It has ended meanwhile.
    }
  }
  return Math.round(highest);
}

beforeAll(async () => {
  mkdirSync(stateRoot, { recursive: true });
  dir = mkdtempSync(join(stateRoot, "images-"));
  server = await startImageServer();
  stack = await startLocalStack({ dir, port: await freePort(), keys, imageHosts: [server.host] });
  const operator = operatorClient(stack.base_url, keys.operator_key);
  await registerLocalCell(operator, stack.sqld);
  slug = "images";
  const { admin_key } = await operator.post<{ admin_key: string }>("/internal/tenants", { slug, name: "Images", currency: "USD" });
  tenant = tenantClient(stack.base_url, slug, admin_key);
}, 120_000);

afterAll(async () => {
  await stack?.stop();
  await server?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

test(
  "every image ends copied, refused or given up; a kill loses none; the same payload asks for nothing",
  async () => {
    const source = await tenant.post<{ id: string }>("/api/v1/source-systems", { source_type: "pos", name: "Till", provider: "cata" });
    const ingest = () => tenant.post<Run>(`/api/v1/source-systems/${source.id}/ingestions`, payload());
    const progress = async (id: string) => {
      await sleep(200);
      return (await tenant.get<Run>(`/api/v1/ingestions/${id}`)).images;
    };
    const ended = (id: string) =>
      until("the run", 300_000, async () => {
        const run = await tenant.get<Run>(`/api/v1/ingestions/${id}`);
        return run.status === "completed" ? run : undefined;
      });
    const startedMs = Date.now();
    const { id } = await ingest();
    await ended(id);
    const ingestedMs = Date.now();
    const before = workerdMemory(stack.worker.pid);
    const sum = ({ pending, copied, unchanged, refused, failed }: Progress) => pending + copied + unchanged + refused + failed;
    await until("a third of the images", 60_000 + count * 200, async () => {
      const now = await progress(id);
      expect(sum(now)).toBe(count);
      return now.copied > count / 3 ? now : undefined;
    });
    const firstPeak = workerdMemory(stack.worker.pid);
    stack.worker.kill();
    await stack.restartWorker();
    const left = await until("the first answer after it", 30_000, () => progress(id));
    expect(left.pending).toBeGreaterThan(0);

    const samples: number[] = [left.pending];
    const final = await until("all images", 240_000 + count * 200, async () => {
      const now = await progress(id);
      expect(sum(now)).toBe(count);
      samples.push(now.pending);
      return now.pending === 0 ? now : undefined;
    });
    const copiedMs = Date.now();
    const peak = workerdMemory(stack.worker.pid);
    const wanted = (outcome: Outcome) => images.filter((image) => image.outcome === outcome).length;
    expect(final).toEqual({ pending: 0, copied: wanted("copied"), unchanged: 0, refused: wanted("refused"), failed: wanted("failed") });
    // The figure is one that falls.
    expect(new Set(samples).size).toBeGreaterThan(2);
    expect(samples.toSorted((a, b) => b - a)).toEqual(samples);

    await everyImageIsServed();
    const asked = [...server.counts().values()].reduce((total, times) => total + times, 0);
    const second = await ended((await ingest()).id);
    expect(second).toMatchObject({ unchanged: count, images: { pending: 0, copied: 0, unchanged: 0, refused: 0, failed: 0 } });
    expect([...server.counts().values()].reduce((total, times) => total + times, 0)).toBe(asked);
    const artifacts = join(import.meta.dirname, "../../test-artifacts");
    mkdirSync(artifacts, { recursive: true });
    writeFileSync(
      join(artifacts, "images.json"),
      JSON.stringify({
        images: count,
        ...final,
        requests: asked,
        ingest_s: (ingestedMs - startedMs) / 1_000,
        copy_s: (copiedMs - ingestedMs) / 1_000,
        workerd_mib: { before, first_peak: firstPeak, second_peak: peak },
      }),
    );
    // A page at a time, three images at once, of each a part: what it takes does not grow with how many there are.
    expect(Math.max(firstPeak, peak)).toBeLessThan(700);
  },
  600_000 + count * 400,
);

/** Each copied product names an image that is there. */
async function everyImageIsServed(): Promise<void> {
  let cursor = "";
  const paths = new Set<string>();
  for (;;) {
    const page = await tenant.get<{ data: { object_path: string }[]; next_cursor: string | null }>(
      `/api/v1/images?state=copied&limit=500${cursor && `&cursor=${cursor}`}`,
    );
    for (const { object_path } of page.data) paths.add(object_path);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  const shared = images.filter(({ path }) => path.startsWith("/large/") && path.includes("=6")).length - 1;
  expect(paths.size).toBe(images.filter(({ outcome }) => outcome === "copied").length - Math.max(0, shared));
  for (const path of [...paths].filter((_, index) => index % Math.ceil(paths.size / 100) === 0)) {
    const response = await fetch(`${stack.base_url}/media/${path}`);
    expect([response.status, response.headers.get("content-type")], path).toEqual([200, "image/png"]);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
}
