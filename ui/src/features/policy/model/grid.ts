import type { Bilingual } from "../../../api/types";

/** A column asks about one field; a cell holds the rest of the comparison, as `<= 500元`. */
export interface GridColumn {
  field: string;
  key: string;
  title: Bilingual;
}

export interface GridRow {
  id: string;
  title: Bilingual | null;
  cells: string[];
  /** What fits no column. */
  rest: string;
  otherwise: boolean;
  output: string | null;
  owner: string | null;
  respond: string | null;
  resolve: string | null;
}

export interface Grid {
  table: string;
  hit: string;
  columns: GridColumn[];
  rows: GridRow[];
}

/** What a cell of the sheet is, from left to right: name, asked cells, rest, and what the row sets. */
export type CellKey = "id" | "title" | "rest" | "output" | "owner" | "respond" | "resolve" | number;

export function keysOf(grid: Grid): CellKey[] {
  const tail: CellKey[] = grid.table === "tiers" ? ["owner", "respond", "resolve"] : ["output"];
  return ["id", "title", ...grid.columns.map((_, at) => at), "rest", ...tail];
}

export function cellText(row: GridRow, key: CellKey): string {
  if (typeof key === "number") return row.cells[key] ?? "";
  if (key === "title") return row.title?.zh ?? "";
  return row[key] ?? "";
}

/** Whether a cell can hold anything: a row for every other order asks nothing. */
export const isFixed = (row: GridRow, key: CellKey): boolean =>
  row.otherwise && (typeof key === "number" || key === "rest");

function withCell(row: GridRow, key: CellKey, text: string): GridRow {
  if (isFixed(row, key)) return row;
  if (typeof key === "number")
    return { ...row, cells: row.cells.map((one, at) => (at === key ? text : one)) };
  if (key === "title") {
    const before = row.title;
    const en = before && before.en !== before.zh ? before.en : text;
    return { ...row, title: text === "" ? null : { zh: text, en } };
  }
  return { ...row, [key]: text };
}

export function setCell(grid: Grid, at: number, key: CellKey, text: string): Grid {
  return { ...grid, rows: grid.rows.map((row, index) => (index === at ? withCell(row, key, text) : row)) };
}

export function newRow(grid: Grid): GridRow {
  const taken = new Set(grid.rows.map((row) => row.id));
  let n = grid.rows.length + 1;
  while (taken.has(`row_${n}`)) n += 1;
  return {
    id: `row_${n}`,
    title: null,
    cells: grid.columns.map(() => ""),
    rest: "",
    otherwise: false,
    output: grid.table === "tiers" ? null : "",
    owner: grid.table === "tiers" ? "front_line" : null,
    respond: null,
    resolve: null,
  };
}

/** Rows above the one for every other order, which stays the last. */
export const openRows = (grid: Grid): number =>
  grid.rows.at(-1)?.otherwise ? grid.rows.length - 1 : grid.rows.length;

export function addRow(grid: Grid): Grid {
  const end = openRows(grid);
  return { ...grid, rows: [...grid.rows.slice(0, end), newRow(grid), ...grid.rows.slice(end)] };
}

export function addColumn(grid: Grid, field: string, title: Bilingual): Grid {
  const again = grid.columns.filter((one) => one.field === field).length;
  return {
    ...grid,
    columns: [...grid.columns, { field, key: again ? `${field}#${again}` : field, title }],
    rows: grid.rows.map((row) => ({ ...row, cells: [...row.cells, ""] })),
  };
}

export function dropColumn(grid: Grid, at: number): Grid {
  const keep = (_: unknown, index: number) => index !== at;
  return {
    ...grid,
    columns: grid.columns.filter(keep),
    rows: grid.rows.map((row) => ({ ...row, cells: row.cells.filter(keep) })),
  };
}

/** Cells of a run of text as spreadsheets copy it: tabs between cells, lines between rows, quotes where needed. */
export function readPaste(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  const last = () => rows[rows.length - 1] as string[];
  const put = (sign: string) => {
    const row = last();
    row[row.length - 1] += sign;
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (quoted) {
      if (sign !== '"') put(sign);
      else if (text[at + 1] === '"') {
        put(sign);
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && last().at(-1) === "") quoted = true;
    else if (sign === "\t") last().push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") put(sign);
  }
  if (rows.length > 1 && last().length === 1 && last()[0] === "") rows.pop();
  return rows.map((row) => row.map((cell) => cell.replace(/\s+/g, " ").trim()));
}

/** Puts pasted cells over the grid from one cell on; new rows are made for what reaches below. */
export function paste(grid: Grid, at: number, key: CellKey, block: readonly string[][]): Grid {
  const keys = keysOf(grid);
  const left = keys.indexOf(key);
  let made = grid;
  while (openRows(made) < at + block.length && !made.rows[at]?.otherwise) made = addRow(made);
  block.forEach((cells, down) => {
    cells.forEach((text, right) => {
      const target = keys[left + right];
      if (target !== undefined && at + down < made.rows.length) made = setCell(made, at + down, target, text);
    });
  });
  return made;
}
