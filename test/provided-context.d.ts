import "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** JSON text, the shape of the CENTRAL variable. */
    central: string;
    /** Ed25519 PKCS8, base64. */
    jwtPrivateKey: string;
    adminKey: string;
    primaryUrl: string;
    replicaUrl: string;
    adminUrl: string;
    /** PUT a file's text at `/<name>.md` and it is in test-artifacts/. */
    artifactsUrl: string;
    /** An image host of every kind of answer; see test/support/node/image-server.ts. */
    imagesUrl: string;
    /** Square's sample catalogue, JSON text; null where the fixtures are absent. */
    squareSeed: string | null;
    /** Published product data, `/{folder}/{file}`; null where it is absent. */
    fixturesUrl: string | null;
    /** How often each race of test/races is run: the environment's RACES_TIMES, else once. */
    racesTimes: number;
  }
}
