// Stands in for zod's index of 50 languages in the bundle (wrangler.toml, [alias]): validation speaks English.
export { default as en } from "zod/v4/locales/en.js";
