import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import en from "./en.json";
import zh from "./zh-CN.json";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "string") found.set(here, value);
    else for (const [inner, text] of leaves(value, here)) found.set(inner, text);
  }
  return found;
}

const chinese = leaves(zh);
const english = leaves(en);
const places = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort();
const sources = globSync("src/**/*.{ts,tsx}").filter((file) => !file.includes(".test."));

describe("texts", () => {
  test("stand in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  test("are never empty", () => {
    for (const text of [...chinese.values(), ...english.values()]) expect(text.trim()).not.toBe("");
  });

  test("name no place in one language that the other does not fill", () => {
    // "and 2 more" and "等 3 份" count differently; the caller fills both.
    const free = new Set(["imports.moreFiles"]);
    for (const [key, text] of chinese) {
      if (!free.has(key)) expect([key, places(english.get(key) ?? "")]).toEqual([key, places(text)]);
    }
  });

  test("exist for every key that the code names", () => {
    const known = (key: string) => chinese.has(key);
    const prefix = (start: string) => [...chinese.keys()].some((key) => key.startsWith(start));
    for (const file of sources) {
      const code = readFileSync(file, "utf8");
      for (const [, key] of code.matchAll(/\bt\(\s*"([\w.]+)"/g))
        expect([file, key, known(key ?? "")]).toEqual([file, key, true]);
      for (const [, start] of code.matchAll(/\bt\(\s*`([\w.]+)\$\{/g))
        expect([file, start, prefix(start ?? "")]).toEqual([file, start, true]);
    }
  });

  test("do not hide in components", () => {
    for (const file of sources.filter((name) => name.endsWith(".tsx"))) {
      const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      expect([file, code.match(/[\u3400-\u9fff]/)?.[0] ?? null]).toEqual([file, null]);
    }
  });
});
