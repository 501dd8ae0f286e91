import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** The operator and token secrets of every test; the sqld keys are made anew for each run (test/support/node/global-setup.ts). */
const testSecrets = {
  OPERATOR_KEY: "operator-test-key-0123456789",
  TOKEN_SECRET: "token-secret-for-tests-0123456789",
  SECRETS_KEY: `test:${Buffer.alloc(32, 7).toString("base64")}`,
};

// wrangler looks for required secrets in the environment and complains, though the bindings below carry them.
for (const name of ["JWT_PRIVATE_KEY", "SQLD_ADMIN_KEY", "OPERATOR_KEY", "TOKEN_SECRET", "SECRETS_KEY"])
  process.env[name] ??= "set-by-vitest";
Object.assign(process.env, {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
});

/** Asked once for each runtime: two that migrate one central database at once, with a writer each, would disturb each other. */
const centralOfItsOwn = (central: string): string =>
  JSON.stringify({ ...JSON.parse(central), namespace: `central-${crypto.randomUUID()}` });

/** Tests that run against a whole local stack. */
const wholeSystem = ["browser", "faults", "docs", "security"].map((folder) => `test/${folder}/**/*.node.test.ts`);

export default defineConfig({
  test: {
    // A passing test says nothing; the log lines of a failing one are shown with it.
    silent: "passed-only",
    // What background work asks of vitest while its test file ends (to log a line, to resolve a module) has nobody left to answer it, and the
    // answer may then reach another request's context (vitest 4.1): that alone fails no run. A test that waits for it fails by itself.
    onUnhandledError: ({ name, message }) =>
      !(name === "EnvironmentTeardownError" && message.includes("Closing rpc while")) &&
      !message.includes("(I/O type: RefcountedFulfiller)"),
    // Much of a test is waiting for the database, so two share even two cores well.
    maxWorkers: 2,
    globalSetup: ["./test/support/node/global-setup.ts"],
    projects: [
      { test: { name: "pure", include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], environment: "node", testTimeout: 30_000 } },
      {
        test: {
          name: "node",
          include: ["test/**/*.node.test.ts"],
          exclude: wholeSystem,
          environment: "node",
          testTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml", environment: "dev" },
            remoteBindings: false,
            miniflare: {
              bindings: {
                CENTRAL: centralOfItsOwn(inject("central")),
                JWT_PRIVATE_KEY: inject("jwtPrivateKey"),
                SQLD_ADMIN_KEY: inject("adminKey"),
                IMAGE_HOSTS: JSON.stringify([new URL(inject("imagesUrl")).host]),
                DNS_RESOLVER_URL: `${inject("imagesUrl")}/dns-query`,
                ...testSecrets,
              },
            },
          })),
        ],
        test: { name: "worker", include: ["test/**/*.worker.test.ts"], testTimeout: 30_000, isolate: false },
      },
      {
        test: {
          name: "system",
          include: wholeSystem,
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // After all the others and one by one: each starts a whole stack, some a browser; they want the machine to themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
