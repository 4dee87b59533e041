import { describe, expect, test } from "vitest";
import type { Column, Draft } from "./api";
import { assign, sureness, withSums, withWord } from "./draft";

const draft: Draft = {
  channel: "other",
  shop: "",
  sheet: "",
  header: 0,
  columns: { "0": "order_no", "1": "paid_amount", "2": "status" },
  rows: "line",
  carried: false,
  summed: ["paid_amount"],
  words: { status: { 配货中: "waiting" } },
  absent: {},
};

describe("a draft", () => {
  test("gives a field to one column only", () => {
    expect(assign(draft, 3, "order_no").columns).toEqual({
      "1": "paid_amount",
      "2": "status",
      "3": "order_no",
    });
  });

  test("forgets what was said of a field that no column has any more", () => {
    const less = assign(assign(draft, 1, ""), 2, "");
    expect([less.summed, less.words]).toEqual([[], {}]);
  });

  test("adds up the amounts that it has", () => {
    expect(withSums(withSums(draft, false), true).summed).toEqual(["paid_amount"]);
  });

  test("keeps the other words when one is given a meaning", () => {
    expect(withWord(draft, "status", "待发", "waiting").words).toEqual({
      status: { 配货中: "waiting", 待发: "waiting" },
    });
  });

  test("is a person's where they chose another field", () => {
    const guess = { field: "title", confidence: 0.9, why: ["name"] };
    const column: Column = { position: 0, title: "品", guess, others: [], filled: 1 };
    expect([sureness(column, "title"), sureness(column, "spec")]).toEqual(["sure", "chosen"]);
  });
});
