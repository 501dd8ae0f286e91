import { z } from "zod";
import { HIGHEST_RATE_LIMIT, RATE_CLASS_NAMES } from "./kernel/rate-classes.ts";
import { readSealingKeys, type SealingKey } from "./kernel/sealing-keys.ts";

const json = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context): z.output<T> => {
    try {
      return schema.parse(JSON.parse(text)) as z.output<T>;
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "not JSON" });
      return z.NEVER;
    }
  });

const SealingKeys = z.string().transform((text, context): SealingKey[] => {
  try {
    return readSealingKeys(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const Central = z.object({
  namespace: z.string(),
  primary_url: z.url(),
  admin_url: z.url(),
  replicas: z.array(z.object({ region: z.string(), url: z.url() })),
});

/** Written without a value: not set. */
const unset = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const HostAndPort = z.string().regex(/^(?:\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/, "must be host:port");

const Config = z
  .object({
    ENVIRONMENT: z.enum(["dev", "staging", "production"]),
    /** Where the central database is; everything else is found through it. */
    CENTRAL: json(Central),
    /** The primary's region, where writers should live. */
    WRITER_LOCATION_HINT: z.enum(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"]),
    /** Limits that differ from those of src/kernel/rate-classes.ts, by class. */
    RATE_LIMITS: json(z.partialRecord(z.enum(RATE_CLASS_NAMES), z.int().min(1).max(HIGHEST_RATE_LIMIT))),
    /** Ed25519, PKCS 8, base64: signs the databases' tokens. */
    JWT_PRIVATE_KEY: z.string().min(40),
    SQLD_ADMIN_KEY: z.string().min(8),
    OPERATOR_KEY: z.string().min(16),
    /** Seals consistency tokens and derives keys. */
    TOKEN_SECRET: z.string().min(16),
    /** Seals what others entrusted to us: `id:base64` of 32 bytes each, by commas; the first seals, all of them open. */
    SECRETS_KEY: SealingKeys,
    /** Hosts of images that may be local; of `dev` alone. */
    IMAGE_HOSTS: unset(json(z.array(HostAndPort))),
    /** What names of image hosts are resolved by: DNS over HTTPS, answering JSON. */
    DNS_RESOLVER_URL: unset(z.url()),
    /** Put before the paths of our own images in what storefronts are shown. Default: this Worker's own. */
    MEDIA_BASE_URL: unset(z.url()).transform((url) => url?.replace(/\/+$/, "") ?? "/media"),
  })
  .refine(({ ENVIRONMENT, IMAGE_HOSTS }) => IMAGE_HOSTS === undefined || ENVIRONMENT === "dev", {
    path: ["IMAGE_HOSTS"],
    message: "is for dev alone: with it, images are fetched from inside the network",
  });

export type Config = z.infer<typeof Config>;

const parsed = new WeakMap<object, Config>();

/** The Worker's configuration; a missing or wrong value is named. Parsed once per isolate. */
export function configOf(env: Env): Config {
  const known = parsed.get(env);
  if (known) return known;
  const result = Config.safeParse(env);
  if (!result.success) {
    const what = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new Error(`The environment is not configured: ${what}`);
  }
  parsed.set(env, result.data);
  return result.data;
}
