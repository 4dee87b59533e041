import { expect, test } from "vitest";
import { safeNext } from "./next";

test("login leads to pages of ours and nowhere else", () => {
  expect(safeNext("/orders?stage=held")).toBe("/orders?stage=held");
  for (const bad of [
    null,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    expect(safeNext(bad)).toBe("/board");
  }
});
