/** What an address is read out as, in this order and with the country last; anything else it holds (coordinates, phone) is not part of the line. */
const PARTS: readonly (readonly string[])[] = [
  ["line1", "line_1", "address_line_1", "address_line1", "address1", "street", "street_address"],
  ["line2", "line_2", "address_line_2", "address_line2", "address2"],
  ["district", "suburb", "neighbourhood", "area"],
  ["city", "locality", "town"],
  ["region", "state", "province", "administrative_area"],
  ["postal_code", "postcode", "zip"],
];
const COUNTRY = ["country", "country_code"];

/**
 * One line, or null where the address holds nothing to read. `homeRegion` (ISO 3166) is the country that goes without
 * saying: that of the store's locale.
 */
export function formatAddress(address: Record<string, string> | null, homeRegion: string | null): string | null {
  if (!address) return null;
  const read = (names: readonly string[]) => names.map((name) => address[name]?.trim()).find((value) => value);
  const country = read(COUNTRY);
  const parts = [...PARTS.map(read), country?.toUpperCase() === homeRegion ? undefined : country].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join(", ");
}
