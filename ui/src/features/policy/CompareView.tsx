import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { EmptyState } from "../../ui/EmptyState";
import { Problem } from "../../ui/Problem";
import { type Difference, policies } from "./api";
import type { Editor } from "./editor/useEditor";

const TONES: Record<string, string> = {
  added: "qd-diff-added",
  removed: "qd-diff-removed",
  changed: "qd-diff-changed",
};

function Row({ row }: { row: Difference }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const texts = row.change === "moved" || row.change === "retitled" ? [] : [row.before, row.after];
  return (
    <li className={`qd-panel qd-diff ${TONES[row.change] ?? ""}`} data-change={row.change}>
      <div className="qd-rule-head">
        <span className="qd-tag">{t(`studio.diff.${row.change}`)}</span>
        <h3>{labels.say(row.title)}</h3>
        <span className="qd-muted">{t(`studio.part.${row.kind}`, { defaultValue: row.kind })}</span>
        <span className="qd-code qd-muted">{row.id}</span>
      </div>
      {texts[0] && <p className="qd-diff-before">{labels.say(texts[0])}</p>}
      {texts[1] && <p className="qd-diff-after">{labels.say(texts[1])}</p>}
    </li>
  );
}

/** What the draft decides differently from the live policy, part by part, in words. */
export function CompareView({ editor }: { editor: Editor }) {
  const { t } = useTranslation();
  const { draft, flush, checked } = editor;
  useEffect(() => void flush().catch(() => undefined), [flush]);
  const compared = useQuery({
    queryKey: ["compare", draft.id, draft.version],
    queryFn: ({ signal }) => policies.compare(draft.id, signal),
    enabled: checked.ok,
  });
  if (!checked.ok) return <EmptyState title={t("studio.diff.faulty")} text={t("studio.bt.faulty")} />;
  if (compared.isError) return <Problem error={compared.error} retry={compared.refetch} />;
  if (compared.isPending) return <Skeleton active />;
  const { differences } = compared.data;
  if (differences.length === 0)
    return <EmptyState title={t("studio.diff.none")} text={t("studio.diff.noneText")} />;
  return (
    <>
      <p className="qd-muted">{t("studio.diff.count", { n: differences.length })}</p>
      <ul className="qd-rule-cards">
        {differences.map((row) => (
          <Row key={`${row.kind}/${row.id}`} row={row} />
        ))}
      </ul>
    </>
  );
}
