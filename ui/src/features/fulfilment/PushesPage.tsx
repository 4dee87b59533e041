import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Segmented, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { useNow } from "../../ui/useNow";
import { type Action, type Overview, type Push, pushes, SIZE, type State } from "./api";
import { relayRuns, STATES } from "./choices";
import { Destinations } from "./Destinations";
import { PushTable } from "./PushTable";
import "../imports/imports.css";
import "./fulfilment.css";

const REFRESH = 3_000;

function Figures({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const { totals } = overview;
  const tones = { unknown: "qd-amber", failed: "qd-red" } as const;
  return (
    <section className="qd-panel qd-push-figures" aria-label={t("push.figures")}>
      {(["ready", "sending", "unknown", "failed"] as const).map((key) => (
        <div key={key}>
          <span>{t(`push.state.${key}`)}</span>
          <b className={`qd-num ${totals[key] > 0 && key in tones ? tones[key as keyof typeof tones] : ""}`}>
            {count(totals[key])}
          </b>
        </div>
      ))}
      <div>
        <span>{t("push.perMinute")}</span>
        <b className="qd-num">{count(overview.per_minute)}</b>
      </div>
      <div>
        <span>{t("push.doneDay")}</span>
        <b className="qd-num">{count(overview.done_1d)}</b>
      </div>
      <div>
        <span>{t("push.oldest")}</span>
        <b>
          <Time at={overview.oldest_at} />
        </b>
      </div>
    </section>
  );
}

/** What keeps orders from leaving altogether. */
function Warnings({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const now = useNow();
  const waits = overview.totals.ready + overview.totals.unknown;
  return (
    <>
      {overview.destinations.length > 0 && !relayRuns(overview.checked_at, now) && (
        <Alert type="error" showIcon title={t("push.noRelay")} description={t("push.noRelayAdvice")} />
      )}
      {overview.unrouted > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("push.unrouted", { n: count(overview.unrouted) })}
          description={t("push.unroutedAdvice")}
        />
      )}
      {overview.destinations
        .filter((to) => to.active && to.breaker !== "closed")
        .map((to) => (
          <Alert
            key={to.id}
            type="error"
            showIcon
            title={t("push.down", { name: to.name, n: count(to.ready + to.unknown) })}
            description={t("push.downAdvice", { why: to.last_failure })}
          />
        ))}
      {overview.destinations.length === 0 && waits > 0 && overview.unrouted === 0 && (
        <Alert type="warning" showIcon title={t("push.none")} />
      )}
    </>
  );
}

/** The way out: what waits, flies, is in doubt and failed, why, and what to do about it. */
export function PushesPage() {
  const { t } = useTranslation();
  const right = useRight();
  const client = useQueryClient();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const [params, setParams] = useSearchParams();
  const asked = params.get("state");
  const state: State = STATES.find((known) => known === asked) ?? "failed";
  const page = Math.max(1, Number(params.get("page")) || 1);
  const overview = useQuery({
    queryKey: ["pushes", "overview"],
    queryFn: ({ signal }) => pushes.overview(signal),
    refetchInterval: REFRESH,
  });
  const list = useQuery({
    queryKey: ["pushes", "list", state, page],
    queryFn: ({ signal }) =>
      pushes.list(new URLSearchParams({ state, page: String(page), size: String(SIZE) }), signal),
    refetchInterval: REFRESH,
    placeholderData: keepPreviousData,
  });
  const settle = useMutation({
    mutationFn: ({ push, action, to }: { push: Push; action: Action; to: number | null }) =>
      pushes.settle(push, action, to),
    onSettled: () => client.invalidateQueries({ queryKey: ["pushes"] }),
  });
  const hold = useMutation({
    mutationFn: (push: Push) => pushes.hold(push),
    onSuccess: (held, push) => {
      const text = `${push.order_no}：${held.words[language]}${held.detail ? ` (${held.detail})` : ""}`;
      void (held.ok ? message.success(text) : message.warning(text, 8));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["pushes"] }),
  });
  const refused = settle.error ?? hold.error;
  const totals: Partial<Record<State, number>> = overview.data?.totals ?? {};
  return (
    <>
      <PageHeader
        title={t("push.title")}
        note={t("push.note")}
        actions={right("warehouses.edit") && <Link to="/warehouses">{t("push.manage")}</Link>}
      />
      <div className="qd-push-stack">
        {overview.isPending && <Skeleton active />}
        {overview.isError && <Problem error={overview.error} retry={overview.refetch} />}
        {overview.data && <Warnings overview={overview.data} />}
        {overview.data && <Figures overview={overview.data} />}
        {overview.data && (
          <section className="qd-panel" aria-label={t("push.warehouses")}>
            <div className="qd-panel-head">
              <h2>{t("push.warehouses")}</h2>
            </div>
            <div className="qd-panel-body">
              {overview.data.destinations.length > 0 ? (
                <Destinations rows={overview.data.destinations} />
              ) : (
                <EmptyState title={t("push.noWarehouse")} text={t("push.noWarehouseText")} />
              )}
            </div>
          </section>
        )}
        <section className="qd-panel" aria-label={t("push.list")}>
          <div className="qd-panel-head qd-push-tabs">
            <Segmented
              aria-label={t("push.stateTitle")}
              value={state}
              onChange={(next) => setParams({ state: next })}
              options={STATES.map((key) => ({
                value: key,
                label: (
                  <>
                    {t(`push.state.${key}`)}
                    {totals[key] !== undefined && (
                      <span className="qd-num qd-muted"> {count(totals[key])}</span>
                    )}
                  </>
                ),
              }))}
            />
          </div>
          <div className="qd-panel-body">
            {refused && (
              <div className="qd-import-problem" role="alert">
                <Problem error={refused} />
              </div>
            )}
            {list.isPending && <Skeleton active />}
            {list.isError && <Problem error={list.error} retry={list.refetch} />}
            {list.data?.total === 0 && (
              <EmptyState title={t(`push.empty.${state}`)} text={t("push.emptyText")} />
            )}
            {list.data && list.data.total > 0 && (
              <PushTable
                rows={list.data.rows}
                total={list.data.total}
                page={page}
                destinations={overview.data?.destinations ?? []}
                busy={settle.isPending || hold.isPending}
                onPage={(next) => setParams({ state, page: String(next) })}
                onSettle={(push, action, to) => settle.mutate({ push, action, to })}
                onHold={(push) => hold.mutate(push)}
              />
            )}
          </div>
        </section>
      </div>
    </>
  );
}
