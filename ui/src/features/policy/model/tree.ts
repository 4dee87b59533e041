/**
 * A condition as the server hands it out and takes it back: groups of leaves. Money is fen, durations are seconds,
 * enum values are ids. What a leaf can not show stays a `text` in the rule language.
 */
export type ValueKind =
  | "none"
  | "money"
  | "int"
  | "duration"
  | "bool"
  | "text"
  | "enum"
  | "moneys"
  | "ints"
  | "texts"
  | "enums"
  | "words"
  | "field"
  | "now"
  | "before_now"
  | "after_now";

export interface Value {
  type: ValueKind;
  value: number | string | boolean | number[] | string[] | null;
}

export interface Group {
  kind: "group";
  combinator: "and" | "or";
  not: boolean;
  rules: Node[];
}

export interface Leaf {
  kind: "leaf";
  field: string;
  operator: string;
  value: Value;
}

export interface Text {
  kind: "text";
  source: string;
}

export type Node = Group | Leaf | Text;

/** What rows of the tier table may ask about the rules before them, and the two constants. */
export const BUILTINS = ["any_exception", "any_hold", "all_checks_passed"] as const;
export const CONSTANTS = ["always", "never"] as const;
export const PSEUDO: ReadonlySet<string> = new Set([...BUILTINS, ...CONSTANTS]);

export const none: Value = { type: "none", value: null };

export const emptyGroup = (): Group => ({ kind: "group", combinator: "and", not: false, rules: [] });

/** The same condition with a group at its root. */
export const asGroup = (node: Node): Group =>
  node.kind === "group" ? node : { ...emptyGroup(), rules: [node] };

/** Leaves and texts from left to right; each has one place in the written condition. */
export function leaves(node: Node): (Leaf | Text)[] {
  return node.kind === "group" ? node.rules.flatMap(leaves) : [node];
}

export const isBlank = (node: Node): boolean =>
  node.kind === "group" ? node.rules.every(isBlank) : node.kind === "text" && node.source.trim() === "";

/** Whether a leaf still lacks its value. */
export function isOpen(node: Leaf | Text): boolean {
  if (node.kind === "text") return node.source.trim() === "";
  const { type, value } = node.value;
  if (type === "none" || type === "now") return false;
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Whether something of a condition is still to be filled in. */
export const isUnfinished = (node: Node): boolean => isBlank(node) || leaves(node).some(isOpen);

/**
 * The one form of a condition, whatever the builder made of it: no empty groups, no group that only wraps, no
 * group directly inside a group of its own kind.
 */
export function tidy(node: Node): Node {
  if (node.kind !== "group") return node;
  const rules = node.rules
    .filter((one) => !isBlank(one))
    .map(tidy)
    .flatMap((one) => (joins(one, node.combinator) ? one.rules : [one]));
  const only = rules[0];
  if (rules.length === 1 && only) {
    if (!node.not) return only;
    if (only.kind === "group" && !only.not) return { ...only, not: true };
    return { kind: "group", combinator: "and", not: true, rules };
  }
  return { kind: "group", combinator: node.combinator, not: node.not, rules };
}

const joins = (node: Node, combinator: Group["combinator"]): node is Group =>
  node.kind === "group" && !node.not && node.combinator === combinator;

export const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** Word lists that a condition names. */
export const listsOf = (node: Node): string[] =>
  leaves(node).flatMap((leaf) => {
    if (leaf.kind === "leaf") return leaf.value.type === "words" ? [String(leaf.value.value)] : [];
    return [...leaf.source.matchAll(/@([\p{L}\p{N}_]+)/gu)].map((found) => found[1] as string);
  });

/** Gives a word list another name wherever a condition uses it. */
export function renameList(node: Node, from: string, to: string): Node {
  if (node.kind === "group") return { ...node, rules: node.rules.map((rule) => renameList(rule, from, to)) };
  if (node.kind === "text") return { ...node, source: node.source.replaceAll(`@${from}`, `@${to}`) };
  return node.value.type === "words" && node.value.value === from
    ? { ...node, value: { type: "words", value: to } }
    : node;
}
