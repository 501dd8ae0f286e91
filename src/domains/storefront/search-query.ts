const MOST_WORDS = 8;

/**
 * A text as an FTS5 query: each of its words quoted, so that nothing in it is an operator, and found from its beginning; null where it has no
 * word. What the tokenizer takes apart further ("half-fat") is looked for as a phrase.
 */
export function searchQuery(text: string): string | null {
  const words = text
    // Text ends at NUL for SQLite; a lone surrogate is no text at all.
    .toWellFormed()
    .split(/[\s\0]+/)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word));
  return words.length === 0
    ? null
    : words
        .slice(0, MOST_WORDS)
        .map((word) => `"${word.replaceAll('"', '""')}"*`)
        .join(" ");
}
