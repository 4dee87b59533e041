import { useTranslation } from "react-i18next";
import type { Progress } from "../../api/types";
import { count } from "../../ui/format";

const SHOWN = 10;

/** Who did how much today, in regular orders' worth of work; what came back does not count. */
export function PeoplePanel({ people }: { people: readonly Progress[] }) {
  const { t } = useTranslation();
  if (people.length === 0) return <p className="qd-muted">{t("board.peopleNone")}</p>;
  const most = Math.max(1, ...people.map((one) => one.points));
  return (
    <ol className="qd-progress">
      {people.slice(0, SHOWN).map((one, place) => (
        <li key={one.id}>
          <span className="qd-num qd-muted">{place + 1}</span>
          <span className="qd-bar-label">{one.name}</span>
          <span className="qd-bar-track" aria-hidden>
            <i style={{ width: `${(one.points / most) * 100}%`, background: "var(--qd-heat-3)" }} />
          </span>
          <b className="qd-num">{one.points.toLocaleString("en-US", { maximumFractionDigits: 1 })}</b>
          <span className="qd-num qd-muted">
            {t("board.peopleOrders", { count: count(one.orders) })}
            {one.back > 0 && ` · ${t("board.peopleBack", { count: count(one.back) })}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
