import { describe, expect, test } from "vitest";
import {
  addColumn,
  addRow,
  cellText,
  dropColumn,
  type Grid,
  keysOf,
  openRows,
  paste,
  readPaste,
} from "./grid";

const row = (id: string, otherwise = false) => ({
  id,
  title: null,
  cells: [""],
  rest: "",
  otherwise,
  output: "",
  owner: null,
  respond: null,
  resolve: null,
});
const grid: Grid = {
  table: "carrier",
  hit: "first",
  columns: [{ field: "province", key: "province", title: { zh: "省份", en: "Province" } }],
  rows: [row("far"), row("other", true)],
};

describe("a block from a spreadsheet", () => {
  test("is read with its quotes, tabs and line breaks", () => {
    expect(readPaste('a\tb\r\n"c ""d""\te"\tf\n')).toEqual([
      ["a", "b"],
      ['c "d" e', "f"],
    ]);
    expect(readPaste("one")).toEqual([["one"]]);
    expect(readPaste("a\t\n\tb")).toEqual([
      ["a", ""],
      ["", "b"],
    ]);
  });

  test("fills the cells from where it is pasted, with new rows above the last", () => {
    const made = paste(grid, 0, 0, [
      ["= 西藏", "", "sf"],
      ["= 新疆", "", "ems"],
      ["= 青海", "", "yto"],
    ]);
    expect(made.rows.map((one) => one.otherwise)).toEqual([false, false, false, true]);
    expect(made.rows.slice(0, 3).map((one) => [cellText(one, 0), one.output])).toEqual([
      ["= 西藏", "sf"],
      ["= 新疆", "ems"],
      ["= 青海", "yto"],
    ]);
    expect(new Set(made.rows.map((one) => one.id)).size).toBe(4);
  });

  test("writes nothing into what the last row can not ask", () => {
    const made = paste(grid, 1, 0, [["= 西藏", "x", "none"]]);
    expect(made.rows[1]).toEqual({ ...row("other", true), output: "none" });
  });
});

test("columns and rows come and go together with their cells", () => {
  const wide = addColumn(addRow(grid), "province", { zh: "省份", en: "Province" });
  expect(wide.columns.map((one) => one.key)).toEqual(["province", "province#1"]);
  expect(wide.rows.every((one) => one.cells.length === 2)).toBe(true);
  expect(openRows(wide)).toBe(2);
  expect(keysOf(dropColumn(wide, 0))).toEqual(["id", "title", 0, "rest", "output"]);
});
