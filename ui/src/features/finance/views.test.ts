import { expect, test } from "vitest";
import type { Summary } from "./api";
import { counts, queryOf, viewOf } from "./views";

const state = (name: string, orders: number, settled: number) => ({
  state: name,
  orders,
  settled,
  paid: 0,
  refunded: 0,
  difference: 0,
});

test("settled differences are counted once, and apart from the open ones", () => {
  const summary: Summary = {
    states: [state("full", 90, 0), state("short", 5, 2), state("missing", 3, 1)],
    differences: 5,
    not_ours: 4,
    not_ours_amount: 100,
    bills: [],
  };
  expect(counts(summary)).toMatchObject({ open: 5, short: 3, missing: 2, settled: 3, full: 90, not_ours: 4 });
});

test("an address opens what it names, and the open differences otherwise", () => {
  expect(viewOf("double")).toBe("double");
  expect(viewOf("nonsense")).toBe("open");
  expect(queryOf("short", "33", 2).toString()).toBe("page=2&state=short&settled=false&q=33");
  expect(queryOf("settled", "", 1).toString()).toBe("page=1&settled=true");
  expect(queryOf("full", "", 1).toString()).toBe("page=1&state=full");
});
