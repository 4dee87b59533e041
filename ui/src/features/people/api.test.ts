import { describe, expect, test } from "vitest";
import { hours, inZone, readHours, writeHours } from "./api";

describe("hours as people type them", () => {
  test.each([
    ["09:00-12:00 13:00-18:00", ["09:00-12:00", "13:00-18:00"]],
    ["09：00－12：00，13：00～18：00", ["09:00-12:00", "13:00-18:00"]],
    [" 22:00 – 06:00、", ["22:00-06:00"]],
    ["", []],
    ["休息", ["休息"]],
  ])("%s", (text, spans) => {
    expect(readHours(text)).toEqual(spans);
  });
  test("are written as they are read", () => {
    expect(readHours(writeHours(["09:00-12:00", "13:00-18:00"]))).toEqual(["09:00-12:00", "13:00-18:00"]);
  });
  test("sums are short", () => {
    expect([480, 450, 0, 61].map(hours)).toEqual(["8", "7.5", "0", "1"]);
  });
});

test("a wall clock's time is the shop's, wherever the browser is", () => {
  expect(inZone("2026-11-24T09:00", "Asia/Shanghai")).toBe("2026-11-24T01:00:00.000Z");
  expect(inZone("2026-07-01T00:30", "America/New_York")).toBe("2026-07-01T04:30:00.000Z");
});
