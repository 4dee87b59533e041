import { expect, test } from "vitest";
import { running, sortOut } from "./states";

test("tables are taken, whatever the case of their ending; the rest is named", () => {
  const files = ["a.CSV", "b.xlsx", "c.Zip", "d.pdf", "e"].map((name) => new File([], name));
  const { taken, left } = sortOut(files);
  expect(taken.map((file) => file.name)).toEqual(["a.CSV", "b.xlsx", "c.Zip"]);
  expect(left.map((file) => file.name)).toEqual(["d.pdf", "e"]);
});

test("an import is watched until it ends", () => {
  expect((["queued", "reading", "storing"] as const).every(running)).toBe(true);
  expect((["done", "failed", "cancelled"] as const).some(running)).toBe(false);
});
