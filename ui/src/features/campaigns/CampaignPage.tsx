import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Skeleton, Steps } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { useRight } from "../../app/session";
import { count, percent } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Campaign, campaigns } from "./api";
import { Checkpoints } from "./Checkpoints";
import { Diagnose } from "./Diagnose";
import { Lanes } from "./Lanes";
import { Log } from "./Log";
import { Tiers } from "./Tiers";
import "../../ui/tags.css";
import "../imports/imports.css";
import "./campaigns.css";

/** Every verb of a clean-up answers with the clean-up as it then is. */
export function useCampaignVerb<T>(id: number, run: (value: T) => Promise<unknown>, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["campaigns", id] });
      onDone?.();
    },
  });
}

function Figures({ of }: { of: Campaign }) {
  const { t } = useTranslation();
  const hand = of.done - of.by_rules;
  const missed = of.p80 !== null && of.p80 > of.goal_at;
  return (
    <section className="qd-panel" aria-label={t("campaigns.progress")}>
      <div className="qd-campaign-figures">
        <div>
          {t("campaigns.total")}
          <b>{count(of.total)}</b>
          <Link to={of.query ? `/orders?${of.query}` : "/orders"}>{t("campaigns.openOrders")}</Link>
        </div>
        <div>
          {t("campaigns.done")}
          <b>{count(of.done)}</b>
          {t("campaigns.byRules", { n: count(of.by_rules) })}
        </div>
        <div>
          {t("campaigns.left")}
          <b data-testid="left">{count(of.left)}</b>
          {t("campaigns.parked", { n: count(of.parked) })}
        </div>
        <div>
          {t("campaigns.overdue")}
          <b className={of.overdue > 0 ? "qd-red" : ""}>{count(of.overdue)}</b>
          {t("campaigns.late", { n: count(of.late) })}
        </div>
        <div>
          {t("campaigns.p80")}
          <b className={missed ? "qd-red" : ""}>
            {of.left === 0 ? (
              t("campaigns.allDone")
            ) : of.p80 ? (
              <Time at={of.p80} as="short" />
            ) : (
              t("campaigns.never")
            )}
          </b>
          <span>
            {t("campaigns.p50")} {of.left > 0 && <Time at={of.p50} as="short" />}
          </span>
        </div>
        <div>
          {t("campaigns.goal")}
          <b>
            <Time at={of.goal_at} as="short" />
          </b>
          {of.chance !== null &&
            t("campaigns.chance", { share: percent(Math.round(of.chance * 1000), 1000) })}
        </div>
      </div>
      <div className="qd-campaign-bar" role="img" aria-label={percent(of.done, of.total)}>
        <i style={{ width: `${(of.by_rules / of.total) * 100}%`, background: "var(--qd-mark-released)" }} />
        <i style={{ width: `${(hand / of.total) * 100}%`, background: "var(--qd-mark-in_review)" }} />
        <i style={{ width: `${(of.parked / of.total) * 100}%`, background: "var(--qd-mark-held)" }} />
      </div>
    </section>
  );
}

/** One clean-up: prepared in four steps, then run from checkpoint to checkpoint, then closed. */
export function CampaignPage() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const id = Number(useParams().campaign);
  const runs = useRight()("campaigns.run");
  const found = useQuery({
    queryKey: ["campaigns", id],
    queryFn: ({ signal }) => campaigns.get(id, signal),
    refetchInterval: 15_000,
  });
  const step = useCampaignVerb(id, (to: number) => {
    if (!found.data) throw new Error("not loaded");
    return campaigns.change(found.data, { step: to });
  });
  const verb = useCampaignVerb(id, (what: "grow" | "forecast" | "start" | "close" | "check") =>
    campaigns[what](id),
  );
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Problem error={found.error} retry={found.refetch} page />;
  const of = found.data;
  const planned = of.state === "planned";
  const close = () =>
    modal.confirm({
      title: t("campaigns.closeTitle"),
      content: t("campaigns.closeText", { n: count(of.left) }),
      okText: t("campaigns.close"),
      cancelText: t("action.cancel"),
      onOk: async () => {
        await verb.mutateAsync("close");
        void navigate(`/campaigns/${id}/report`);
      },
    });
  return (
    <>
      <PageHeader
        title={of.name}
        note={<span className="qd-tag">{t(`campaigns.states.${of.state}`)}</span>}
        actions={
          <>
            <Link to={`/campaigns/${id}/stand-up`}>{t("campaigns.standup")}</Link>{" "}
            {!planned && <Link to={`/campaigns/${id}/report`}>{t("campaigns.report")}</Link>}{" "}
            {runs && planned && of.step === 4 && (
              <Button type="primary" loading={verb.isPending} onClick={() => verb.mutate("start")}>
                {t("campaigns.start")}
              </Button>
            )}
            {runs && of.state === "running" && (
              <>
                <Button loading={verb.isPending} onClick={() => verb.mutate("check")}>
                  {t("campaigns.checkNow")}
                </Button>{" "}
                <Button type="primary" onClick={close}>
                  {t("campaigns.close")}
                </Button>
              </>
            )}
          </>
        }
      />
      <div className="qd-campaign">
        {(verb.isError || step.isError) && <Problem error={verb.error ?? step.error} />}
        <Figures of={of} />
        {planned && (
          <Steps
            current={of.step - 1}
            onChange={runs ? (to) => step.mutate(to + 1) : () => {}}
            items={[1, 2, 3, 4].map((number) => ({
              title: t(`campaigns.steps.${number}`),
              content: t(`campaigns.stepText.${number}`),
            }))}
          />
        )}
        {planned && of.step === 1 && (
          <section className="qd-panel">
            <div className="qd-panel-body">
              <p className="qd-sheet-lead">
                {t("campaigns.scope", {
                  n: count(of.total),
                  rules: count(of.by_rules),
                  left: count(of.left),
                })}
              </p>
              <div className="qd-campaign-tools" style={{ marginTop: 12 }}>
                <Link to="/imports">{t("campaigns.toImports")}</Link>
                {runs && (
                  <>
                    <Button loading={verb.isPending} onClick={() => verb.mutate("grow")}>
                      {t("campaigns.growNow")}
                    </Button>
                    <Button type="primary" onClick={() => step.mutate(2)}>
                      {t("campaigns.next")}
                    </Button>
                  </>
                )}
              </div>
            </div>
          </section>
        )}
        {of.state === "running" && <Checkpoints of={of} runs={runs} />}
        {(of.state === "running" || of.step === 2) && of.state !== "closed" && (
          <Diagnose of={of} runs={runs} />
        )}
        {(of.state === "running" || of.step === 3) && of.state !== "closed" && <Tiers of={of} runs={runs} />}
        {(of.state === "running" || of.step === 4) && of.state !== "closed" && <Lanes of={of} runs={runs} />}
        {planned && of.step > 1 && of.step < 4 && runs && (
          <div>
            <Button type="primary" loading={step.isPending} onClick={() => step.mutate(of.step + 1)}>
              {t("campaigns.next")}
            </Button>
          </div>
        )}
        <Log of={of} />
      </div>
    </>
  );
}
