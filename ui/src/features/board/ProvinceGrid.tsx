import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Tally } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Count } from "../../ui/Count";
import { count } from "../../ui/format";
import { BACKLOG, ordersPath, UNKNOWN } from "../orders/query";
import { heat, heatSteps, TILES } from "./tiles";

/** Backlog by province, one equal tile each; a tile opens its orders. */
export function ProvinceGrid({ tallies }: { tallies: readonly Tally[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const counts = new Map(tallies.map((tally) => [tally.id, tally.count]));
  const steps = heatSteps(Math.max(0, ...tallies.filter((tally) => tally.id).map((tally) => tally.count)));
  const unknown = counts.get(null) ?? 0;
  const path = (province: string) => ordersPath({ stage: BACKLOG, province: [province] });
  return (
    <div className="qd-map">
      <ul className="qd-tiles" aria-label={t("board.regions")}>
        {Object.entries(TILES).map(([id, [column, row]]) => {
          const n = counts.get(id) ?? 0;
          const name = labels.value("province", id);
          return (
            <li key={id} style={{ gridColumn: column + 1, gridRow: row + 1 }}>
              <Link to={path(id)} className={`qd-tile qd-heat-${heat(n, steps)}`}>
                <span>{name}</span>
                <b>{count(n)}</b>
              </Link>
            </li>
          );
        })}
      </ul>
      <div className="qd-map-foot">
        <ul className="qd-legend" aria-label={t("board.legend")}>
          {steps.map((bound, index) => (
            <li key={bound}>
              <i className={`qd-heat-${index}`} aria-hidden />
              {index === 0 ? "0" : `${count((steps[index - 1] ?? 0) + 1)}–${count(bound)}`}
            </li>
          ))}
        </ul>
        {unknown > 0 && (
          <span className="qd-muted">
            {t("board.noProvince")} <Count n={unknown} to={path(UNKNOWN)} label={t("board.noProvince")} />
          </span>
        )}
      </div>
    </div>
  );
}
