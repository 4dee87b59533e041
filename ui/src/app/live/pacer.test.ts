import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pacer } from "./useLive";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("the first news is asked about at once, a flood in one go, and nothing is left out", () => {
  const asked: string[][] = [];
  const pace = pacer((keys) => asked.push([...keys].sort()), 1_000);
  pace.tell(["pushes"]);
  for (let i = 0; i < 50; i += 1) pace.tell(["orders"]);
  expect(asked).toEqual([["pushes"]]);
  vi.advanceTimersByTime(1_000);
  expect(asked).toEqual([["pushes"], ["desk", "notices", "order", "orders"]]);
  vi.advanceTimersByTime(5_000);
  expect(asked).toHaveLength(2);
  pace.tell(["*"]);
  expect(asked[2]).toEqual(["*"]);
  pace.stop();
});
