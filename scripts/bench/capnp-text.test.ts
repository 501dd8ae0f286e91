import { expect, it } from "vitest";
import { workerdConfigText } from "./capnp-text.ts";

const configOf = (config: Parameters<typeof workerdConfigText>[0]) => {
  const embedded: (string | Uint8Array)[] = [];
  const text = workerdConfigText(config, (content) => `file-${embedded.push(content)}`);
  return { value: text.slice(text.indexOf("= (") + 2, -2), embedded };
};

it("writes structs, lists, texts and numbers, and leaves out what is not there", () => {
  const { value } = configOf({ sockets: [{ name: "http", port: 8080, on: true, none: null, missing: undefined }] });
  expect(value).toBe('(sockets = [(name = "http", port = 8080, on = true)])');
});

it("escapes what would end a text, and bytes that are not ASCII", () => {
  expect(configOf({ name: 'a"b\\c\nd\u00e9\u0001' }).value).toBe('(name = "a\\"b\\\\c\\nd\\xc3\\xa9\\x01")');
});

it("puts modules, long texts and bytes into files", () => {
  const bytes = new Uint8Array([1, 2]);
  const { value, embedded } = configOf({ esModule: "short", text: "x".repeat(5_000), data: bytes });
  expect(value).toBe('(esModule = embed "file-1", text = embed "file-2", data = embed "file-3")');
  expect(embedded).toEqual(["short", "x".repeat(5_000), bytes]);
});

it("writes a storage in memory as workerd names it", () => {
  expect(configOf({ durableObjectStorage: {} }).value).toBe("(durableObjectStorage = (inMemory = void))");
});
