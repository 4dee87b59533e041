import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Forecast } from "../../api/types";
import { usePreferences } from "../../app/preferences";
import { Chart } from "../../ui/Chart";
import { forecastOption } from "./charts";

/** When the backlog will be gone, in a sentence. */
export function useForecastSentence(forecast: Forecast | null): string {
  const { t } = useTranslation();
  if (!forecast) return t("board.forecastNone");
  if (forecast.backlog === 0) return t("board.forecastClear");
  if (forecast.points.length === 0)
    return t("board.forecastShort", { known: forecast.days_known, needed: forecast.days_needed });
  if (!forecast.p50) return t("board.forecastNever", { days: forecast.horizon });
  if (!forecast.p80) return t("board.forecastMaybe", { p50: forecast.p50.slice(5), days: forecast.horizon });
  return t("board.forecastGone", { p50: forecast.p50.slice(5), p80: forecast.p80.slice(5) });
}

/** The burn-down with its band, and how good such forecasts have been. */
export function ForecastPanel({ forecast, scale = 1 }: { forecast: Forecast | null; scale?: number }) {
  const { t } = useTranslation();
  const { scheme } = usePreferences();
  const sentence = useForecastSentence(forecast);
  const option = useMemo(
    () =>
      forecast && forecast.points.length > 0
        ? forecastOption(
            forecast,
            {
              past: t("board.forecastPast"),
              middle: t("board.forecastMiddle"),
              band: t("board.forecastBand"),
            },
            { scheme: scale > 1 ? "dark" : scheme, scale },
          )
        : null,
    [forecast, scheme, scale, t],
  );
  return (
    <div className="qd-forecast">
      <p className="qd-forecast-said">{sentence}</p>
      {option && <Chart option={option} label={sentence} className="qd-chart" />}
      {forecast && forecast.scored > 0 && (
        <p className="qd-muted">
          {t("board.forecastRecord", { scored: forecast.scored, inside: forecast.inside })}
        </p>
      )}
    </div>
  );
}
