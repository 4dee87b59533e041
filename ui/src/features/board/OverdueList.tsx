import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { Board } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Count } from "../../ui/Count";
import { Deadline } from "../../ui/Time";
import { TierTag } from "../../ui/tags";
import { ordersPath } from "../orders/query";

/** Orders past their deadline, the worst first. */
export function OverdueList({ overdue }: { overdue: Board["overdue"] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  if (overdue.count === 0) return <p className="qd-calm">{t("board.noOverdue")}</p>;
  return (
    <>
      <div className="qd-overdue-scroll">
        <table className="qd-overdue">
          <caption className="qd-visually-hidden">{t("board.overdue")}</caption>
          <thead>
            <tr>
              <th scope="col">{labels.field("order_no")}</th>
              <th scope="col">{labels.field("channel")}</th>
              <th scope="col">{t("column.tier")}</th>
              <th scope="col">{t("column.owner_role")}</th>
              <th scope="col" className="qd-right">
                {t("column.overdue_by")}
              </th>
            </tr>
          </thead>
          <tbody>
            {overdue.rows.map((row) => {
              const to = ordersPath({ overdue: true }, row.id);
              return (
                <tr key={row.id} onClick={() => navigate(to)}>
                  <th scope="row">
                    <Link to={to} className="qd-num" onClick={(event) => event.stopPropagation()}>
                      {row.order_no}
                    </Link>
                  </th>
                  <td>{labels.value("channel", row.channel)}</td>
                  <td>
                    <TierTag id={row.tier} />
                  </td>
                  <td>{labels.role(row.owner_role) || "—"}</td>
                  <td className="qd-right">
                    <Deadline at={row.due_at} bare />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {overdue.count > overdue.rows.length && (
        <p className="qd-overdue-more qd-muted">
          {t("board.overdueShown", { shown: overdue.rows.length })}{" "}
          <Count n={overdue.count} to={ordersPath({ overdue: true })} label={t("board.overdueAll")} />
        </p>
      )}
    </>
  );
}
