/** `count` ids that sort after one another, from a fresh UUIDv7: entries of one request keep their order where their times are the same. */
export function countingIds(first: string, count: number): string[] {
  const prefix = first.slice(0, 24);
  const base = countingBase(first);
  return Array.from({ length: count }, (_, index) => prefix + (base + index).toString(16).padStart(12, "0"));
}

/** The number in an id's last part, with room above it to count up. */
export const countingBase = (first: string): number => Number.parseInt(first.slice(24), 16) % 0x7fffffffffff;
