import { expect, test } from "vitest";
import { begin, edit, redo, undo } from "./history";

test("typing is one step back, other edits are one each", () => {
  let held = begin("a");
  held = edit(held, "ab", "title", 1_000);
  held = edit(held, "abc", "title", 1_500);
  held = edit(held, "abcd", "id", 1_600);
  held = undo(held);
  expect(held.present).toBe("abc");
  held = undo(held);
  expect(held.present).toBe("a");
  expect(undo(held)).toBe(held);
  held = redo(redo(held));
  expect(held.present).toBe("abcd");
  expect(redo(held)).toBe(held);
});

test("a new edit after going back forgets what was ahead", () => {
  const held = edit(undo(edit(begin(1), 2, "", 0)), 3, "", 10);
  expect([held.present, held.past, held.future]).toEqual([3, [1], []]);
});
