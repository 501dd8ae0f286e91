import { describe, expect, test } from "vitest";
import { configOf } from "../../env.ts";

const base = {
  ENVIRONMENT: "dev",
  CENTRAL: '{"namespace":"central","primary_url":"http://127.0.0.1:1","admin_url":"http://127.0.0.1:2","replicas":[]}',
  WRITER_LOCATION_HINT: "weur",
  RATE_LIMITS: "{}",
  JWT_PRIVATE_KEY: "k".repeat(40),
  SQLD_ADMIN_KEY: "a".repeat(8),
  OPERATOR_KEY: "o".repeat(16),
  TOKEN_SECRET: "t".repeat(16),
  SECRETS_KEY: `test:${btoa("k".repeat(32))}`,
};
const config = (more: Record<string, string>) => configOf({ ...base, ...more } as unknown as Env);

describe("images", () => {
  test("local hosts are for dev alone: another environment does not start with them", () => {
    expect(config({ IMAGE_HOSTS: '["127.0.0.1:8787","[::1]:9000","images.test:80"]' }).IMAGE_HOSTS).toHaveLength(3);
    for (const ENVIRONMENT of ["staging", "production"]) {
      expect(() => config({ ENVIRONMENT, IMAGE_HOSTS: '["127.0.0.1:8787"]' })).toThrow(/IMAGE_HOSTS.*dev alone/);
      // Also where it names none: nobody should have written it.
      expect(() => config({ ENVIRONMENT, IMAGE_HOSTS: "[]" })).toThrow(/IMAGE_HOSTS/);
      expect(config({ ENVIRONMENT }).IMAGE_HOSTS).toBeUndefined();
      expect(config({ ENVIRONMENT, IMAGE_HOSTS: "" }).IMAGE_HOSTS).toBeUndefined();
    }
  });

  test.each(["127.0.0.1:8787", '["127.0.0.1"]', '["http://127.0.0.1:80"]', '["*:80"]', '[":80"]', "{}"])(
    "%s names no hosts",
    (IMAGE_HOSTS) => {
      expect(() => config({ IMAGE_HOSTS })).toThrow(/IMAGE_HOSTS/);
    },
  );

  test("the media base is our own path, or an address without the last slash", () => {
    expect(config({}).MEDIA_BASE_URL).toBe("/media");
    expect(config({ MEDIA_BASE_URL: "" }).MEDIA_BASE_URL).toBe("/media");
    expect(config({ MEDIA_BASE_URL: "https://cdn.example/media/" }).MEDIA_BASE_URL).toBe("https://cdn.example/media");
    expect(() => config({ MEDIA_BASE_URL: "cdn" })).toThrow(/MEDIA_BASE_URL/);
    expect(() => config({ DNS_RESOLVER_URL: "resolver" })).toThrow(/DNS_RESOLVER_URL/);
  });
});
