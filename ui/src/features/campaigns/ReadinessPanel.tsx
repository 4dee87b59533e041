import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { InputNumber, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { campaigns } from "./api";

/** How ready we are for the next peak: a score, and its parts with the page where each is put right. */
export function ReadinessPanel() {
  const { t } = useTranslation();
  const labels = useLabels();
  const [factor, setFactor] = useState(3);
  const ready = useQuery({
    queryKey: ["campaigns", "readiness", factor],
    queryFn: ({ signal }) => campaigns.readiness(factor, signal),
    placeholderData: keepPreviousData,
  });
  if (ready.isPending) return <Skeleton active />;
  if (ready.isError) return <Problem error={ready.error} retry={ready.refetch} />;
  const { score, parts } = ready.data;
  const tone = score >= 80 ? "" : score >= 50 ? "qd-amber" : "qd-red";
  return (
    <section className="qd-panel" aria-label={t("campaigns.views.readiness")}>
      <div className="qd-panel-body">
        <div className="qd-campaign-score">
          <b className={tone} data-testid="score">
            {score}
          </b>
          <span className="qd-muted">{t("campaigns.ofHundred")}</span>
          <span style={{ marginLeft: "auto" }}>
            {t("campaigns.factor")}{" "}
            <InputNumber
              min={1}
              max={20}
              value={factor}
              aria-label={t("campaigns.factor")}
              onChange={(n) => setFactor(n ?? 3)}
            />{" "}
            {t("campaigns.times")}
          </span>
        </div>
        <div className="qd-history">
          <table>
            <tbody>
              {parts.map((part) => (
                <tr key={part.key}>
                  <td>
                    <b>{labels.say(part.title)}</b>
                  </td>
                  <td className="qd-num">
                    <meter min={0} max={1} value={part.share} aria-label={labels.say(part.title)} />{" "}
                    {Math.round(part.share * part.weight)}/{part.weight}
                  </td>
                  <td style={{ whiteSpace: "normal" }}>{labels.say(part.text)}</td>
                  <td className="qd-right">
                    {part.share < 1 && <Link to={part.link}>{t("campaigns.fix")}</Link>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
}
