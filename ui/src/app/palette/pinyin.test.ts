import { expect, test } from "vitest";
import zh from "../../i18n/zh-CN.json";
import { GROUPS } from "../pages";
import { READ, rate } from "./pinyin";

const desk = READ["page.desk"] ?? "";

test.each(["chulitai", "clt", "chult", "cl", "litai", "chuli"])("%s finds the desk", (typed) => {
  expect(rate(typed, [zh.nav.desk], desk)).toBeGreaterThan(0);
});

test("Chinese goes before pinyin, and what does not fit is left out", () => {
  expect(rate(zh.nav.desk.slice(0, 1), [zh.nav.desk], desk)).toBe(4);
  expect(rate("clx", [zh.nav.desk], desk)).toBe(0);
  expect(rate("tlc", [zh.nav.desk], desk)).toBe(0);
});

test("a page is read with a syllable for each character", () => {
  const names = zh.nav as Record<string, string>;
  for (const page of GROUPS.flatMap((group) => group.pages)) {
    const read = READ[`page.${page.key}`]?.split(" ").length;
    if (read === undefined) continue;
    const name = page.key === "policy" ? names.policyFull : names[page.key];
    expect([page.key, read]).toEqual([page.key, name?.length]);
  }
});
