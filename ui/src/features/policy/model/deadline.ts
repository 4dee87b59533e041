const UNITS = { minute: "分钟", hour: "小时", day: "天" } as const;
export type Unit = keyof typeof UNITS;
export type Choice = "none" | "same_day" | Unit;

const SAME_DAY = ["当日", "same_day"];
const SPOKEN: Record<Unit, RegExp> = {
  minute: /^(\d+)\s*(分钟|minutes?|min)$/,
  hour: /^(\d+)\s*(小时|hours?|h)$/,
  day: /^(\d+)\s*(天|days?|d)$/,
};

/** A deadline as rules write it: an amount and a unit, the same day, or none. */
export function readDeadline(text: string | null): { choice: Choice; amount: number | null } {
  const held = (text ?? "").trim();
  if (held === "") return { choice: "none", amount: null };
  if (SAME_DAY.includes(held)) return { choice: "same_day", amount: null };
  for (const unit of Object.keys(UNITS) as Unit[]) {
    const found = SPOKEN[unit].exec(held);
    if (found) return { choice: unit, amount: Number(found[1]) };
  }
  return { choice: "none", amount: null };
}

/** Text of a deadline; an amount that is missing begins with a usual one. */
export function writeDeadline(choice: Choice, amount: number | null): string | null {
  if (choice === "none") return null;
  if (choice === "same_day") return SAME_DAY[0] as string;
  return `${amount ?? (choice === "minute" ? 30 : 2)}${UNITS[choice]}`;
}
