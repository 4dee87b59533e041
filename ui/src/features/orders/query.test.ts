import { describe, expect, test } from "vitest";
import {
  active,
  apiParams,
  BACKLOG,
  filterBody,
  filterParams,
  type OrdersState,
  ordersPath,
  parse,
  write,
} from "./query";

const FULL: OrdersState = {
  filters: {
    stage: ["in_review", "held"],
    channel: ["jd"],
    shop: ["3"],
    province: ["广东"],
    tier: ["urgent"],
    verdict: ["review"],
    owner_role: ["agent"],
    reason: ["trust", "payment"],
    q: "D26 11",
    created_from: "2026-11-01",
    created_to: "2026-11-12",
    amount_min: "10.50",
    amount_max: "500",
    import: "7",
    overdue: true,
    late: true,
    due_within: "12",
  },
  sort: "due_at",
  page: 3,
  size: 100,
  open: "42",
};

describe("the address of the order list", () => {
  test("gives back the state that it was written from", () => {
    expect(parse(new URLSearchParams(write(FULL).toString()))).toEqual(FULL);
  });

  test("is bare for the defaults", () => {
    expect(write(parse(new URLSearchParams())).toString()).toBe("");
  });

  test("survives nonsense", () => {
    const state = parse(new URLSearchParams("page=-3&size=abc&overdue=yes&stage=&order=7"));
    expect(state).toEqual({ filters: {}, sort: "-created_at", page: 1, size: 50, open: "7" });
  });

  test("asks the API for the same filters, whatever card is open", () => {
    const asked = apiParams(FULL);
    expect(asked.get("order")).toBeNull();
    expect(asked.getAll("stage")).toEqual(["in_review", "held"]);
    expect([asked.get("sort"), asked.get("page"), asked.get("size")]).toEqual(["due_at", "3", "100"]);
  });

  test("is equal for equal filters, however they were made", () => {
    const one = filterParams({ q: "a", stage: ["held"] }).toString();
    expect(filterParams({ stage: ["held"], q: "a" }).toString()).toBe(one);
  });

  test("links a figure to its orders", () => {
    expect(ordersPath({ stage: BACKLOG, channel: ["jd"] })).toBe(
      "/orders?stage=in_review&stage=exception&stage=held&channel=jd",
    );
    expect(ordersPath({}, 9)).toBe("/orders?order=9");
    expect(ordersPath()).toBe("/orders");
  });
});

test("only set filters count and travel to the export", () => {
  expect(active({ stage: [], q: "", overdue: false, tier: ["urgent"] })).toBe(1);
  expect(filterBody({ tier: ["urgent"], overdue: true })).toEqual({ tier: ["urgent"], overdue: true });
});
