/** A Cap'n Proto message as plain data: structs are objects, lists arrays, data bytes; what is undefined or null is left out. */
export type CapnpValue = string | number | boolean | null | undefined | Uint8Array | CapnpValue[] | { [field: string]: CapnpValue };

/** Longer texts become files of their own, put in by `embed`. */
const INLINE_CHARACTERS = 4_000;

/**
 * workerd's text notation of a `Workerd.Config`. `embed` keeps a content and gives the name under which the config finds it; module sources,
 * long texts and bytes go through it.
 */
export function workerdConfigText(config: CapnpValue, embed: (content: string | Uint8Array) => string): string {
  return `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${encode(config, "", embed)};\n`;
}

function encode(value: CapnpValue, field: string, embed: (content: string | Uint8Array) => string): string {
  if (typeof value === "string") {
    const isLong = field === "esModule" || value.length > INLINE_CHARACTERS;
    return isLong ? `embed ${quoted(embed(value))}` : quoted(value);
  }
  if (value instanceof Uint8Array) return `embed ${quoted(embed(value))}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((one) => encode(one, "", embed)).join(", ")}]`;
  const fields = Object.entries(value ?? {}).filter(([, one]) => one !== undefined && one !== null);
  // Miniflare writes a storage kept in memory as an empty struct; it is a union member of type Void.
  if (field === "durableObjectStorage" && fields.length === 0) return "(inMemory = void)";
  return `(${fields.map(([name, one]) => `${name} = ${encode(one, name, embed)}`).join(", ")})`;
}

const quoted = (text: string): string => `"${[...Buffer.from(text, "utf8")].map(escaped).join("")}"`;

function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  return byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, "0")}` : character;
}
