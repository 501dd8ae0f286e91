/**
 * What a variant is called, in SQL: an expression over `products AS p` and `variants AS v`. Its twin in TypeScript is
 * `variantDisplayName`; a test holds them alike.
 */
export const VARIANT_DISPLAY_NAME_SQL = `CASE
  WHEN v.own_name IS NOT NULL THEN v.own_name
  WHEN p.variant_count <= 1 OR v.option_name IS NULL THEN p.name
  WHEN instr(lower(v.option_name), lower(p.name)) > 0 THEN v.option_name
  ELSE p.name || ' – ' || v.option_name END`;

export interface VariantNameParts {
  /** The product's display name. */
  name: string;
  variant_count: number;
  option_name: string | null;
  own_name: string | null;
}

/** SQLite's lower() knows ASCII only. */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What a variant is called: its own name, else the product's, told apart by the option where there are several. */
export function variantDisplayName({ name, variant_count, option_name, own_name }: VariantNameParts): string {
  if (own_name !== null) return own_name;
  if (variant_count <= 1 || option_name === null) return name;
  return asciiLower(option_name).includes(asciiLower(name)) ? option_name : `${name} – ${option_name}`;
}

/** Whether a variant may be shown, in SQL over `products AS p` and `variants AS v`. */
export const VARIANT_VISIBLE_SQL = "(v.visible AND p.visible)";
