/**
 * Whether a variant is taken off sale at a location, in SQL over expressions of their ids. One argument: now. For the unit of work that
 * decides; what is read comes from the projection.
 */
export const snoozedSql = (variant: string, location: string): string =>
  `EXISTS (SELECT 1 FROM snoozes AS z WHERE z.variant_id = ${variant} AND (z.location_id IS NULL OR z.location_id = ${location})
    AND (z.until_ms IS NULL OR z.until_ms > ?))`;
