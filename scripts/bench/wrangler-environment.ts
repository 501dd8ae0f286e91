import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

const WranglerToml = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  migrations: z.array(z.object({ new_sqlite_classes: z.array(z.string()).default([]) })),
  env: z.record(
    z.string(),
    z.object({
      name: z.string(),
      vars: z.record(z.string(), z.string()),
      durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
      r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string() })),
      queues: z.object({
        producers: z.array(z.object({ binding: z.string(), queue: z.string() })),
        consumers: z.array(
          z.object({
            queue: z.string(),
            max_batch_size: z.number(),
            max_batch_timeout: z.number(),
            max_retries: z.number(),
            dead_letter_queue: z.string().optional(),
          }),
        ),
      }),
    }),
  ),
});

export type WranglerEnvironment = z.infer<typeof WranglerToml>["env"][string] & {
  compatibility_date: string;
  compatibility_flags: string[];
  sqlite_classes: string[];
};

const root = resolve(import.meta.dirname, "../..");

/** One environment of wrangler.toml with what stands above all of them. Throws where the file has none of that name. */
export function readWranglerEnvironment(name: string): WranglerEnvironment {
  const { env, migrations, ...above } = WranglerToml.parse(parse(readFileSync(join(root, "wrangler.toml"), "utf8")));
  const environment = env[name];
  if (!environment) throw new Error(`wrangler.toml has no environment ${name}`);
  const { compatibility_date, compatibility_flags } = above;
  return { ...environment, compatibility_date, compatibility_flags, sqlite_classes: migrations.flatMap((one) => one.new_sqlite_classes) };
}
