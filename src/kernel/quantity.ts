/** Quantities are integers in ten-thousandths (the source schema's NUMERIC(18,4)). */
export const QUANTITY_SCALE = 10_000;

/** A JSON number with at most 4 decimals, as ten-thousandths; null where it has more or is out of range. */
export function quantityToE4(quantity: number): number | null {
  const scaled = Math.round(quantity * QUANTITY_SCALE);
  if (!Number.isSafeInteger(scaled) || Math.abs(scaled / QUANTITY_SCALE - quantity) > 1e-9) return null;
  return scaled;
}

export const quantityFromE4 = (quantityE4: number): number => quantityE4 / QUANTITY_SCALE;
