import { expect, test } from "vitest";
import { pageLocale } from "./page-locale.ts";

test.each([
  ["en-US", { tag: "en-US", language: "en", region: "US", dir: "ltr" }],
  ["ar-EG", { tag: "ar-EG", language: "ar", region: "EG", dir: "rtl" }],
  ["he", { tag: "he", language: "he", region: null, dir: "rtl" }],
  ["ur-PK", { tag: "ur-PK", language: "ur", region: "PK", dir: "rtl" }],
  ["az-Latn", { tag: "az-Latn", language: "az", region: null, dir: "ltr" }],
  ["id_ID", { tag: "id-ID", language: "id", region: "ID", dir: "ltr" }],
  ["not a locale", { tag: "en", language: "en", region: null, dir: "ltr" }],
  ["", { tag: "en", language: "en", region: null, dir: "ltr" }],
])("reads %j", (tag, expected) => {
  expect(pageLocale(tag)).toEqual(expected);
});
