import { DesktopOutlined, FileTextOutlined, NodeIndexOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Skeleton, Switch } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import type { Board, Tally } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useRight, useZone } from "../../app/session";
import { Count } from "../../ui/Count";
import { EmptyState } from "../../ui/EmptyState";
import { absolute, count, percent } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { ReasonName, TierTag } from "../../ui/tags";
import { BACKLOG, CLEARED, type Filters, ordersPath } from "../orders/query";
import { insight } from "./api";
import { Bars } from "./Bars";
import { FlowPanel, useFlowSentence } from "./FlowPanel";
import { ForecastPanel } from "./ForecastPanel";
import { OverdueList } from "./OverdueList";
import { PeoplePanel } from "./PeoplePanel";
import { ProvinceGrid } from "./ProvinceGrid";
import { RiskPanel } from "./RiskPanel";
import { StageShares } from "./StageShares";
import { StepsPanel } from "./StepsPanel";
import "./board.css";

const REASONS_SHOWN = 12;
const SHOPS_SHOWN = 5;

function Panel({ title, note, children, area }: PanelProps) {
  return (
    <section className="qd-panel" data-area={area} style={{ gridArea: area }} aria-label={title}>
      <div className="qd-panel-head">
        <h2>{title}</h2>
        {note !== undefined && <span className="qd-muted">{note}</span>}
      </div>
      <div className="qd-panel-body">{children}</div>
    </section>
  );
}

interface PanelProps {
  title: string;
  note?: ReactNode;
  children: ReactNode;
  area: string;
}

function Figures({ board }: { board: Board }) {
  const { t } = useTranslation();
  const figures: { key: string; n: number; filters: Filters; tone?: string }[] = [
    { key: "backlog", n: board.backlog, filters: { stage: BACKLOG } },
    { key: "overdue", n: board.overdue.count, filters: { overdue: true }, tone: "qd-red" },
    { key: "late", n: board.late, filters: { late: true }, tone: "qd-red" },
    { key: "due2", n: board.due.h2, filters: { due_within: "2" }, tone: "qd-amber" },
    { key: "due12", n: board.due.h12, filters: { due_within: "12" } },
    { key: "due24", n: board.due.h24, filters: { due_within: "24" } },
    { key: "total", n: board.total, filters: {} },
  ];
  return (
    <section className="qd-panel qd-figures" aria-label={t("board.figures")}>
      {figures.map(({ key, n, filters, tone }) => (
        <div key={key} className={`qd-figure qd-figure-${key}`}>
          <span title={key === "late" ? t("board.lateHint") : undefined}>{t(`board.${key}`)}</span>
          <Count
            n={n}
            to={ordersPath(filters)}
            label={t(`board.${key}`)}
            className={n > 0 && tone ? tone : "qd-plain"}
          />
        </div>
      ))}
      <div className="qd-figure qd-figure-rate">
        <span>{t("board.rate")}</span>
        <Link
          to={ordersPath({ stage: CLEARED })}
          className="qd-num qd-count qd-plain"
          aria-label={t("board.rateLabel", { rate: rate(board) })}
        >
          {rate(board)}
        </Link>
      </div>
    </section>
  );
}

/** Share of cleared orders among those that were ours to clear; a dash when there were none. */
function rate(board: Board): string {
  if (board.release_rate === null) return "—";
  return percent(Math.round(board.release_rate * 10_000), 10_000);
}

/** Shows people's progress, or hides it from everybody. */
function RankingSwitch({ shown }: { shown: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: insight.setRanking,
    onSettled: () => client.invalidateQueries({ queryKey: ["board"] }),
  });
  return (
    <span className="qd-panel-tool">
      {t("board.peopleShow")}{" "}
      <Switch
        size="small"
        checked={shown}
        loading={change.isPending}
        onChange={(next) => change.mutate(next)}
        aria-label={t("board.peopleShow")}
      />
    </span>
  );
}

/** Tallies worth a bar: by size, or in a given order of ids. */
const known = (tallies: readonly Tally[], order?: readonly string[]) =>
  tallies
    .filter((tally): tally is { id: string; count: number } => tally.id !== null && tally.count > 0)
    .sort((a, b) => (order ? order.indexOf(a.id) - order.indexOf(b.id) : b.count - a.count));

