/** What a document writes where an output differs from run to run. */
const ANYTHING = "…";

/** Throws, saying what differs, unless the output is what the document shows; `…` in it stands for anything, also for nothing. */
export function expectShown(output: { format: "text" | "json"; shown: string }, printed: string): void {
  const differs = output.format === "json" ? jsonDiffers(output.shown, printed) : textDiffers(output.shown, printed);
  if (differs) throw new Error(`${differs}\n\nshown:\n${output.shown}\nprinted:\n${printed}`);
}

function textDiffers(shown: string, printed: string): string | null {
  const parts = trimmed(shown).split(ANYTHING);
  const pattern = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("[\\s\\S]*?");
  return new RegExp(`^${pattern}$`).test(trimmed(printed)) ? null : "the output is not the one shown";
}

const trimmed = (text: string): string => text.replaceAll(/[ \t\r]+$/gm, "").replaceAll(/^\n+|\n+$/g, "");

function jsonDiffers(shown: string, printed: string): string | null {
  try {
    return valueDiffers(JSON.parse(shown), JSON.parse(printed), "");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `"…"` is any value, as the last of a list the rest of it, as a key of an object its other keys. Answers where the first difference is. */
function valueDiffers(shown: unknown, printed: unknown, path: string): string | null {
  if (shown === ANYTHING) return null;
  if (Array.isArray(shown) && Array.isArray(printed)) return listDiffers(shown, printed, path);
  if (isObject(shown) && isObject(printed)) return objectDiffers(shown, printed, path);
  return shown === printed ? null : `${path || "it"} is ${JSON.stringify(printed)}, not ${JSON.stringify(shown)}`;
}

function listDiffers(shown: unknown[], printed: unknown[], path: string): string | null {
  const hasRest = shown.at(-1) === ANYTHING;
  const items = hasRest ? shown.slice(0, -1) : shown;
  if (hasRest ? printed.length < items.length : printed.length !== items.length) return `${path || "it"} has ${printed.length} elements`;
  for (const [index, item] of items.entries()) {
    const differs = valueDiffers(item, printed[index], `${path}[${index}]`);
    if (differs) return differs;
  }
  return null;
}

function objectDiffers(shown: Record<string, unknown>, printed: Record<string, unknown>, path: string): string | null {
  for (const [key, value] of Object.entries(shown)) {
    if (key === ANYTHING) continue;
    if (!Object.hasOwn(printed, key)) return `${path}.${key} is missing`;
    const differs = valueDiffers(value, printed[key], `${path}.${key}`);
    if (differs) return differs;
  }
  const further = Object.keys(printed).filter((key) => !Object.hasOwn(shown, key));
  return further.length === 0 || Object.hasOwn(shown, ANYTHING) ? null : `${path || "it"} has ${further.join(", ")} too`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
