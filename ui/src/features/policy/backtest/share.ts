import type { Language } from "../../../api/types";

const digits = (value: number) => (value !== 0 && Math.abs(value) < 0.01 ? 2 : 1);

/** A share as people read it: 83.4 %, and two places where it is small. */
export function share(value: number | null): string {
  return value === null ? "—" : `${(value * 100).toFixed(digits(value))}%`;
}

/** By how much a share rose or fell, in points. */
export function points(before: number | null, after: number | null, language: Language): string {
  if (before === null || after === null) return "";
  const change = (after - before) * 100;
  const size = Math.abs(change).toFixed(1);
  if (size === "0.0") return "±0";
  return `${change > 0 ? "+" : "−"}${size} ${language === "zh" ? "个百分点" : "points"}`;
}
