import { expect, test } from "vitest";
import { safeImageUrl } from "./safe-image-url.ts";

test.each(["https://cdn.example/a.png", "http://cdn.example/a.png", "/media/t/items/a.webp", "data:image/png;base64,AAAA"])(
  "keeps %s",
  (url) => {
    expect(safeImageUrl(url)).toBe(url);
  },
);

test.each([null, "", "  ", "javascript:alert(1)", "//elsewhere.example/a.png", "data:text/html,x", "a.png"])("refuses %j", (url) => {
  expect(safeImageUrl(url)).toBeNull();
});
