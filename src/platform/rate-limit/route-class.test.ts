import { describe, expect, test } from "vitest";
import { RATE_CLASS_NAMES, RATE_CLASSES, type RateClass } from "../../kernel/rate-classes.ts";
import { policyOf, rateClassOf } from "./route-class.ts";

const route = (access: unknown, method: string, rate_class?: RateClass) => ({ access, method, ...(rate_class ? { rate_class } : {}) });

describe("the classes", () => {
  test("have the limits that were asked for", () => {
    const perMinute = (name: RateClass) => [RATE_CLASSES[name].limit, RATE_CLASSES[name].window_s];
    expect(perMinute("public_availability")).toEqual([30, 60]);
    expect(perMinute("public_reservation")).toEqual([5, 60]);
    expect(perMinute("public_booking")).toEqual([5, 60]);
    expect(perMinute("sign_in")).toEqual([10, 60]);
    expect(perMinute("failed_key")).toEqual([10, 60]);
    expect(perMinute("terminal_registration")).toEqual([10, 60]);
  });

  test("without the limiter reads pass, sign-ins and what gives out credentials do not", () => {
    const refusing = RATE_CLASS_NAMES.filter((name) => RATE_CLASSES[name].without_limiter === "refuse");
    expect(refusing).toEqual(["failed_key", "sign_in", "terminal_registration"]);
  });
});

describe("rateClassOf", () => {
  test("a public read has none, whoever asks", () => {
    expect(rateClassOf(route("public", "get"), true)).toBeNull();
    expect(rateClassOf(route("public", "get"), false)).toBeNull();
  });

  test("a write by somebody without a credential has one by itself; with a known one it has none", () => {
    for (const method of ["post", "put", "patch", "delete"]) {
      expect(rateClassOf(route("public", method), true)).toBe("anonymous_write");
      expect(rateClassOf(route("public", method), false)).toBeNull();
      expect(rateClassOf(route(["menu"], method), false)).toBeNull();
    }
  });

  test.each(["public_availability", "public_reservation", "public_booking"] as const)("%s counts who has no credential", (name) => {
    expect(rateClassOf(route("public", "post", name), true)).toBe(name);
    expect(rateClassOf(route("public", "post", name), false)).toBeNull();
  });

  test.each(["sign_in", "terminal_registration"] as const)("%s counts everybody", (name) => {
    expect(rateClassOf(route("public", "post", name), true)).toBe(name);
    expect(rateClassOf(route(["pos"], "post", name), false)).toBe(name);
  });
});

describe("policyOf", () => {
  test("the tenant's goes before the environment's before the table's", () => {
    expect(policyOf("public_booking", {})).toEqual({ limit: 5, window_ms: 60_000 });
    expect(policyOf("public_booking", { public_booking: 7 })).toEqual({ limit: 7, window_ms: 60_000 });
    expect(policyOf("public_booking", { public_booking: 7 }, { public_booking: 20 }).limit).toBe(20);
    expect(policyOf("public_booking", { public_booking: 7 }, { sign_in: 20 }).limit).toBe(7);
  });

  test("a tenant has no say in what is counted before it is known who it is", () => {
    expect(policyOf("failed_key", {}, { failed_key: 1_000 }).limit).toBe(10);
  });
});
