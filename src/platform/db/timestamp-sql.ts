/** An SQL expression: the integer milliseconds of `expression` as RFC 3339 UTC text; null stays null. */
export const timestampSql = (expression: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', (${expression}) / 1000.0, 'unixepoch')`;
