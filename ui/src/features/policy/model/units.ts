/** Units that people say durations in, in seconds. */
export const UNITS = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const;

export type TimeUnit = keyof typeof UNITS;

/** A duration in its largest whole unit; a day counts from two, as rules write it. */
export function toUnit(seconds: number | null): { amount: number | null; unit: TimeUnit } {
  if (seconds === null || seconds === 0) return { amount: seconds, unit: "hour" };
  const fits = (unit: TimeUnit) =>
    seconds % UNITS[unit] === 0 && seconds >= UNITS[unit] * (unit === "day" ? 2 : 1);
  const unit = (["day", "hour", "minute", "second"] as const).find(fits) ?? "second";
  return { amount: seconds / UNITS[unit], unit };
}

/** Rules know whole seconds. */
export const fromUnit = (amount: number, unit: TimeUnit): number => Math.round(amount * UNITS[unit]);
