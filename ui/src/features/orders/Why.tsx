import {
  CheckCircleFilled,
  CloseCircleFilled,
  DownOutlined,
  ExclamationCircleFilled,
  PauseCircleFilled,
  QuestionCircleFilled,
} from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExplainedRule, OrderDetail } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Time } from "../../ui/Time";
import { SnoozeRule } from "../policy/snooze/SnoozeRule";
import { outcome, split } from "./outcome";

const ICONS = {
  pass: <CheckCircleFilled className="qd-why-pass" aria-hidden />,
  hit: <ExclamationCircleFilled className="qd-why-hit" aria-hidden />,
  fail: <CloseCircleFilled className="qd-why-fail" aria-hidden />,
  hold: <PauseCircleFilled className="qd-why-hold" aria-hidden />,
  unknown: <QuestionCircleFilled className="qd-why-unknown" aria-hidden />,
};

function Rule({ rule, detail }: { rule: ExplainedRule; detail: OrderDetail }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const state = outcome(rule);
  return (
    <li className={`qd-rule qd-rule-${state}`}>
      {ICONS[state]}
      <div>
        <p>
          <strong>{labels.say(rule.title)}</strong>
          <span className="qd-muted">
            {t(`rule.kind.${rule.kind}`, { defaultValue: rule.kind })} ·{" "}
            {rule.snoozed
              ? t("rule.snoozed")
              : t(rule.kind === "check" ? `rule.check.${state}` : `rule.stop.${state}`)}
          </span>
          {state !== "pass" && <SnoozeRule detail={detail} rule={rule} />}
        </p>
        {rule.snoozed && (
          <p className="qd-muted">
            {t("rule.snoozedBy", { by: rule.snoozed.by, reason: rule.snoozed.reason })}{" "}
            <Time at={rule.snoozed.until} as="both" />
          </p>
        )}
        {rule.because.length > 0 && (
          <ul className="qd-leaves">
            {rule.because.map((leaf) => (
              <li key={leaf.text}>
                <span>{leaf.text}</span>
                <span className="qd-leaf-actual">
                  <span className="qd-muted">{t("rule.seen")}</span> <b>{leaf.actual || t("rule.empty")}</b>
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

/** Every rule and what came of it; those that decided stand first, the rest fold away. */
export function Why({ detail }: { detail: OrderDetail }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [open, setOpen] = useState(false);
  const { explanation, decision } = detail;
  if (!explanation) return <p className="qd-muted">{t("rule.notReviewed")}</p>;
  const { decisive, passed } = split(explanation.rules);
  return (
    <div className="qd-why">
      {decision.verdict === "none" && <p>{t("rule.verdictNone")}</p>}
      {decisive.length === 0 && decision.verdict !== "none" && (
        <p className="qd-why-clear">
          <CheckCircleFilled className="qd-why-pass" aria-hidden /> {t("rule.allPassed")}
        </p>
      )}
      <ul>
        {decisive.map((rule) => (
          <Rule key={rule.id} rule={rule} detail={detail} />
        ))}
      </ul>
      {passed.length > 0 && (
        <>
          <Button
            type="text"
            size="small"
            aria-expanded={open}
            icon={<DownOutlined rotate={open ? 180 : 0} aria-hidden />}
            onClick={() => setOpen(!open)}
          >
            {t("rule.passed", { n: passed.length })}
          </Button>
          {open && (
            <ul>
              {passed.map((rule) => (
                <Rule key={rule.id} rule={rule} detail={detail} />
              ))}
            </ul>
          )}
        </>
      )}
      <p className="qd-muted qd-why-foot">
        {explanation.tier && (
          <span>
            {t("rule.tier", { title: labels.say(explanation.tier.title), row: explanation.tier.row })}
          </span>
        )}
        <span>
          {labels.say(explanation.policy.title)}{" "}
          <span className="qd-code">{explanation.policy.hash.slice(0, 12)}</span>
        </span>
      </p>
    </div>
  );
}
