import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

type Queue = { queue: string; max_retries?: number; dead_letter_queue?: string; max_batch_size: number; max_batch_timeout: number };

/** What an environment block holds; wrangler inherits none of it. */
type Environment = {
  name: string;
  vars: Record<string, string>;
  secrets: { required: string[] };
  durable_objects: { bindings: { name: string; class_name: string }[] };
  r2_buckets: { binding: string; bucket_name: string }[];
  queues: { producers: { binding: string; queue: string }[]; consumers: Queue[] };
};

type WranglerConfig = {
  env: Record<string, Environment>;
  migrations: { new_sqlite_classes?: string[] }[];
} & Record<string, unknown>;

const config = parse(readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8")) as unknown as WranglerConfig;
const environments = Object.entries(config.env);
const perEnvironment = ["vars", "secrets", "durable_objects", "r2_buckets", "queues"];

/** Every binding of an environment as `kind NAME`. */
function bindingsOf(environment: Environment): string[] {
  return [
    ...Object.keys(environment.vars).map((name) => `var ${name}`),
    ...environment.secrets.required.map((name) => `secret ${name}`),
    ...environment.durable_objects.bindings.map(({ name, class_name }) => `object ${name} ${class_name}`),
    ...environment.r2_buckets.map(({ binding }) => `bucket ${binding}`),
    ...environment.queues.producers.map(({ binding }) => `queue ${binding}`),
  ].sort();
}

/** The consumers of an environment with its name taken out, so that environments can be compared. */
function consumersOf(name: string, environment: Environment): unknown[] {
  return JSON.parse(JSON.stringify(environment.queues.consumers).replaceAll(`"${name}-`, '"{env}-'));
}

describe("wrangler.toml", () => {
  it("has the three environments and keeps their bindings out of the top level", () => {
    expect(Object.keys(config.env)).toEqual(["dev", "staging", "production"]);
    for (const kind of perEnvironment) expect(config).not.toHaveProperty(kind);
  });

  it.each(environments)("%s has every binding that another has, of the same kind", (_name, environment) => {
    const all = new Set(environments.flatMap(([, other]) => bindingsOf(other)));
    expect(bindingsOf(environment)).toEqual([...all].sort());
  });

  it.each(environments)("%s consumes its queues as the others do", (name, environment) => {
    const [firstName, first] = environments[0] as [string, Environment];
    expect(consumersOf(name, environment)).toEqual(consumersOf(firstName, first));
  });

  it.each(environments)("%s gives every queue a consumer and a dead-letter queue that is consumed too", (name, { queues }) => {
    const consumers = new Map(queues.consumers.map((consumer) => [consumer.queue, consumer]));
    expect(consumers.size).toBe(queues.consumers.length);
    for (const { queue } of queues.producers) {
      const consumer = consumers.get(queue);
      expect(consumer, `${queue} has no consumer`).toBeDefined();
      expect(consumer?.dead_letter_queue).toBe(`${queue}-dlq`);
      expect(consumer?.max_retries).toBeGreaterThan(0);
      expect(consumers.get(`${queue}-dlq`), `${queue}-dlq has no consumer`).toBeDefined();
    }
    expect(queues.producers.map(({ queue }) => queue).sort()).toEqual(
      ["items-flat-regen", "image-copy", "domain-events", "ingestion"].map((queue) => `${name}-${queue}`).sort(),
    );
  });

  it.each(environments)("%s shares no Worker, bucket or queue with another", (name, environment) => {
    expect(environment.name).toBe(`servery-${name}`);
    expect(environment.vars.ENVIRONMENT).toBe(name);
    for (const { bucket_name } of environment.r2_buckets) expect(bucket_name).toMatch(new RegExp(`^servery-${name}-`));
    for (const { queue } of [...environment.queues.producers, ...environment.queues.consumers]) {
      expect(queue.startsWith(`${name}-`), queue).toBe(true);
    }
  });

  it.each(environments)("%s names a central database with at least one replica", (_name, { vars }) => {
    const central = JSON.parse(vars.CENTRAL ?? "{}");
    expect(central.namespace).toBe("central");
    for (const url of [central.primary_url, central.admin_url, ...central.replicas.map((replica: { url: string }) => replica.url)]) {
      expect(URL.canParse(url), String(url)).toBe(true);
    }
    expect(central.replicas.length).toBeGreaterThan(0);
  });

  it("makes every Durable Object class an SQLite one", () => {
    const made = config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? []);
    const used = environments.flatMap(([, { durable_objects }]) => durable_objects.bindings.map(({ class_name }) => class_name));
    expect([...new Set(made)].sort()).toEqual([...new Set(used)].sort());
  });
});
