import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRight } from "../../../app/session";
import { count } from "../../../ui/format";
import { useProblem } from "../../../ui/Problem";
import { OrdersBehind } from "../backtest/OrdersBehind";
import { share } from "../backtest/share";
import { type Found, type Suggestion, suggestions } from "./api";
import { Evidence } from "./Evidence";
import { SuggestedCard } from "./SuggestedCard";

const MARKS: Record<Found["outcome"], string> = {
  proven: "good",
  not_proven: "short",
  no_rule: "none",
  too_few: "short",
  one_day: "short",
};

/** A share that somebody chose: 99%, 99.5%. */
const plain = (value: number) => `${Number((value * 100).toFixed(2))}%`;

/** What a search found: how the proof went, the rules, and the step to a draft. */
export function FoundRules({ run, found }: { run: Suggestion; found: Found }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const right = useRight();
  const problem = useProblem();
  const navigate = useNavigate();
  const [behind, setBehind] = useState<{ rule: string; safe: boolean } | null>(null);
  const draft = useMutation({
    mutationFn: (rules: string[]) => {
      const now = new Date();
      const name = t("studio.suggest.draftName", { day: `${now.getMonth() + 1}-${now.getDate()}` });
      return suggestions.draft(run.id, { name, rules });
    },
    onSuccess: (made) => navigate(`/policy/drafts/${made.id}`),
    onError: (error) => void message.error(problem(error).text),
  });
  const { set, outcome } = found;
  const proven = found.rules.filter((one) => one.proven);
  const facts = {
    n: count(set?.n ?? 0),
    bad: count(set?.bad ?? 0),
    bound: share(set?.bound ?? null),
    target: plain(found.target),
    confidence: plain(found.confidence ?? 0),
    lacking: count(found.lacking),
    decisions: count(found.decisions),
    rules: count(set?.rules ?? 0),
  };
  const place = found.rules.findIndex((one) => one.id === behind?.rule) + 1;
  return (
    <>
      <section
        className={`qd-panel qd-suggest-verdict qd-suggest-${MARKS[outcome]}`}
        data-testid="suggest-outcome"
      >
        <div>
          <h2>
            {outcome === "proven" && set?.rules === 1
              ? t("studio.suggest.outcome.proven_one", facts)
              : t(`studio.suggest.outcome.${outcome}`, facts)}
          </h2>
          <p>{t(`studio.suggest.because.${outcome}`, facts)}</p>
          {(found.look ?? 1) > 1 && (
            <p className="qd-muted">
              {t("studio.suggest.look", { look: found.look, confidence: facts.confidence })}
            </p>
          )}
          {found.recent > 0 && (
            <p className="qd-muted">{t("studio.suggest.recent", { n: count(found.recent) })}</p>
          )}
        </div>
        {outcome === "proven" && set && (
          <dl>
            <dt>{t("studio.suggest.takes")}</dt>
            <dd className="qd-num">{share(set.share)}</dd>
            <dt>{t("studio.suggest.waiting")}</dt>
            <dd className="qd-num">{count(set.waiting)}</dd>
          </dl>
        )}
        {outcome === "proven" && right("policies.edit") && (
          <Button
            type="primary"
            size="large"
            data-action="suggest-draft"
            loading={draft.isPending}
            onClick={() => draft.mutate(proven.map((one) => one.id))}
          >
            {t(proven.length > 1 ? "studio.suggest.draftAll" : "studio.suggest.draft", { n: proven.length })}
          </Button>
        )}
      </section>
      <Evidence found={found} />
      {found.rules.length > 0 && (
        <ol className="qd-suggest-rules">
          {found.rules.map((one, at) => (
            <SuggestedCard
              key={one.id}
              rule={one}
              number={at + 1}
              target={found.target}
              onOrders={(safe) => setBehind({ rule: one.id, safe })}
              onDraft={
                right("policies.edit") && (found.rules.length > 1 || !one.proven)
                  ? () => draft.mutate([one.id])
                  : undefined
              }
            />
          ))}
        </ol>
      )}
      <OrdersBehind
        title={
          behind &&
          t(behind.safe ? "studio.suggest.examplesOf" : "studio.suggest.countersOf", { number: place })
        }
        queryKey={["suggestion", run.id, behind?.rule, behind?.safe]}
        load={(signal) => suggestions.orders(run.id, behind?.rule ?? "", behind?.safe ?? true, signal)}
        onClose={() => setBehind(null)}
      />
    </>
  );
}
