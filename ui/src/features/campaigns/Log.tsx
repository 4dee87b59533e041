import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { Time } from "../../ui/Time";
import type { Campaign } from "./api";

/** What was done in a clean-up, the newest first. */
export function Log({ of }: { of: Campaign }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <section className="qd-panel" aria-label={t("campaigns.log")}>
      <div className="qd-panel-head">
        <h2>{t("campaigns.log")}</h2>
      </div>
      <div className="qd-panel-body">
        <ol className="qd-campaign-log">
          {of.log.slice(0, 30).map((line) => (
            <li key={`${line.at} ${line.text.zh}`}>
              <span className="qd-muted">
                <Time at={line.at} as="short" />
              </span>
              <span>
                {labels.say(line.text)} <span className="qd-muted">{line.by}</span>
              </span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