function Loaded({ board }: { board: Board }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const backlog = t("board.ofBacklog", { count: count(board.backlog) });
  const tierOrder = labels.options("tiers").map((option) => option.value);
  const shops = known(board.by_shop).slice(0, SHOPS_SHOWN);
  const reasons = known(board.by_reason).slice(0, REASONS_SHOWN);
  const right = useRight();
  const zone = useZone();
  const flow = useFlowSentence(board.flow);
  const { pulse } = board;
  const asOf = pulse && t("board.pulseAsOf", { time: absolute(pulse.at, zone).slice(11, 16) });
  const people = pulse !== null && (pulse.ranking || right("diagnosis.view"));
  return (
    <>
      <Figures board={board} />
      <div className="qd-board" data-people={people}>
        <Panel area="flow" title={t("board.flow")} note={flow}>
          <FlowPanel flow={board.flow} />
        </Panel>
        <Panel area="forecast" title={t("board.forecast")} note={t("board.forecastNote")}>
          <ForecastPanel forecast={board.forecast} />
        </Panel>
        <Panel area="risk" title={t("board.risk")} note={asOf}>
          {pulse ? <RiskPanel risk={pulse.risk} /> : <p className="qd-muted">{t("board.pulseNone")}</p>}
        </Panel>
        <Panel area="steps" title={t("board.steps")} note={asOf}>
          {pulse ? <StepsPanel steps={pulse.steps} /> : <p className="qd-muted">{t("board.pulseNone")}</p>}
        </Panel>
        {people && (
          <Panel
            area="people"
            title={t("board.people")}
            note={
              <>
                {t("board.peopleNote")}
                {right("diagnosis.view") && <RankingSwitch shown={pulse.ranking} />}
              </>
            }
          >
            {pulse.ranking ? (
              <PeoplePanel people={pulse.people} />
            ) : (
              <p className="qd-muted">{t("board.peopleOff")}</p>
            )}
          </Panel>
        )}
        <Panel area="overdue" title={t("board.overdueTitle")} note={t("board.overdueNote")}>
          <OverdueList overdue={board.overdue} />
        </Panel>
        <Panel area="regions" title={t("board.regions")} note={backlog}>
          <ProvinceGrid tallies={board.by_province} />
        </Panel>
        <Panel area="stages" title={t("board.stages")} note={t("board.ofAll", { count: count(board.total) })}>
          <StageShares tallies={board.by_stage} total={board.total} />
        </Panel>
        <Panel area="channels" title={t("board.channels")} note={backlog}>
          <Bars
            label={t("board.channels")}
            whole={board.backlog}
            bars={known(board.by_channel).map((tally) => ({
              id: tally.id,
              count: tally.count,
              label: labels.value("channel", tally.id),
              to: ordersPath({ stage: BACKLOG, channel: [tally.id] }),
            }))}
          />
        </Panel>
        <Panel area="tiers" title={t("board.tiers")} note={backlog}>
          <Bars
            label={t("board.tiers")}
            whole={board.backlog}
            bars={known(board.by_tier, tierOrder).map((tally) => ({
              id: tally.id,
              count: tally.count,
              label: <TierTag id={tally.id} />,
              to: ordersPath({ stage: BACKLOG, tier: [tally.id] }),
              mark: `var(--qd-${TIER_MARKS[tally.id] ?? "heat-3"})`,
            }))}
          />
        </Panel>
        <Panel area="shops" title={t("board.shops")} note={backlog}>
          <Bars
            label={t("board.shops")}
            whole={board.backlog}
            bars={shops.map((tally) => ({
              id: tally.id,
              count: tally.count,
              label: labels.shop(tally.id),
              to: ordersPath({ stage: BACKLOG, shop: [tally.id] }),
            }))}
          />
        </Panel>
        <Panel area="reasons" title={t("board.reasons")} note={t("board.reasonsNote")}>
          <Bars
            label={t("board.reasons")}
            whole={board.backlog}
            bars={reasons.map((tally) => ({
              id: tally.id,
              count: tally.count,
              label: <ReasonName id={tally.id} />,
              to: ordersPath({ stage: BACKLOG, reason: [tally.id] }),
              mark: `var(--qd-${REASON_MARKS[labels.reasonKind(tally.id)] ?? "heat-3"})`,
            }))}
          />
        </Panel>
      </div>
    </>
  );
}

const TIER_MARKS: Record<string, string> = {
  urgent: "mark-exception",
  exception: "mark-sent",
  regular: "heat-3",
};
const REASON_MARKS: Record<string, string> = {
  hold: "mark-held",
  exception: "mark-sent",
  check: "mark-in_review",
};

/** The other looks at the same figures. */
function Elsewhere() {
  const { t } = useTranslation();
  const right = useRight();
  return (
    <>
      {right("diagnosis.view") && (
        <>
          <Link to="/diagnosis">
            <Button icon={<NodeIndexOutlined aria-hidden />} tabIndex={-1}>
              {t("diagnosis.title")}
            </Button>
          </Link>
          <Link to="/report">
            <Button icon={<FileTextOutlined aria-hidden />} tabIndex={-1}>
              {t("report.title")}
            </Button>
          </Link>
        </>
      )}
      <Link to="/screen" target="_blank">
        <Button icon={<DesktopOutlined aria-hidden />} tabIndex={-1}>
          {t("screen.title")}
        </Button>
      </Link>
    </>
  );
}

export function BoardPage() {
  const { t } = useTranslation();
  const zone = useZone();
  const board = useQuery({
    queryKey: ["board"],
    queryFn: ({ signal }) => api.board(signal),
  });
  const note = board.data && t("board.asOf", { time: absolute(board.data.as_of, zone).slice(11) });
  return (
    <>
      <PageHeader title={t("nav.board")} note={note} actions={<Elsewhere />} />
      {board.isError && <Problem error={board.error} retry={board.refetch} />}
      {board.isPending && <Skeleton active paragraph={{ rows: 12 }} />}
      {board.data && board.data.total === 0 && (
        <section className="qd-panel">
          <EmptyState
            title={t("board.emptyTitle")}
            text={t("board.emptyText")}
            action={
              <Link to="/imports">
                <Button type="primary" tabIndex={-1}>
                  {t("board.emptyAction")}
                </Button>
              </Link>
            }
          />
        </section>
      )}
      {board.data && board.data.total > 0 && <Loaded board={board.data} />}
    </>
  );
}
