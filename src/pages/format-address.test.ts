import { expect, test } from "vitest";
import { formatAddress } from "./format-address.ts";

test("reads from street to country, whatever the order of the keys, and leaves out what is not an address", () => {
  const address = { country: "US", city: "Portland", latitude: "43.6", line1: "12 Harbour Street", postal_code: "04101", line2: "  " };
  expect(formatAddress(address, null)).toBe("12 Harbour Street, Portland, 04101, US");
});

test("the country of the store's own locale goes without saying", () => {
  const address = { street: "57 Eng Hoon Street", city: "Singapore", postcode: "160057", country: "SG" };
  expect(formatAddress(address, "SG")).toBe("57 Eng Hoon Street, Singapore, 160057");
  expect(formatAddress(address, "MY")).toBe("57 Eng Hoon Street, Singapore, 160057, SG");
  expect(formatAddress({ city: "Redding", state: "CA", country: "US" }, "CA")).toBe("Redding, CA, US");
});

test.each([[null], [{}], [{ phone: "555" }], [{ city: "" }]])("has nothing to say for %j", (address) => {
  expect(formatAddress(address as Record<string, string> | null, "US")).toBeNull();
});
