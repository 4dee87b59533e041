import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../../app/preferences";
import { PALETTES } from "../../../app/theme";
import type { Frontier } from "../api";
import { draw } from "./chart";
import { share } from "./share";

interface Props {
  frontier: Frontier;
  at: number;
  target: number;
  say: (value: number) => string;
}

/** Release rate and the bound of the problem rate over the values of a threshold. */
export function FrontierChart({ frontier, at, target, say }: Props) {
  const { t } = useTranslation();
  const { scheme } = usePreferences();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof draw> | null>(null);
  useEffect(() => {
    if (!place.current) return;
    const made = draw(place.current);
    chart.current = made;
    return () => made.end();
  }, []);
  useEffect(() => {
    const p = PALETTES[scheme];
    const axis = { axisLabel: { color: p["text-2"] }, splitLine: { lineStyle: { color: p.line } } };
    const percent = { ...axis, type: "value" as const, axisLabel: { color: p["text-2"], formatter: share } };
    const line = { type: "line" as const, showSymbol: false, smooth: false };
    chart.current?.show({
      animation: false,
      textStyle: { fontFamily: "inherit" },
      grid: { left: 56, right: 60, top: 34, bottom: 28 },
      legend: { top: 0, textStyle: { color: p["text-2"] } },
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => share(value as number) },
      xAxis: { ...axis, type: "category", data: frontier.points.map((one) => say(one.value)) },
      yAxis: [
        { ...percent, min: 0, max: 1 },
        { ...percent, splitLine: { show: false } },
      ],
      series: [
        {
          ...line,
          name: t("studio.frontier.rate"),
          data: frontier.points.map((one) => one.rate),
          color: p["mark-released"],
          markLine: {
            symbol: "none",
            silent: true,
            lineStyle: { color: p["text-3"], type: "dashed" },
            label: { show: false },
            data: [{ yAxis: target }, { xAxis: at }],
          },
        },
        {
          ...line,
          name: t("studio.frontier.bound"),
          yAxisIndex: 1,
          data: frontier.points.map((one) => one.problem_high),
          color: p["mark-held"],
        },
      ],
    });
  }, [frontier, at, target, say, scheme, t]);
  return <div ref={place} className="qd-frontier-chart" role="img" aria-label={t("studio.frontier.title")} />;
}
