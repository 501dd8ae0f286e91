import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { generateKeys, publicKeyPem } from "../../../scripts/keys.ts";
import { startSqld } from "../../../scripts/sqld.ts";
import { startArtifactServer } from "./artifact-server.ts";
import { startFixtureServer } from "./fixture-server.ts";
import { startImageServer } from "./image-server.ts";

/** One sqld pair for the whole run; tests keep apart by namespaces of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = join(import.meta.dirname, `../../../.tmp/sqld-${process.pid}`);
  const keys = generateKeys();
  const sqld = await startSqld({
    dir,
    jwtPublicKeyPem: publicKeyPem(keys.jwt_private_key),
    adminKey: keys.sqld_admin_key,
    fresh: true,
  });
  project.provide(
    "central",
    JSON.stringify({
      namespace: "central",
      primary_url: sqld.primary_url,
      admin_url: sqld.admin_url,
      replicas: [{ region: "local", url: sqld.replica_url }],
    }),
  );
  project.provide("jwtPrivateKey", keys.jwt_private_key);
  project.provide("adminKey", keys.sqld_admin_key);
  project.provide("primaryUrl", sqld.primary_url);
  project.provide("replicaUrl", sqld.replica_url);
  project.provide("adminUrl", sqld.admin_url);
  // workerd reads no files of the host.
  const squareSeed = resolve(process.env.SERVERY_FIXTURES ?? "../shared/fixtures", "square/seed-graphql-sample-app.json");
  project.provide("squareSeed", existsSync(squareSeed) ? readFileSync(squareSeed, "utf8") : null);
  project.provide("racesTimes", Number(process.env.RACES_TIMES ?? 1));
  const artifacts = await startArtifactServer();
  project.provide("artifactsUrl", artifacts.url);
  const fixtures = await startFixtureServer();
  project.provide("fixturesUrl", fixtures.url);
  const images = await startImageServer();
  project.provide("imagesUrl", images.url);
  return async () => {
    await images.stop();
    await fixtures.stop();
    await artifacts.stop();
    await sqld.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
