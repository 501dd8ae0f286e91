import { IMAGE_TYPES, type ImageExtension } from "./image-type.ts";

/** Where a tenant's images are; what is there and named nowhere is removed by the sweep. */
export const imagesOf = (tenantId: string): string => `${tenantId}/items/`;

/** Where parts of an image are that is still coming in. */
export const incomingOf = (tenantId: string): string => `${tenantId}/incoming/`;

/** The key of an image in object storage, and its path under the media base: of the same bytes the same. */
export const objectPathOf = (tenantId: string, sha256: string, extension: ImageExtension): string =>
  `${imagesOf(tenantId)}${sha256}.${extension}`;

/** The parts of an image's name; null: no image has such a name. */
export function readObjectName(name: string): { sha256: string; extension: ImageExtension } | null {
  const [, sha256, extension] = /^([\da-f]{64})\.([a-z]{3,4})$/.exec(name) ?? [];
  return sha256 !== undefined && extension !== undefined && Object.hasOwn(IMAGE_TYPES, extension)
    ? { sha256, extension: extension as ImageExtension }
    : null;
}
