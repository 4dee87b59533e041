import { describe, expect, test } from "vitest";
import { absolute, bytes, duration, money, percent, relative, short } from "./format";

const ZONE = "Asia/Shanghai";

describe("money", () => {
  test.each([
    [129990, "¥1,299.90"],
    [0, "¥0.00"],
    [5, "¥0.05"],
    [-61200, "-¥612.00"],
    [100000000, "¥1,000,000.00"],
    [900719925474099, "¥9,007,199,254,740.99"],
  ])("%i fen is %s", (fen, text) => expect(money(fen)).toBe(text));
});

describe("percent", () => {
  test("shows a trace as a trace and less than all as less than all", () => {
    expect(percent(1, 5000)).toBe("<0.1%");
    expect(percent(9999, 10000)).toBe("99.9%");
    expect(percent(0, 10)).toBe("0%");
    expect(percent(10, 10)).toBe("100%");
    expect(percent(0, 0)).toBe("0%");
    expect(percent(1, 3)).toBe("33.3%");
  });
});

describe("times", () => {
  const now = new Date("2026-11-12T04:00:00Z");

  test("stand in the shop's zone, across midnight too", () => {
    expect(absolute("2026-11-11T16:00:05Z", ZONE)).toBe("2026-11-12 00:00:05");
    expect(short("2026-11-11T16:00:05Z", ZONE, now)).toBe("11-12 00:00");
    expect(short("2025-11-11T16:00:05Z", ZONE, now)).toBe("2025-11-12 00:00");
    expect(short("2026-12-31T15:00:00Z", ZONE, new Date("2026-12-31T17:00:00Z"))).toBe("2026-12-31 23:00");
  });

  test("are told relative to now in the page's language", () => {
    expect(relative("2026-11-12T01:00:00Z", now, "zh")).toBe("3 小时前");
    expect(relative("2026-11-14T05:00:00Z", now, "en")).toBe("in 2 days");
    expect(relative("2026-11-12T03:59:40Z", now, "en")).toBe("this minute");
  });

  test("keep the two largest parts of a length", () => {
    expect(duration(14 * 3_600_000, "zh")).toBe("14 小时");
    expect(duration(-(27 * 3_600_000 + 5 * 60_000), "zh")).toBe("1 天 3 小时");
    expect(duration(65 * 60_000, "en")).toBe("1h 5m");
    expect(duration(59_000, "en")).toBe("0m");
  });
});

test("sizes of files read like sizes of files", () => {
  expect([bytes(900), bytes(20480), bytes(5_400_000)]).toEqual(["900 B", "20 KB", "5.1 MB"]);
});
