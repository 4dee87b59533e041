import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Tally } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { count, percent } from "../../ui/format";
import { ordersPath } from "../orders/query";

/** How all orders divide over the stages: one bar, and a legend whose entries open their orders. */
export function StageShares({ tallies, total }: { tallies: readonly Tally[]; total: number }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const shown = tallies.filter(
    (tally): tally is { id: string; count: number } => tally.id !== null && tally.count > 0,
  );
  return (
    <div className="qd-shares">
      <div className="qd-shares-bar" aria-hidden>
        {shown.map(({ id, count: n }) => (
          <i key={id} style={{ flexGrow: n, background: `var(--qd-mark-${id})` }} />
        ))}
      </div>
      <ul aria-label={t("board.stages")}>
        {shown.map(({ id, count: n }) => (
          <li key={id}>
            <Link to={ordersPath({ stage: [id] })}>
              <i style={{ background: `var(--qd-mark-${id})` }} aria-hidden />
              <span>{labels.value("stage", id)}</span>
              <b className="qd-num">{count(n)}</b>
              <span className="qd-num qd-muted">{percent(n, total)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
