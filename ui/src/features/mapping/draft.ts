import type { Column, Draft, Fields } from "./api";

/** What a column may be left as: read by nobody. */
export const LEFT_OUT = "";

/** Amounts of the order that rows of it may carry in parts. */
const AMOUNTS = new Set(["goods_amount", "freight", "discount", "paid_amount"]);

/** Gives a column a field; a field goes to one column, so whichever had it loses it. */
export function assign(draft: Draft, position: number, field: string): Draft {
  const columns = Object.fromEntries(
    Object.entries(draft.columns).filter(([at, had]) => at !== String(position) && had !== field),
  );
  if (field !== LEFT_OUT) columns[String(position)] = field;
  const chosen = new Set(Object.values(columns));
  return {
    ...draft,
    columns,
    summed: draft.summed.filter((name) => chosen.has(name)),
    words: Object.fromEntries(Object.entries(draft.words).filter(([name]) => chosen.has(name))),
  };
}

/** Whether the order's amounts stand in parts on its rows. */
export function withSums(draft: Draft, add: boolean): Draft {
  const amounts = Object.values(draft.columns).filter((field) => AMOUNTS.has(field));
  return { ...draft, summed: add ? amounts : [] };
}

export function withWord(draft: Draft, column: string, word: string, value: string): Draft {
  return { ...draft, words: { ...draft.words, [column]: { ...draft.words[column], [word]: value } } };
}

export function withAbsent(draft: Draft, field: "refund_state" | "platform_state", value: string): Draft {
  const absent = { ...draft.absent };
  delete absent[field];
  if (value) absent[field] = value;
  return { ...draft, absent };
}

export type Sureness = "sure" | "likely" | "unsure" | "chosen";

/** How sure the proposal is of the field that a column has now; one that a person chose is theirs. */
export function sureness(column: Column, field: string): Sureness {
  if (column.guess?.field !== field) return "chosen";
  if (column.guess.confidence >= 0.8) return "sure";
  return column.guess.confidence >= 0.55 ? "likely" : "unsure";
}

export interface Group {
  label: string;
  options: { value: string; label: string }[];
}

/** Fields in sections, as a select takes them. */
export function options(fields: Fields | undefined, language: "zh" | "en"): Group[] {
  return (fields?.groups ?? []).map((group) => ({
    label: group[language],
    options: (fields?.fields ?? [])
      .filter((field) => field.group === group.id)
      .map((field) => ({ value: field.id, label: field[language] })),
  }));
}
