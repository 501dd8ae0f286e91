export { type Copied, copyImage } from "./copy-image.ts";
export { type FetchRules, type ImageRefusal, type ImageTrouble, MAX_IMAGE_BYTES } from "./fetch-image.ts";
export { IMAGE_TYPES } from "./image-type.ts";
export { mediaRoutes } from "./media-route.ts";
export { imagesOf, incomingOf } from "./object-path.ts";
export { resolverAt } from "./resolve-name.ts";
export { storeImageBytes } from "./store-image.ts";
