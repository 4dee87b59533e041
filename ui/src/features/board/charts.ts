import type { Board, Forecast } from "../../api/types";
import type { Scheme } from "../../app/theme";
import { FONT, PALETTES } from "../../app/theme";
import { absolute, count } from "../../ui/format";

interface Look {
  scheme: Scheme;
  /** 1 on a desk, larger on a wall. */
  scale?: number;
}

function frame({ scheme, scale = 1 }: Look) {
  const p = PALETTES[scheme];
  const text = { color: p["text-2"], fontSize: 11 * scale };
  return {
    p,
    text,
    base: {
      animation: false,
      textStyle: { fontFamily: FONT },
      grid: { left: 8 * scale, right: 10 * scale, top: 30 * scale, bottom: 4 * scale, containLabel: true },
      legend: {
        top: 0,
        right: 0,
        itemWidth: 12 * scale,
        itemHeight: 8 * scale,
        textStyle: { color: p["text-2"], fontSize: 12 * scale },
      },
      tooltip: {
        trigger: "axis" as const,
        backgroundColor: p.surface,
        borderColor: p.line,
        textStyle: { color: p.text, fontSize: 12 * scale },
      },
    },
    category: {
      type: "category" as const,
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: p.line } },
    },
    value: {
      type: "value" as const,
      minInterval: 1,
      axisLabel: { ...text, formatter: (n: number) => count(n) },
      splitLine: { lineStyle: { color: p.line } },
    },
  };
}

/** Orders that came and went in each of the last 24 hours: what came above the line, what went below it. */
export function flowOption(
  flow: Board["flow"],
  names: { came: string; went: string },
  zone: string,
  look: Look,
) {
  const { p, base, category, value } = frame(look);
  const bar = { type: "bar" as const, stack: "flow", barCategoryGap: "28%" };
  return {
    ...base,
    tooltip: { ...base.tooltip, valueFormatter: (n: unknown) => count(Math.abs(n as number)) },
    xAxis: { ...category, data: flow.map((hour) => absolute(hour.at, zone).slice(11, 16)) },
    yAxis: {
      ...value,
      axisLabel: { ...value.axisLabel, formatter: (n: number) => count(Math.abs(n)) },
    },
    series: [
      { ...bar, name: names.came, color: p["mark-held"], data: flow.map((hour) => hour.came) },
      { ...bar, name: names.went, color: p["mark-released"], data: flow.map((hour) => -hour.went) },
    ],
  };
}

/** The backlog of the last days, and what is expected: the middle in its 80 % band. */
export function forecastOption(
  forecast: Forecast,
  names: { past: string; middle: string; band: string },
  look: Look,
) {
  const { p, base, category, value } = frame(look);
  const last = forecast.p80 ?? forecast.points.at(-1)?.day ?? "";
  const shown = forecast.points.filter((point, index) => index < 7 || point.day <= last);
  const days = [...forecast.past.map((one) => one.day), ...shown.map((point) => after(point.day))];
  const before = forecast.past.length - 1;
  const pad = Array.from({ length: before }, () => null);
  const line = { type: "line" as const, showSymbol: false, smooth: 0.2 };
  const quiet = { ...line, lineStyle: { opacity: 0 }, symbol: "none", tooltip: { show: false } };
  return {
    ...base,
    legend: { ...base.legend, data: [names.past, names.middle, names.band] },
    tooltip: {
      ...base.tooltip,
      formatter: (rows: { dataIndex: number }[]) => {
        const index = rows[0]?.dataIndex ?? 0;
        const point = shown[index - forecast.past.length];
        const head = (days[index] ?? "").slice(5);
        if (!point) return `${head} · ${count(forecast.past[index]?.backlog ?? 0)}`;
        return `${head} · ${names.middle} ${count(point.middle)}<br/>${names.band} ${count(point.low)} – ${count(point.high)}`;
      },
    },
    xAxis: { ...category, boundaryGap: false, data: days.map((day) => day.slice(5)) },
    yAxis: { ...value, min: 0 },
    series: [
      {
        ...line,
        name: names.past,
        color: p["mark-in_review"],
        lineStyle: { width: 2 * (look.scale ?? 1) },
        data: forecast.past.map((one) => one.backlog),
      },
      {
        ...quiet,
        name: "low",
        stack: "band",
        data: [...pad, forecast.backlog, ...shown.map((one) => one.low)],
      },
      {
        ...quiet,
        name: names.band,
        stack: "band",
        color: p["mark-released"],
        areaStyle: { color: p["mark-released"], opacity: 0.22 },
        data: [...pad, 0, ...shown.map((one) => one.high - one.low)],
      },
      {
        ...line,
        name: names.middle,
        color: p["mark-released"],
        lineStyle: { width: 2 * (look.scale ?? 1), type: "dashed" as const },
        data: [...pad, forecast.backlog, ...shown.map((one) => one.middle)],
      },
    ],
  };
}

/** The day after one: a day's end is shown at the beginning of the next. */
function after(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
