import { describe, expect, test } from "vitest";
import { clientAddress, NO_ADDRESS } from "./client-address.ts";

const from = (headers: Record<string, string>) => clientAddress(new Headers(headers));

describe("clientAddress", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s is counted as %s", (written, counted) => {
    expect(from({ "cf-connecting-ip": written })).toBe(counted);
  });

  test("the addresses of one line at home are one client, those of the next line another", () => {
    const [one, same, other] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"].map((ip) => from({ "cf-connecting-ip": ip }));
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  test("what a client can write says nothing", () => {
    const forged = {
      "x-forwarded-for": "198.51.100.1",
      forwarded: "for=198.51.100.1",
      "x-real-ip": "198.51.100.1",
      "true-client-ip": "198.51.100.1",
    };
    expect(from({ "cf-connecting-ip": "203.0.113.7", ...forged })).toBe("203.0.113.7");
    expect(from(forged)).toBe(NO_ADDRESS);
  });
});
