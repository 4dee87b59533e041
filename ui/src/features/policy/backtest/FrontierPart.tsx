import { useQuery } from "@tanstack/react-query";
import { Button, Select, Skeleton, Slider } from "antd";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { usePreferences } from "../../../app/preferences";
import { count, duration, money } from "../../../ui/format";
import { Problem } from "../../../ui/Problem";
import { insights, type Threshold } from "../api";
import type { Editor } from "../editor/useEditor";
import { SECTIONS } from "../model/form";
import { share } from "./share";
import { tried, withThreshold } from "./values";

const Chart = lazy(async () => ({ default: (await import("./FrontierChart")).FrontierChart }));
const TARGET = 0.8;

/** Slides one number of the policy: what each value would have released, at what risk. */
export function FrontierPart({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { language } = usePreferences();
  const { source, form, checked, pending } = editor;
  const [chosen, setChosen] = useState<string | null>(null);
  const [slid, setSlid] = useState<number | null>(null);
  const listed = useQuery({
    queryKey: ["thresholds", source],
    queryFn: ({ signal }) => insights.thresholds(source, signal),
    enabled: checked.ok && !pending,
  });
  const key = (one: Threshold) => `${one.rule}/${one.leaf}`;
  const threshold = listed.data?.find((one) => key(one) === chosen) ?? listed.data?.[0];
  const asked = useQuery({
    queryKey: ["frontier", source, threshold],
    queryFn: ({ signal }) => {
      if (!threshold) throw new Error("no threshold");
      const { rule, leaf } = threshold;
      return insights.frontier({ source, rule, leaf, values: tried(threshold), target: TARGET }, signal);
    },
    enabled: threshold !== undefined,
    staleTime: 60_000,
  });
  const type = threshold?.type;
  const say = useCallback(
    (value: number) =>
      type === "money"
        ? money(value)
        : type === "duration"
          ? duration(value / 1_000, language)
          : String(value),
    [type, language],
  );
  const frontier = asked.data;
  const at = useMemo(() => {
    const points = frontier?.points ?? [];
    const found = points.findIndex((one) => one.value === (slid ?? frontier?.current));
    return Math.max(found, 0);
  }, [frontier, slid]);
  const point = frontier?.points[at];
  const title = (one: Threshold) => {
    const rules = SECTIONS.flatMap((section) => form[section]);
    const rule = rules.find((found) => found.id === one.rule);
    return `${labels.say(rule?.title) || one.rule} · ${labels.field(one.field)} ${
      one.type === "money"
        ? money(one.value)
        : one.type === "duration"
          ? duration(one.value / 1_000, language)
          : one.value
    }`;
  };
  if (listed.data?.length === 0) return null;
  const made = threshold && point ? withThreshold(form, threshold, point.value) : null;
  return (
    <section data-testid="frontier">
      <h2>{t("studio.frontier.title")}</h2>
      <p className="qd-muted">{t("studio.frontier.text")}</p>
      <div className="qd-panel qd-frontier">
        {listed.isError && <Problem error={listed.error} retry={listed.refetch} />}
        {asked.isError && <Problem error={asked.error} retry={asked.refetch} />}
        {threshold && (
          <Select
            aria-label={t("studio.frontier.which")}
            popupMatchSelectWidth={false}
            value={key(threshold)}
            options={(listed.data ?? []).map((one) => ({ value: key(one), label: title(one) }))}
            onChange={(next) => {
              setChosen(next);
              setSlid(null);
            }}
          />
        )}
        {!frontier || !point ? (
          <Skeleton active />
        ) : (
          <>
            <Suspense fallback={<div className="qd-frontier-chart" />}>
              <Chart frontier={frontier} at={at} target={TARGET} say={say} />
            </Suspense>
            <Slider
              ariaLabelForHandle={t("studio.frontier.slide")}
              min={0}
              max={frontier.points.length - 1}
              value={at}
              tooltip={{ formatter: (n) => say(frontier.points[n ?? 0]?.value ?? 0) }}
              onChange={(n) => setSlid(frontier.points[n]?.value ?? null)}
            />
            <p className="qd-frontier-says" data-value={point.value}>
              <b>{say(point.value)}</b>
              <span>
                {t("studio.frontier.releases")} <b className="qd-num">{share(point.rate)}</b>
              </span>
              <span>
                {t("studio.frontier.problems", {
                  n: count(point.problems),
                  low: share(point.problem_low),
                  high: share(point.problem_high),
                })}
              </span>
              <span>{t("studio.frontier.hours", { n: point.hours_saved.toFixed(1) })}</span>
              {frontier.chosen !== null && (
                <Button
                  size="small"
                  onClick={() => setSlid(frontier.points[frontier.chosen ?? 0]?.value ?? null)}
                >
                  {t("studio.frontier.best", { target: share(TARGET) })}
                </Button>
              )}
              <Button
                size="small"
                type="primary"
                disabled={!made || point.value === frontier.current}
                onClick={() => made && editor.change(made)}
              >
                {t("studio.frontier.take")}
              </Button>
            </p>
          </>
        )}
      </div>
    </section>
  );
}
