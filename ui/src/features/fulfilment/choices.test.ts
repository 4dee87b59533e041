import { describe, expect, test } from "vitest";
import { choices, relayRuns, STATES } from "./choices";

describe("what may be done about a push", () => {
  test("a doubt is never resolved by sending the same thing again unseen", () => {
    expect(choices({ state: "unknown", operation: "create" })).toContain("arrived");
  });

  test("a stop is only tried again", () => {
    for (const state of STATES)
      for (const action of choices({ state, operation: "cancel" })) expect(action).toBe("retry");
  });

  test("what was withdrawn is over", () => {
    expect(choices({ state: "cancelled", operation: "create" })).toEqual([]);
  });
});

test("a relay that has not looked for a while does not run", () => {
  const now = new Date("2026-01-01T00:01:00Z");
  expect(relayRuns("2026-01-01T00:00:58Z", now)).toBe(true);
  expect(relayRuns("2026-01-01T00:00:20Z", now)).toBe(false);
  expect(relayRuns(null, now)).toBe(false);
});
