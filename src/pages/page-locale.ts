const RTL_SCRIPTS = new Set(["Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Syrc", "Thaa"]);

export interface PageLocale {
  /** Canonical BCP 47 tag, safe for every Intl constructor. */
  tag: string;
  language: string;
  /** The country it names (ISO 3166, `SG`), null where it names none. */
  region: string | null;
  dir: "ltr" | "rtl";
}

/** Reads a store's locale; one that is not a language tag gives English, so that a typing error never costs the page. */
export function pageLocale(tag: string): PageLocale {
  try {
    const locale = new Intl.Locale(tag.replaceAll("_", "-"));
    const script = locale.maximize().script ?? "Latn";
    return {
      tag: locale.toString(),
      language: locale.language,
      region: locale.region ?? null,
      dir: RTL_SCRIPTS.has(script) ? "rtl" : "ltr",
    };
  } catch {
    return { tag: "en", language: "en", region: null, dir: "ltr" };
  }
}
