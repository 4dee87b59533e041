import { CloseCircleFilled, WarningFilled } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import type { PolicyProblem } from "../api";
import { isError } from "../model/problems";
import { type Group, isUnfinished } from "../model/tree";

interface Props {
  problems: readonly PolicyProblem[];
  /** While it is being filled in, its errors are only that something is missing. */
  condition?: Group | null;
}

/** What is wrong with one part of a policy, where it stands. */
export function Problems({ problems, condition = null }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  if (problems.length === 0) return null;
  const unfinished = condition !== null && isUnfinished(condition);
  const shown = unfinished ? problems.filter((one) => !one.path.includes("condition")) : problems;
  return (
    <ul className="qd-problems">
      {unfinished && (
        <li className="qd-problem-warning">
          <WarningFilled role="img" aria-label={t("studio.warning")} />
          <span>{t("studio.unfinished")}</span>
        </li>
      )}
      {shown.map((problem) => (
        <li
          key={`${problem.code}:${problem.line}:${problem.column}`}
          className={isError(problem) ? "qd-problem-error" : "qd-problem-warning"}
        >
          {isError(problem) ? (
            <CloseCircleFilled role="img" aria-label={t("studio.error")} />
          ) : (
            <WarningFilled role="img" aria-label={t("studio.warning")} />
          )}
          <span>
            {labels.say(problem.message)} <span className="qd-muted">{labels.say(problem.advice)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
