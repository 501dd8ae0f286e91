import { expect, it } from "vitest";
import { searchQuery } from "./search-query.ts";

it.each([
  ["", null],
  ["  ", null],
  ['"*()^:-', null],
  ["AND", '"AND"*'],
  ["iced  lat", '"iced"* "lat"*'],
  ['12" pizza', '"12"""* "pizza"*'],
  ["name:x OR y*", '"name:x"* "OR"* "y*"*'],
  ["a\0b", '"a"* "b"*'],
  ["1 2 3 4 5 6 7 8 9", '"1"* "2"* "3"* "4"* "5"* "6"* "7"* "8"*'],
])("%j is the query %j", (text, query) => {
  expect(searchQuery(text)).toBe(query);
});
