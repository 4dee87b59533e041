import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";
import type { Destination } from "./api";

const NUMBERS = ["ready", "sending", "unknown", "failed"] as const;

function Health({ of }: { of: Destination }) {
  const { t } = useTranslation();
  if (!of.active) return <span className="qd-tag">{t("push.health.off")}</span>;
  return <span className={`qd-tag qd-breaker-${of.breaker}`}>{t(`push.health.${of.breaker}`)}</span>;
}

/** How each warehouse interface does: whether it answers, how much waits for it, how fast it takes. */
export function Destinations({ rows }: { rows: readonly Destination[] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <div className="qd-history">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("push.warehouse")}</th>
            <th scope="col">{t("push.health.title")}</th>
            {NUMBERS.map((key) => (
              <th key={key} scope="col" className="qd-right">
                {t(`push.state.${key}`)}
              </th>
            ))}
            <th scope="col" className="qd-right">
              {t("push.perMinute")}
            </th>
            <th scope="col" className="qd-right">
              {t("push.answer")}
            </th>
            <th scope="col">{t("push.oldest")}</th>
            <th scope="col">{t("push.lastOk")}</th>
            <th scope="col">{t("push.heard")}</th>
            <th scope="col">{t("push.lastFailure")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <b>{row.name}</b>{" "}
                <span className="qd-muted">{row.adapter_label?.[language] ?? row.adapter}</span>
              </td>
              <td>
                <Health of={row} />
              </td>
              {NUMBERS.map((key) => (
                <td
                  key={key}
                  className={`qd-right qd-num ${key === "failed" && row[key] > 0 ? "qd-red" : ""}`}
                >
                  {count(row[key])}
                </td>
              ))}
              <td className="qd-right qd-num">{count(row.per_minute)}</td>
              <td className="qd-right qd-num">
                {row.answer_ms === null ? "—" : t("push.ms", { n: row.answer_ms })}
              </td>
              <td>
                <Time at={row.oldest_at} />
              </td>
              <td>
                <Time at={row.last_ok_at} />
              </td>
              <td>
                <Time at={row.heard_at} />
              </td>
              <td>
                {row.last_failure_at === null ? (
                  <span className="qd-muted">{t("push.noFailure")}</span>
                ) : (
                  <span title={row.last_failure}>
                    <Time at={row.last_failure_at} /> <span className="qd-muted">{row.last_failure}</span>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
