import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pagination, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { pushes } from "../fulfilment/api";
import { type Incident, oversight, SIZE } from "./api";
import { DifferencesPanel } from "./DifferencesPanel";
import { Feeds } from "./Feeds";
import { IncidentCard } from "./IncidentCard";
import { ReasonDialog } from "./ReasonDialog";
import "../../ui/tags.css";
import "../imports/imports.css";
import "../fulfilment/fulfilment.css";
import "./oversight.css";

const REFRESH = 10_000;

type Verb = { incident: Incident } & (
  | { do: "take" | "ask" }
  | { do: "close"; note: string }
  | { do: "elsewhere"; to: number }
);

async function run(verb: Verb): Promise<unknown> {
  switch (verb.do) {
    case "take":
      return oversight.take(verb.incident.id);
    case "ask":
      return oversight.ask(verb.incident.id);
    case "close":
      return oversight.close(verb.incident.id, verb.note);
    case "elsewhere":
      return oversight.elsewhere(verb.incident.id, verb.to);
  }
}

function Incidents() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [page, setPage] = useState(1);
  const [closing, setClosing] = useState<Incident | null>(null);
  const list = useQuery({
    queryKey: ["oversight", "incidents", page],
    queryFn: ({ signal }) => oversight.incidents(page, signal),
    refetchInterval: REFRESH,
    placeholderData: keepPreviousData,
  });
  const overview = useQuery({
    queryKey: ["pushes", "overview"],
    queryFn: ({ signal }) => pushes.overview(signal),
  });
  const verb = useMutation({
    mutationFn: run,
    onSuccess: () => setClosing(null),
    onSettled: () => client.invalidateQueries({ queryKey: ["oversight"] }),
  });
  const warehouses = (overview.data?.destinations ?? []).filter((to) => to.active);
  return (
    <>
      {verb.isError && !closing && <Problem error={verb.error} />}
      {list.isPending && <Skeleton active />}
      {list.isError && <Problem error={list.error} retry={list.refetch} />}
      {list.data?.total === 0 && (
        <section className="qd-panel">
          <EmptyState title={t("oversight.none")} text={t("oversight.noneText")} />
        </section>
      )}
      {list.data?.rows.map((incident) => (
        <IncidentCard
          key={incident.id}
          incident={incident}
          verbs={{
            busy: verb.isPending,
            warehouses,
            onTake: (of) => verb.mutate({ incident: of, do: "take" }),
            onAsk: (of) => verb.mutate({ incident: of, do: "ask" }),
            onElsewhere: (of, to) => verb.mutate({ incident: of, do: "elsewhere", to }),
            onClose: (of) => {
              verb.reset();
              setClosing(of);
            },
          }}
        />
      ))}
      {list.data && list.data.total > SIZE && (
        <Pagination
          align="end"
          size="small"
          current={page}
          total={list.data.total}
          pageSize={SIZE}
          showSizeChanger={false}
          onChange={setPage}
        />
      )}
      {closing && (
        <ReasonDialog
          title={t("oversight.closeTitle", { name: closing.name })}
          hint={t("oversight.closeHint")}
          busy={verb.isPending}
          error={verb.error}
          onCancel={() => setClosing(null)}
          onGive={(note) => verb.mutate({ incident: closing, do: "close", note })}
        />
      )}
    </>
  );
}

function FeedsPanel() {
  const { t } = useTranslation();
  const feeds = useQuery({
    queryKey: ["oversight", "feeds"],
    queryFn: ({ signal }) => oversight.feeds(signal),
    refetchInterval: REFRESH,
  });
  return (
    <section className="qd-panel" aria-label={t("oversight.views.feeds")}>
      <div className="qd-panel-body">
        {feeds.isPending && <Skeleton active />}
        {feeds.isError && <Problem error={feeds.error} retry={feeds.refetch} />}
        {feeds.data?.length === 0 && (
          <EmptyState title={t("oversight.noFeeds")} text={t("oversight.noFeedsText")} />
        )}
        {feeds.data && feeds.data.length > 0 && <Feeds rows={feeds.data} />}
      </div>
    </section>
  );
}

/** Who has fallen silent, how every source does, and where the books differ. */
export function IncidentsPage() {
  const { t } = useTranslation();
  const right = useRight();
  const [params, setParams] = useSearchParams();
  const views = ["incidents", "feeds", ...(right("differences.settle") ? ["differences"] : [])];
  const view = views.find((one) => one === params.get("view")) ?? "incidents";
  return (
    <>
      <PageHeader title={t("oversight.title")} note={t("oversight.pageNote")} />
      <div className="qd-push-stack">
        <Segmented
          className="qd-oversight-views"
          aria-label={t("oversight.title")}
          value={view}
          onChange={(next) => setParams({ view: next })}
          options={views.map((key) => ({ value: key, label: t(`oversight.views.${key}`) }))}
        />
        {view === "incidents" && <Incidents />}
        {view === "feeds" && <FeedsPanel />}
        {view === "differences" && <DifferencesPanel />}
      </div>
    </>
  );
}
