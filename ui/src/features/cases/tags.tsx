import { useTranslation } from "react-i18next";
import type { CaseRow } from "./api";

const TONES: Record<string, string> = {
  open: "qd-tag qd-verdict-review",
  waiting: "qd-tag qd-reason-hold",
  approval: "qd-tag qd-tier-exception",
  closed: "qd-tag",
};

/** Where a case stands; a closed one says how it ended. */
export function CaseState({ row }: { row: Pick<CaseRow, "state" | "outcome"> }) {
  const { t } = useTranslation();
  return (
    <span className={TONES[row.state] ?? "qd-tag"}>
      {row.outcome ? t(`cases.outcome.${row.outcome}`) : t(`cases.state.${row.state}`)}
    </span>
  );
}
