import type { Lexicon, ValueType } from "./lexicon";
import type { Leaf, Value, ValueKind } from "./tree";
import { none } from "./tree";

const ORDER = ["=", "!=", "<", "<=", ">", ">="] as const;
const LENGTHS = ORDER.map((sign) => `length${sign}`);
const EMPTY = ["empty", "not_empty"] as const;

type Row = readonly [operators: readonly string[], values: readonly ValueKind[]];

const ROWS: Record<ValueType, readonly Row[]> = {
  money: [
    [
      ["<=", "<", ">", ">=", "=", "!="],
      ["money", "field"],
    ],
    [["in", "not_in"], ["moneys"]],
  ],
  int: [
    [
      ["=", "!=", "<=", "<", ">", ">="],
      ["int", "field"],
    ],
    [["in", "not_in"], ["ints"]],
  ],
  time: [
    [
      ["<", "<=", ">", ">=", "=", "!="],
      ["before_now", "after_now", "now", "field"],
    ],
  ],
  duration: [[ORDER, ["duration"]]],
  bool: [
    [
      ["=", "!="],
      ["bool", "field"],
    ],
  ],
  enum: [
    [["=", "!="], ["enum"]],
    [["in", "not_in"], ["enums"]],
  ],
  enum_list: [[["contains", "contains_all"], ["enums"]]],
  text: [
    [
      ["contains", "contains_all", "starts", "ends"],
      ["words", "texts"],
    ],
    [
      ["=", "!="],
      ["text", "field"],
    ],
    [["in", "not_in"], ["texts"]],
    [LENGTHS, ["int"]],
    [["matches"], ["text"]],
  ],
};

/** Operators of a field, in the order to offer them. */
export function operatorsOf(type: ValueType, nullable: boolean): string[] {
  const tests = ROWS[type].flatMap(([operators]) => operators);
  return nullable || type === "text" || type === "enum_list" ? [...tests, ...EMPTY] : tests;
}

/** What kinds of value an operator takes, the usual one first. */
export function kindsOf(type: ValueType, operator: string): readonly ValueKind[] {
  if (operator === "empty" || operator === "not_empty") return ["none"];
  return ROWS[type].find(([operators]) => operators.includes(operator))?.[1] ?? ["none"];
}

/** A value of another kind, keeping what was filled in where it still makes sense. */
export function convert(value: Value, kind: ValueKind): Value {
  if (kind === value.type) return value;
  if (kind === "none" || kind === "now") return { type: kind, value: null };
  const held = value.value;
  const many = kind.endsWith("s") && kind !== "words";
  if (kind === `${value.type}s` && held !== null && !Array.isArray(held))
    return { type: kind, value: [held] as string[] | number[] };
  if (`${kind}s` === value.type && Array.isArray(held)) return { type: kind, value: held[0] ?? null };
  if (kind.endsWith("_now") && value.type.endsWith("_now")) return { type: kind, value: held };
  return { type: kind, value: many ? [] : kind === "bool" ? true : null };
}

/** A leaf that asks this of a field, empty where the person must choose. */
export function startLeaf(field: string, type: ValueType): Leaf {
  const operator = operatorsOf(type, false)[0] ?? "=";
  return { kind: "leaf", field, operator, value: convert(none, kindsOf(type, operator)[0] ?? "none") };
}

/** What a new condition asks until the person says otherwise. */
export function usualLeaf(names: Lexicon): Leaf {
  const field = names.field("paid_amount") ?? names.fields[0];
  return startLeaf(field?.id ?? "paid_amount", field?.type ?? "money");
}
