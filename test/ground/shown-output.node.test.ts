import { expect, it } from "vitest";
import { shownCommands } from "../support/node/shown-commands.ts";
import { expectShown } from "../support/node/shown-output.ts";

const text = (shown: string, printed: string) => () => expectShown({ format: "text", shown }, printed);
const json = (shown: unknown, printed: unknown) => () =>
  expectShown({ format: "json", shown: JSON.stringify(shown) }, JSON.stringify(printed));

it("finds marked blocks, and the output only where it follows at once", () => {
  const document = ["```sh run", "one", "two", "```", "", "```text", "1", "```", "```sh", "not run", "```", "```sh run", "three", "```"];
  const found = shownCommands([...document, "Prose.", "```json", "{}", "```"].join("\n"));
  expect(found).toEqual([
    { line: 2, mark: "run", commands: "one\ntwo\n", output: { format: "text", shown: "1\n" } },
    { line: 13, mark: "run", commands: "three\n", output: null },
  ]);
  expect(() => shownCommands("```sh run\nnever closed")).toThrow("line 2 is not closed");
});

it("takes `…` in a text for anything and nothing else", () => {
  expect(text("a … c\n", "a b c")).not.toThrow();
  expect(text("a\n…\nd", "a\nb\nc\nd\n")).not.toThrow();
  expect(text("a … c", "a b d")).toThrow("not the one shown");
  expect(text("a.c", "abc")).toThrow();
  expect(text("a", "a b")).toThrow();
});

it("takes `…` in JSON for a value, for the rest of a list or for further keys", () => {
  expect(json({ id: "…", list: [1, "…"], rest: { a: 1, "…": "…" } }, { id: "7", list: [1, 2, 3], rest: { a: 1, b: 2 } })).not.toThrow();
  expect(json({ list: [1] }, { list: [1, 2] })).toThrow(".list has 2 elements");
  expect(json({ list: [1, 2, "…"] }, { list: [1] })).toThrow(".list has 1 elements");
  expect(json({ a: { b: 1 } }, { a: { b: 2 } })).toThrow(".a.b is 2, not 1");
  expect(json({ a: 1 }, { a: 1, b: 2 })).toThrow("it has b too");
  expect(json({ a: 1, b: "…" }, { a: 1 })).toThrow(".b is missing");
  expect(() => expectShown({ format: "json", shown: "{}" }, "curl: (7)")).toThrow();
});
