import type { Bilingual } from "../../../api/types";
import { asGroup, type Group, listsOf, type Node, renameList } from "./tree";

export type Section = "checks" | "exceptions" | "holds" | "tags";
export const SECTIONS: readonly Section[] = ["checks", "exceptions", "holds", "tags"];

/** What the server calls a rule of each section. */
export const KIND: Record<Section, string> = {
  checks: "check",
  exceptions: "exception",
  holds: "hold",
  tags: "tag",
};

export interface RuleForm {
  id: string;
  title: Bilingual;
  condition: Group;
  /** Holds: what lifts it, in the team's own words. */
  until: string | null;
  /** Comment that stands above the rule in the file. */
  note: string;
}

/** `condition` is null in a last row that takes every other order. */
export interface TierForm {
  id: string;
  title: Bilingual | null;
  condition: Group | null;
  owner: string | null;
  /** As written: 2小时, 当日. */
  respond: string | null;
  resolve: string | null;
  note: string;
}

export interface TableRowForm {
  id: string;
  title: Bilingual | null;
  condition: Group | null;
  output: string | null;
  note: string;
}

export type Hit = "first" | "unique" | "collect";

export interface TableForm {
  id: string;
  title: Bilingual;
  hit: Hit;
  rows: TableRowForm[];
  note: string;
}

export interface WordList {
  name: string;
  items: string[];
}

/** A whole policy as the visual editor works on it; the server writes it to text and reads it back. */
export interface Form extends Record<Section, RuleForm[]> {
  policy: string;
  title: Bilingual;
  scope: Group | null;
  words: WordList[];
  tiers: TierForm[];
  tables: TableForm[];
  notes: Record<string, string>;
}

/** Where something stands in a form: `["checks", 0, "pass"]`. */
export type Path = readonly (string | number)[];

/** An id that is not taken yet: `check_3`. */
export function freshId(prefix: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  let n = 1;
  while (known.has(`${prefix}_${n}`)) n += 1;
  return `${prefix}_${n}`;
}

/** A rule that begins with one comparison to be filled in. */
export function newRule(form: Form, section: Section, title: Bilingual, first: Node): RuleForm {
  const taken = SECTIONS.flatMap((one) => form[one].map((rule) => rule.id));
  return { id: freshId(KIND[section], taken), title, condition: asGroup(first), until: null, note: "" };
}

/** Every condition of a form, changed in one way. */
function mapConditions(form: Form, change: (group: Group) => Group): Form {
  const row = <T extends { condition: Group | null }>(one: T): T =>
    one.condition ? { ...one, condition: change(one.condition) } : one;
  const made = { ...form, scope: form.scope && change(form.scope), tiers: form.tiers.map(row) };
  for (const section of SECTIONS) made[section] = form[section].map(row);
  made.tables = form.tables.map((table) => ({ ...table, rows: table.rows.map(row) }));
  return made;
}

/** Names of the word lists that rules use. */
export function listsInUse(form: Form): Set<string> {
  const found = new Set<string>();
  mapConditions(form, (group) => {
    for (const name of listsOf(group)) found.add(name);
    return group;
  });
  return found;
}

/** Changes a word list; rules that use it follow its new name. */
export function changeList(form: Form, name: string, next: WordList): Form {
  const words = form.words.map((list) => (list.name === name ? next : list));
  const changed = { ...form, words };
  return next.name === name
    ? changed
    : mapConditions(changed, (group) => asGroup(renameList(group, name, next.name)));
}

/** A list with one item moved to another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}

export const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, index) => index !== at);

export const replaced = <T>(list: readonly T[], at: number, item: T): T[] =>
  list.map((one, index) => (index === at ? item : one));

export const emptyForm = (): Form => ({
  policy: "",
  title: { zh: "", en: "" },
  scope: null,
  words: [],
  checks: [],
  exceptions: [],
  holds: [],
  tags: [],
  tiers: [],
  tables: [],
  notes: {},
});
