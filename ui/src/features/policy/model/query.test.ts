import { describe, expect, test } from "vitest";
import { changeList, type Form, listsInUse, SECTIONS } from "./form";
import { convert, kindsOf, operatorsOf } from "./operators";
import { conditionOf, nodeOf, queryOf } from "./query";
import starter from "./starter.json";
import { asGroup, type Group, leaves, type Node, PSEUDO, tidy, type Value, type ValueKind } from "./tree";

/** The starter policy as the server reads it; tests/browser/test_studio.py keeps this copy honest. */
const form = starter as unknown as Form;
const conditions: Group[] = [
  ...SECTIONS.flatMap((section) => form[section].map((rule) => rule.condition)),
  ...form.tiers.flatMap((tier) => (tier.condition ? [tier.condition] : [])),
];

function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return { next, pick };
}

const FIELDS = {
  paid_amount: "money",
  returns_30d: "int",
  vip: "bool",
  province: "enum",
  seller_memo: "text",
} as const;
const SAMPLES: Partial<Record<ValueKind, readonly Value["value"][]>> = {
  money: [0, 50_000, -1],
  moneys: [[100, 250]],
  int: [0, 7],
  ints: [[1], [1, 2]],
  bool: [true, false],
  enum: ["西藏"],
  enums: [["西藏", "新疆"]],
  text: ["加急", 'say "hi"'],
  texts: [["加急"], ["a", "b"]],
  words: ["加急词"],
  field: ["goods_amount"],
};

function randomNode({ next, pick }: ReturnType<typeof dice>, depth: number): Node {
  const roll = next();
  if (depth > 0 && roll < 0.5) {
    const rules = Array.from({ length: Math.floor(next() * 4) }, () => randomNode({ next, pick }, depth - 1));
    return { kind: "group", combinator: pick(["and", "or"] as const), not: next() < 0.3, rules };
  }
  if (roll < 0.6)
    return { kind: "text", source: pick(["付款时间 - 下单时间 > 24小时", "商品金额 > 件数 * 2000元"]) };
  if (roll < 0.65)
    return { kind: "leaf", field: pick([...PSEUDO]), operator: "is", value: { type: "none", value: null } };
  const field = pick(Object.keys(FIELDS) as (keyof typeof FIELDS)[]);
  const operator = pick(operatorsOf(FIELDS[field], true));
  const type = pick(kindsOf(FIELDS[field], operator));
  return { kind: "leaf", field, operator, value: { type, value: pick(SAMPLES[type] ?? [null]) } };
}

describe("a condition and the builder", () => {
  test("say the same for every rule of the starter policy", () => {
    expect(conditions.length).toBeGreaterThan(8);
    for (const condition of conditions) {
      expect(nodeOf(queryOf(condition))).toEqual(condition);
      expect(asGroup(conditionOf(queryOf(condition)))).toEqual(condition);
    }
  });

  test("say the same for random trees, which have one form", () => {
    const random = dice(20_261_122);
    for (let n = 0; n < 2_000; n += 1) {
      const node = asGroup(randomNode(random, 4));
      expect(nodeOf(queryOf(node))).toEqual(node);
      const tidied = tidy(node);
      expect(tidy(tidied)).toEqual(tidied);
      expect(conditionOf(queryOf(tidied))).toEqual(tidied);
      expect(leaves(tidied)).toEqual(leaves(node));
    }
  });

  test("keep what was filled in when a value changes its kind and back", () => {
    for (const [one, many, value] of [
      ["money", "moneys", 50_000],
      ["enum", "enums", "西藏"],
      ["text", "texts", "加急"],
    ] as const) {
      const given: Value = { type: one, value };
      expect(convert(convert(given, many), one)).toEqual(given);
    }
    expect(convert({ type: "money", value: 500 }, "none")).toEqual({ type: "none", value: null });
  });
});

describe("a word list", () => {
  test("takes its rules along when it is renamed", () => {
    const renamed = changeList(form, "加急词", { name: "催单词", items: ["加急"] });
    const used = listsInUse(renamed);
    expect(used.has("催单词")).toBe(true);
    expect(used.has("加急词")).toBe(false);
    expect(listsInUse(changeList(renamed, "催单词", { name: "加急词", items: ["加急"] }))).toEqual(
      listsInUse(form),
    );
  });
});
