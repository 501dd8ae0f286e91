/** One line of goods: its pack sizes with their prices in cents of EUR, and its kinds where it comes in several. */
export interface Line {
  /** `{}` stands for the kind. */
  name: string;
  packs: Record<string, number>;
  /** Names, or names with the allergens that set each apart from the line's. */
  kinds?: readonly string[] | Record<string, readonly string[]>;
  description?: string;
  brand?: string;
  /** One of public/demo/; null where there is no picture of it. */
  image?: string | null;
  tags?: string[];
  allergens?: string[];
  /** Percent of VAT, where it differs from the shelf's. */
  tax?: number;
}

export interface Shelf {
  id: string;
  /** The start of its item codes. */
  code: string;
  name: string;
  parent: string;
  brand: string | null;
  image: string | null;
  tax: number;
  tags?: string[];
  allergens?: string[];
  lines: Line[];
}

export const line = (name: string, packs: Record<string, number>, rest: Omit<Line, "name" | "packs"> = {}): Line => ({
  name,
  packs,
  ...rest,
});

/** VAT in Ireland, percent: most food is zero-rated; sweets, crisps, soft drinks and household goods are not; bakery in between. */
export const STANDARD = 23;
export const REDUCED = 13.5;
export const ZERO = 0;
