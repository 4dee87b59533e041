import type { Threshold } from "../api";
import { type Form, replaced, SECTIONS } from "../model/form";
import type { Group, Leaf, Node, Text } from "../model/tree";

const SECOND = 1_000_000;
const MOST = 40;

/** Values worth trying around the present one: round numbers from a tenth to ten times of it. */
export function tried({ value, type }: Threshold): number[] {
  if (type === "int") return Array.from({ length: 12 }, (_, n) => Math.max(0, value - 4) + n);
  const step = type === "money" ? 100 : 60 * SECOND;
  const from = Math.max(value / 10, step);
  const found = new Set<number>();
  for (let n = 0; n < MOST - 2; n += 1) {
    const raw = from * 100 ** (n / (MOST - 3));
    const digit = 10 ** Math.max(0, Math.floor(Math.log10(raw / step)) - 1);
    found.add(Math.round(raw / step / digit) * digit * step);
  }
  return [...found].sort((one, other) => one - other);
}

function change(node: Node, at: { left: number }, edit: (leaf: Leaf | Text) => Node): Node {
  if (node.kind === "group") return { ...node, rules: node.rules.map((rule) => change(rule, at, edit)) };
  at.left -= 1;
  return at.left === 0 ? edit(node) : node;
}

/** The form with one threshold set; null where the number stands in a condition kept as text. */
export function withThreshold(form: Form, threshold: Threshold, value: number): Form | null {
  for (const section of SECTIONS) {
    const at = form[section].findIndex((rule) => rule.id === threshold.rule);
    const rule = form[section][at];
    if (!rule) continue;
    let done = false;
    const condition = change(rule.condition, { left: threshold.leaf }, (leaf) => {
      if (leaf.kind !== "leaf" || leaf.field !== threshold.field || typeof leaf.value.value !== "number")
        return leaf;
      done = true;
      const set = threshold.type === "duration" ? Math.round(value / SECOND) : value;
      return { ...leaf, value: { ...leaf.value, value: set } };
    }) as Group;
    return done ? { ...form, [section]: replaced(form[section], at, { ...rule, condition }) } : null;
  }
  return null;
}
