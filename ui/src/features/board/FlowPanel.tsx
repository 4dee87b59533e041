import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Board } from "../../api/types";
import { usePreferences } from "../../app/preferences";
import { useZone } from "../../app/session";
import { Chart } from "../../ui/Chart";
import { count } from "../../ui/format";
import { flowOption } from "./charts";

/** What came and went in the last 24 hours. */
export function FlowPanel({ flow, scale = 1 }: { flow: Board["flow"]; scale?: number }) {
  const { t } = useTranslation();
  const zone = useZone();
  const { scheme } = usePreferences();
  const option = useMemo(
    () =>
      flowOption(flow, { came: t("board.came"), went: t("board.went") }, zone, {
        scheme: scale > 1 ? "dark" : scheme,
        scale,
      }),
    [flow, zone, scheme, scale, t],
  );
  return <Chart option={option} label={useFlowSentence(flow)} className="qd-chart" />;
}

/** The day's sums in a sentence. */
export function useFlowSentence(flow: Board["flow"]): string {
  const { t } = useTranslation();
  const came = flow.reduce((sum, hour) => sum + hour.came, 0);
  const went = flow.reduce((sum, hour) => sum + hour.went, 0);
  return t(came > went ? "board.flowGrows" : "board.flowShrinks", {
    came: count(came),
    went: count(went),
    by: count(Math.abs(came - went)),
  });
}
