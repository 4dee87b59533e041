import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { count, duration } from "../../ui/format";
import { Time } from "../../ui/Time";
import type { Feed } from "./api";

/** How every source does: last voice, lag, and the last hour against the usual at this hour of the week. */
export function Feeds({ rows }: { rows: readonly Feed[] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <div className="qd-history">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("oversight.source")}</th>
            <th scope="col">{t("oversight.says")}</th>
            <th scope="col">{t("oversight.lastAt")}</th>
            <th scope="col">{t("oversight.lag")}</th>
            <th scope="col" className="qd-right">
              {t("oversight.lastHour")}
            </th>
            <th scope="col" className="qd-right">
              {t("oversight.usualHour")}
            </th>
            <th scope="col">{t("oversight.state")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((feed) => (
            <tr key={`${feed.kind} ${feed.source}`}>
              <td>
                <b>{feed.name}</b>
              </td>
              <td>{t(`oversight.feed.${feed.kind}`)}</td>
              <td>
                <Time at={feed.last_at} as="short" />
              </td>
              <td className="qd-num">{duration(feed.lag_seconds * 1000, language)}</td>
              <td className="qd-right qd-num">{count(feed.last_hour)}</td>
              <td className="qd-right qd-num">
                {feed.usual_hour === null ? <span className="qd-muted">—</span> : feed.usual_hour}
              </td>
              <td>
                <span className={`qd-tag ${feed.incident ? "qd-breaker-open" : "qd-breaker-closed"}`}>
                  {t(feed.incident ? "oversight.silent" : "oversight.fine")}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
