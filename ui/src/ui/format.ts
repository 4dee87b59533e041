import type { Language } from "../api/types";

const LOCALE: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

/** `129990` fen → `¥1,299.90`. Integer arithmetic throughout: no amount passes through a float. */
export function money(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  const all = Math.abs(fen);
  const yuan = Math.floor(all / 100).toString();
  const rest = (all % 100).toString().padStart(2, "0");
  return `${sign}¥${yuan.replace(/\B(?=(\d{3})+$)/g, ",")}.${rest}`;
}

/** `12345` → `12,345`. */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** Share of a whole as a percentage; `<0.1%` rather than a false zero, and never `100%` for less than all. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0%";
  if (part === whole) return "100%";
  const share = (part / whole) * 100;
  if (share < 0.1) return "<0.1%";
  return `${Math.min(99.9, share).toFixed(1)}%`;
}

/** Absolute time in the shop's zone, `2026-11-12 10:00:05`. */
export function absolute(iso: string, zone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return parts.format(new Date(iso));
}

/** Short absolute time in the shop's zone: `11-12 10:00`, with the year when it is not this one. */
export function short(iso: string, zone: string, now: Date): string {
  const full = absolute(iso, zone);
  const thisYear = absolute(now.toISOString(), zone).slice(0, 4);
  return full.startsWith(thisYear) ? full.slice(5, 16) : full.slice(0, 16);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** `3 小时前`, `in 2 days`. */
export function relative(iso: string, now: Date, language: Language): string {
  const difference = new Date(iso).getTime() - now.getTime();
  const format = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(difference) >= size) return spaced(format.format(Math.trunc(difference / size), unit));
  }
  return format.format(0, "minute");
}

/** Puts the space between figures and Han characters that our own texts have. */
function spaced(text: string): string {
  return text.replace(/(?<=\d)(?=\p{Script=Han})|(?<=\p{Script=Han})(?=\d)/gu, " ");
}

export interface Span {
  days: number;
  hours: number;
  minutes: number;
}

/** Splits a length of time in milliseconds; the sign is dropped. */
export function span(milliseconds: number): Span {
  const minutes = Math.floor(Math.abs(milliseconds) / 60_000);
  return {
    days: Math.floor(minutes / 1440),
    hours: Math.floor((minutes % 1440) / 60),
    minutes: minutes % 60,
  };
}

/** The two largest parts of a length of time: `3 天 4 小时`, `25m`. */
export function duration(milliseconds: number, language: Language): string {
  const { days, hours, minutes } = span(milliseconds);
  const units = language === "zh" ? [" 天", " 小时", " 分钟"] : ["d", "h", "m"];
  if (days >= 1) return `${days}${units[0]}${hours ? ` ${hours}${units[1]}` : ""}`;
  if (hours >= 1) return `${hours}${units[1]}${minutes ? ` ${minutes}${units[2]}` : ""}`;
  return `${minutes}${units[2]}`;
}

/** `20480` bytes → `20 KB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}
