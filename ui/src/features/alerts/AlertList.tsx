import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Pagination, Segmented, Skeleton, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { useSave } from "../people/useSave";
import { type AlertRow, alerts, PAGE, STATES } from "./api";

const KINDS = [
  "overdue",
  "due_soon",
  "silence",
  "backlog_growth",
  "rule_paused",
  "push_unknown",
  "work_returned",
  "outlet_down",
  "other",
];

/** Alerts by state and kind; what is taken note of is not escalated. */
export function AlertList() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const state = STATES.find((known) => known === params.get("state")) ?? "open";
  const kind = params.get("kind") ?? "";
  const mine = params.get("mine") === "1";
  const page = Math.max(1, Number(params.get("page")) || 1);
  const go = (part: Record<string, string>) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      next.delete("page");
      for (const [key, value] of Object.entries(part)) value ? next.set(key, value) : next.delete(key);
      return next;
    });
  const found = useQuery({
    queryKey: ["alerts", "list", state, kind, mine, page],
    queryFn: ({ signal }) => alerts.list(state, kind, mine, page, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const ack = useSave(alerts.ack);
  const open = found.data?.open ?? {};
  const kinds = KINDS.filter((one) => one === kind || (open[one] ?? 0) > 0);
  const total = Object.values(open).reduce((sum, n) => sum + n, 0);
  return (
    <section className="qd-panel qd-alerts" aria-label={t("alerts.tab.list")}>
      <div className="qd-people-tools">
        <Segmented
          value={state}
          onChange={(to) => go({ state: to === "open" ? "" : to })}
          options={STATES.map((value) => ({ value, label: t(`alerts.state.${value}`) }))}
        />
        <span className="qd-alert-mine">
          <Switch
            size="small"
            checked={mine}
            aria-label={t("alerts.mine")}
            onChange={(on) => go({ mine: on ? "1" : "" })}
          />
          {t("alerts.mine")}
        </span>
        <span className="qd-people-gap" />
        {state === "open" && total > 0 && (
          <Button loading={ack.isPending} onClick={() => ack.mutate(kind ? { kind } : { all: true })}>
            {kind ? t("alerts.ackKind", { kind: t(`alerts.kind.${kind}`) }) : t("alerts.ackAll")}
          </Button>
        )}
      </div>
      {state === "open" && total > 0 && (
        <nav className="qd-alert-kinds" aria-label={t("alerts.kinds")}>
          <button type="button" aria-pressed={kind === ""} onClick={() => go({ kind: "" })}>
            {t("alerts.everything")} <b className="qd-num">{count(total)}</b>
          </button>
          {kinds.map((one) => (
            <button key={one} type="button" aria-pressed={kind === one} onClick={() => go({ kind: one })}>
              {t(`alerts.kind.${one}`)} <b className="qd-num">{count(open[one] ?? 0)}</b>
            </button>
          ))}
        </nav>
      )}
      {found.isError && <Problem error={found.error} retry={found.refetch} />}
      {found.isPending && <Skeleton active />}
      {found.data && found.data.total === 0 && (
        <EmptyState title={t(`alerts.none.${state}`)} text={t(`alerts.noneText.${state}`)} />
      )}
      {found.data && found.data.total > 0 && (
        <ul className="qd-alert-list" data-testid="alerts">
          {found.data.rows.map((row) => (
            <Line key={row.id} row={row} onAck={() => ack.mutate({ ids: [row.id] })} />
          ))}
        </ul>
      )}
      {found.data && found.data.total > PAGE && (
        <Pagination
          align="end"
          size="small"
          current={page}
          total={found.data.total}
          pageSize={PAGE}
          showSizeChanger={false}
          showTotal={(n) => t("alerts.total", { n: count(n) })}
          onChange={(to) => go({ page: String(to) })}
        />
      )}
    </section>
  );
}

function Line({ row, onAck }: { row: AlertRow; onAck: () => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const labels = useLabels();
  return (
    <li className={`qd-alert qd-alert-${row.severity}`} data-alert={row.id}>
      <span className="qd-tag qd-alert-kind">{t(`alerts.kind.${row.kind}`)}</span>
      <div>
        {row.path ? <Link to={row.path}>{row[language]}</Link> : <span>{row[language]}</span>}
        <span className="qd-muted qd-alert-meta">
          {labels.role(row.role)}
          {row.tier && ` · ${labels.tier(row.tier)}`} · <Time at={row.opened_at} />
          {row.step > 0 && <span className="qd-amber"> · {t("alerts.escalated")}</span>}
          {row.escalate_at && !row.acked_at && (
            <>
              {" · "}
              {t("alerts.next")} <Time at={row.escalate_at} as="short" />
            </>
          )}
        </span>
      </div>
      {row.acked_at ? (
        <span className="qd-muted qd-alert-by">
          {t("alerts.by", { who: row.acked_by })} <Time at={row.acked_at} as="short" />
        </span>
      ) : row.closed_at ? (
        <span className="qd-muted qd-alert-by">
          {t("alerts.over")} <Time at={row.closed_at} as="short" />
        </span>
      ) : (
        <Button size="small" onClick={onAck}>
          {t("alerts.ack")}
        </Button>
      )}
    </li>
  );
}
