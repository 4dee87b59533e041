import { expect, test } from "vitest";
import { heat, heatSteps, TILES } from "./tiles";

test("every province has a tile of its own", () => {
  const places = Object.values(TILES).map(([column, row]) => `${column}/${row}`);
  expect(places).toHaveLength(34);
  expect(new Set(places).size).toBe(34);
});

test.each([0, 1, 3, 17, 99, 100, 850, 12_345])("a largest count of %i falls into the scale", (largest) => {
  const steps = heatSteps(largest);
  expect(steps).toHaveLength(5);
  expect(steps[4]).toBeGreaterThanOrEqual(largest);
  expect([...steps].sort((a, b) => a - b)).toEqual(steps);
  expect(heat(0, steps)).toBe(0);
  expect(heat(largest + 1, steps)).toBeLessThanOrEqual(4);
  expect(heat(1, steps)).toBe(1);
});
