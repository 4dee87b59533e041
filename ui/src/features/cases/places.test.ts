import { expect, test } from "vitest";
import { lineOf, stepIds } from "./places";

const SOURCE = [
  "sop: address_unclear",
  "title: {zh: A, en: A}",
  "steps:",
  "  - id: look",
  "    do: choose",
  "    choices:",
  "      - {id: known, title: {zh: B}, go: repair}",
  "  - id: repair",
  "    do: nothing",
].join("\n");

test("a fault is shown at the line it names, else at its step", () => {
  expect(lineOf(SOURCE, { en: "Line 5 can not be read." })).toBe(5);
  expect(lineOf(SOURCE, { en: "Step \u201crepair\u201d does not say what is done." })).toBe(8);
  expect(lineOf(SOURCE, { en: "Step \u201c2\u201d does not say what is done." })).toBe(8);
  expect(lineOf(SOURCE, { en: "An SOP has 1 to 30 steps." })).toBe(1);
});

test("steps are told from their choices", () => {
  expect(stepIds(SOURCE)).toEqual(["look", "repair"]);
});
