/** A stored key as a person reads it: `gluten_free` → `Gluten free`. What is already written for people stays as it is. */
export function readableLabel(key: string): string {
  const words = key.replaceAll("_", " ").trim();
  const [first = ""] = words;
  return first.toUpperCase() + words.slice(first.length);
}

/** The sign on a tile without a picture: the first letter or digit of a name, a dot where it has none. */
export const monogram = (name: string): string => name.match(/[\p{L}\p{N}]/u)?.[0].toUpperCase() ?? "·";
