import type { Mapping } from "./api";

/** One column of a saved mapping: its header and the field it holds. */
export interface Row {
  title: string;
  field: string;
}

export function columnsOf(columns: Mapping["columns"]): Row[] {
  return Object.entries(columns).flatMap(([field, titles]) => titles.map((title) => ({ title, field })));
}

interface Body {
  label?: string;
  tables?: { columns: Record<string, unknown> }[];
}

/** A mapping's body with its columns as `rows` say; everything else of it stays. */
export function changed(body: Mapping["body"], rows: readonly Row[], shop: string): Mapping["body"] {
  const columns: Record<string, { any: string[] }> = {};
  for (const { title, field } of rows) {
    const before = columns[field]?.any ?? [];
    columns[field] = { any: [...before, title] };
  }
  const { tables = [], label } = body as Body;
  return { ...body, label: shop || label, tables: tables.map((table) => ({ ...table, columns })) };
}
