import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Step } from "../../api/types";
import { usePreferences } from "../../app/preferences";
import { count, duration } from "../../ui/format";
import { useNow } from "../../ui/useNow";
import { ordersPath } from "../orders/query";

const OLD_MS = 24 * 3_600_000;

/** Where orders wait, step by step: how many and how long the oldest has been with us; each opens its orders. */
export function StepsPanel({ steps, link = true }: { steps: readonly Step[]; link?: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const now = useNow();
  const most = Math.max(1, ...steps.map((one) => one.count));
  return (
    <ol className="qd-steps" aria-label={t("board.steps")}>
      {steps.map(({ step, count: n, oldest }) => {
        const age = oldest === null ? 0 : Math.max(0, now.getTime() - new Date(oldest).getTime());
        const inside = (
          <>
            <span>{t(`board.step.${step}`)}</span>
            <b className="qd-num">{count(n)}</b>
            <i className="qd-step-level" aria-hidden>
              <i style={{ height: `${(n / most) * 100}%` }} />
            </i>
            <small className={age > OLD_MS ? "qd-num qd-amber" : "qd-num qd-muted"}>
              {oldest === null
                ? t("board.stepEmpty")
                : t("board.stepOldest", { age: duration(age, language) })}
            </small>
          </>
        );
        return (
          <li key={step} data-step={step}>
            {link ? <Link to={ordersPath({ step })}>{inside}</Link> : <div>{inside}</div>}
          </li>
        );
      })}
    </ol>
  );
}
