import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare, type MiniflareOptions } from "miniflare";
import type { WorkerBundle } from "./build-worker.ts";
import type { CapnpValue } from "./capnp-text.ts";
import { startWorkerd, type WorkerdProcess } from "./workerd.ts";
import { readWranglerEnvironment, type WranglerEnvironment } from "./wrangler-environment.ts";

export type RawWorkerdOptions = {
  dir: string;
  port: number;
  bundle: WorkerBundle;
  /** Go over the environment's vars; its secrets are here too. */
  variables: Record<string, string>;
  inspectorPort?: number | undefined;
};

type Module = { name: string; esModule?: string; text?: string };
type Service = {
  name: string;
  worker?: {
    modules?: Module[];
    bindings?: { name: string }[];
    globalOutbound?: unknown;
    cacheApiOutbound?: unknown;
    containerEngine?: unknown;
    tails?: unknown;
    streamingTails?: unknown;
  };
};
type WorkerdConfig = { services: Service[]; extensions?: { modules: { name: string; esModule: string; internal?: boolean }[] }[] };

const anywhere = { allow: ["public", "private", "local"], tlsOptions: { trustBrowserCas: true } };

/**
 * Runs the built Worker of environment `dev` on a bare workerd. Miniflare is started once to make its config, which is then taken without its
 * proxy and its Node server; its simulators of queues and R2 stay, as plain workerd services. Good for measuring, not for production: the
 * queue broker keeps its messages in memory.
 */
export async function startRawWorkerd(options: RawWorkerdOptions): Promise<WorkerdProcess> {
  const { dir, port, inspectorPort } = options;
  return startWorkerd({ dir, name: "worker", port, config: await rawWorkerdConfig(options), probe: "/healthz", inspectorPort });
}

/** What `startRawWorkerd` hands to workerd, for whoever starts it more than once over the same state. */
export async function rawWorkerdConfig({ dir, port, bundle, variables }: RawWorkerdOptions): Promise<CapnpValue> {
  mkdirSync(dir, { recursive: true });
  const environment = readWranglerEnvironment("dev");
  const made = await miniflareConfig(dir, miniflareOptions(dir, environment, bundle, variables));
  return { ...bareConfig(made, environment.name), sockets: [socketTo(`core:user:${environment.name}`, port)] } as CapnpValue;
}

export const socketTo = (service: string, port: number) => ({
  name: "http",
  address: `127.0.0.1:${port}`,
  http: {},
  service: { name: service },
});

export const internetService = { name: "internet", network: anywhere };

function miniflareOptions(
  dir: string,
  environment: WranglerEnvironment,
  bundle: WorkerBundle,
  variables: Record<string, string>,
): MiniflareOptions {
  const { name, queues } = environment;
  const texts = Object.entries(bundle.texts).map(([file, contents]) => [file, { type: "text", contents }]);
  const state = join(dir, "state");
  for (const product of ["do", "r2"]) mkdirSync(join(state, product), { recursive: true });
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    logRequests: false,
    telemetry: { enabled: false },
    resourcePersistencePath: state,
    workers: [
      {
        config: {
          name,
          compatibilityDate: environment.compatibility_date,
          compatibilityFlags: environment.compatibility_flags,
          manifest: {
            mainModule: "worker.js",
            modules: { "worker.js": { type: "esm", contents: bundle.main }, ...Object.fromEntries(texts) },
          },
          env: bindingsOf(environment, variables),
          exports: Object.fromEntries(environment.sqlite_classes.map((one) => [one, { type: "durable-object", storage: "sqlite" }])),
          triggers: queues.consumers.map((consumer) => ({
            type: "queue",
            name: consumer.queue,
            maxBatchSize: consumer.max_batch_size,
            maxBatchTimeout: consumer.max_batch_timeout,
            maxRetries: consumer.max_retries,
            ...(consumer.dead_letter_queue ? { deadLetterQueue: consumer.dead_letter_queue } : {}),
          })),
        },
      },
    ],
  } as MiniflareOptions;
}

function bindingsOf(environment: WranglerEnvironment, variables: Record<string, string>): Record<string, { type: string }> {
  const texts = Object.entries({ ...environment.vars, ...variables }).map(([key, value]) => [key, { type: "text", value }]);
  const objects = environment.durable_objects.bindings.map((one) => [
    one.name,
    { type: "durable-object", worker: environment.name, exportName: one.class_name },
  ]);
  const buckets = environment.r2_buckets.map((one) => [one.binding, { type: "r2", name: one.bucket_name }]);
  const queues = environment.queues.producers.map((one) => [one.binding, { type: "queue", name: one.queue }]);
  return Object.fromEntries([...texts, ...objects, ...buckets, ...queues]);
}

/** Miniflare writes the config it hands to workerd into the file that this variable names. */
async function miniflareConfig(dir: string, options: MiniflareOptions): Promise<WorkerdConfig> {
  const file = join(dir, "miniflare.json");
  process.env["MINIFLARE_WORKERD_CONFIG_DEBUG"] = file;
  const miniflare = new Miniflare(options);
  try {
    await miniflare.ready;
  } finally {
    await miniflare.dispose();
    delete process.env["MINIFLARE_WORKERD_CONFIG_DEBUG"];
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

function bareConfig({ services, extensions = [] }: WorkerdConfig, name: string): WorkerdConfig {
  const user = `core:user:${name}`;
  const kept = services.filter(
    (service) => service.name === user || (/^(do|queues|r2):/.test(service.name) && service.name !== "r2:public"),
  );
  for (const service of kept) {
    const { worker } = service;
    if (!worker) continue;
    // The rest of these lead back into Miniflare's Node process.
    worker.bindings = (worker.bindings ?? []).filter((binding) => binding.name !== "MINIFLARE_QUEUE_PROXY");
    if (service.name === user) delete worker.globalOutbound;
    // The Cache API is not used (architecture decision 7).
    delete worker.cacheApiOutbound;
    delete worker.containerEngine;
    delete worker.tails;
    delete worker.streamingTails;
  }
  const silent = { name: "loopback.js", esModule: "export default { fetch: () => new Response(null, { status: 204 }) }" };
  const loopback: Service = { name: "loopback", worker: { ...{ compatibilityDate: "2025-01-01" }, modules: [silent] } };
  const used = new Set(JSON.stringify(kept).match(/cloudflare-internal:[a-z0-9:_-]+/g) ?? []);
  const modules = extensions
    .flatMap((extension) => extension.modules)
    .filter(({ name }) => used.has(name) || name.startsWith("miniflare:"));
  return { services: [...kept, loopback, internetService], extensions: [{ modules }] };
}
