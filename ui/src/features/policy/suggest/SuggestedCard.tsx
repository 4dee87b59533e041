import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { count } from "../../../ui/format";
import { share } from "../backtest/share";
import type { SuggestedRule } from "./api";

interface Props {
  rule: SuggestedRule;
  number: number;
  target: number;
  onOrders: (safe: boolean) => void;
  onDraft?: (() => void) | undefined;
}

/** One rule in words, what speaks for it and against it. */
export function SuggestedCard({ rule, number, target, onOrders, onDraft }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { earlier, later } = rule;
  return (
    <li
      className={`qd-panel qd-suggest-rule${rule.proven ? " qd-suggest-proven" : ""}`}
      data-testid="suggested-rule"
    >
      <header>
        <h3>{t("studio.suggest.rule", { number })}</h3>
        <span className={`qd-tag ${rule.proven ? "qd-suggest-yes" : "qd-suggest-no"}`}>
          {t(rule.proven ? "studio.suggest.inSet" : "studio.suggest.notInSet")}
        </span>
        <span className="qd-muted">
          {t("studio.suggest.passes", { checks: rule.checks.map(labels.reason).join(" · ") })}
        </span>
      </header>
      <p className="qd-suggest-sentence">
        {t("studio.suggest.release", { when: labels.say(rule.sentence) })}
      </p>
      <p className="qd-code qd-suggest-text">{labels.say(rule.text)}</p>
      <div className="qd-suggest-facts">
        <dl>
          <dt>{t("studio.suggest.support")}</dt>
          <dd className="qd-num">
            {t("studio.suggest.of", { n: count(earlier.n), bad: count(earlier.bad) })}
          </dd>
          <dt>{t("studio.suggest.proof")}</dt>
          <dd className="qd-num">{t("studio.suggest.of", { n: count(later.n), bad: count(later.bad) })}</dd>
          <dt>{t("studio.suggest.bound")}</dt>
          <dd className={later.bound >= target ? "qd-num qd-suggest-enough" : "qd-num"}>
            {share(later.bound)}
          </dd>
        </dl>
        <footer>
          <Button
            size="small"
            data-action="examples"
            disabled={rule.examples.length === 0}
            onClick={() => onOrders(true)}
          >
            {t("studio.suggest.examples")}
          </Button>
          <Button
            size="small"
            data-action="counters"
            disabled={rule.counters.length === 0}
            onClick={() => onOrders(false)}
          >
            {rule.counters.length === 0
              ? t("studio.suggest.noCounters")
              : t("studio.suggest.counters", { n: rule.counters.length })}
          </Button>
          {onDraft && (
            <Button size="small" type="link" data-action="draft-one" onClick={onDraft}>
              {t("studio.suggest.draftOne")}
            </Button>
          )}
        </footer>
      </div>
    </li>
  );
}
