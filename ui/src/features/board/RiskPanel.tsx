import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Risk } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { count } from "../../ui/format";
import { ordersPath } from "../orders/query";
import { yuan } from "./yuan";

/** What late orders cost already and will cost within a day, in all and by platform; both open their orders. */
export function RiskPanel({ risk }: { risk: Risk }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const largest = Math.max(1, ...risk.by_channel.map((one) => one.day_fen));
  return (
    <div className="qd-risk">
      <div className="qd-risk-sums">
        <Link to={ordersPath({ risk: "now" })} className={risk.now_fen > 0 ? "qd-red" : "qd-plain"}>
          <span>{t("board.riskNow")}</span>
          <b className="qd-num">{yuan(risk.now_fen)}</b>
          <small>{t("board.riskOrders", { count: count(risk.now_orders) })}</small>
        </Link>
        <Link to={ordersPath({ risk: "day" })} className={risk.day_fen > 0 ? "qd-amber" : "qd-plain"}>
          <span>{t("board.riskDay")}</span>
          <b className="qd-num">+{yuan(risk.day_fen)}</b>
          <small>{t("board.riskOrders", { count: count(risk.day_orders) })}</small>
        </Link>
      </div>
      {risk.by_channel.length === 0 ? (
        <p className="qd-risk-calm">{t("board.riskNone")}</p>
      ) : (
        <ul className="qd-risk-bars" aria-label={t("board.risk")}>
          {risk.by_channel.slice(0, 4).map((one) => (
            <li key={one.channel}>
              <span className="qd-bar-label">{labels.value("channel", one.channel)}</span>
              <span className="qd-bar-track" aria-hidden>
                <i
                  style={{
                    width: `${(one.now_fen / largest) * 100}%`,
                    background: "var(--qd-mark-exception)",
                  }}
                />
                <i
                  style={{
                    width: `${((one.day_fen - one.now_fen) / largest) * 100}%`,
                    background: "var(--qd-mark-held)",
                  }}
                />
              </span>
              <b className="qd-num">{yuan(one.day_fen)}</b>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
