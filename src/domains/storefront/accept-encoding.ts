/** Whether an Accept-Encoding header takes gzip (RFC 9110 §12.5.3): named with a weight above 0, or by `*` and not refused by name. */
export function acceptsGzip(header: string | null): boolean {
  if (header === null) return false;
  let any = false;
  for (const part of header.split(",")) {
    const [coding = "", ...parameters] = part.toLowerCase().split(";");
    const name = coding.trim();
    if (name === "gzip" || name === "x-gzip") return weightOf(parameters) > 0;
    if (name === "*") any = weightOf(parameters) > 0;
  }
  return any;
}

function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim() !== "q") continue;
    const weight = Number(value.trim());
    return Number.isFinite(weight) ? weight : 0;
  }
  return 1;
}
