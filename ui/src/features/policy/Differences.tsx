import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import type { Difference } from "./api";

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

/** Parts of a policy that differ from the live one, in words. */
export function Differences({ rows }: { rows: readonly Difference[] }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="qd-muted">{t("studio.diff.count", { n: rows.length })}</p>
      <ul className="qd-rule-cards">
        {rows.map((row) => (
          <Row key={`${row.kind}/${row.id}`} row={row} />
        ))}
      </ul>
    </>
  );
}
