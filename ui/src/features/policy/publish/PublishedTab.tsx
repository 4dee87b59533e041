import { useQuery } from "@tanstack/react-query";
import { Button, Popconfirm, Progress, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../../app/preferences";
import { useRight } from "../../../app/session";
import { count } from "../../../ui/format";
import { Problem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type Application, type Publication, publishing } from "../api";
import { RolloutCard } from "./RolloutCard";
import { usePublishing } from "./usePublishing";
import "./publish.css";

const RUNNING = new Set(["queued", "running"]);
const ON_THE_WAY = new Set(["proposed", "shadow", "scheduled"]);

function Applying() {
  const { t } = useTranslation();
  const right = useRight();
  const list = useQuery({
    queryKey: ["applications"],
    queryFn: ({ signal }) => publishing.applications(signal),
    refetchInterval: ({ state }) => (RUNNING.has(state.data?.[0]?.state ?? "") ? 700 : false),
  });
  const apply = usePublishing(publishing.apply);
  const cancel = usePublishing(publishing.cancel);
  const resume = usePublishing(publishing.resume);
  const newest: Application | undefined = list.data?.[0];
  const running = RUNNING.has(newest?.state ?? "");
  return (
    <section className="qd-panel qd-publish-ready" aria-label={t("studio.apply.title")} data-testid="apply">
      <h2>{t("studio.apply.title")}</h2>
      <p className="qd-muted">{t("studio.apply.text")}</p>
      {list.isError && <Problem error={list.error} retry={list.refetch} />}
      {newest && (
        <div>
          <Progress
            percent={newest.waiting ? Math.round((newest.done / newest.waiting) * 100) : 100}
            status={running ? "active" : newest.state === "cancelled" ? "exception" : "success"}
            aria-label={t("studio.apply.title")}
          />
          <p data-state={newest.state}>
            {t(`studio.apply.state.${newest.state}`)} ·{" "}
            {t("studio.apply.counts", {
              done: count(newest.done),
              waiting: count(newest.waiting),
              changed: count(newest.changed),
            })}{" "}
            <span className="qd-muted">
              {newest.created_by} <Time at={newest.created_at} as="short" />
            </span>
          </p>
        </div>
      )}
      {right("policies.edit") && (
        <div className="qd-rollout-tools">
          {running && newest ? (
            <Button onClick={() => cancel.mutate(newest.id)}>{t("studio.apply.cancel")}</Button>
          ) : (
            <Button
              loading={apply.isPending}
              onClick={() => apply.mutate(undefined as never)}
              data-action="apply"
            >
              {t("studio.apply.run")}
            </Button>
          )}
          {newest?.state === "cancelled" && (
            <Button onClick={() => resume.mutate(newest.id)}>{t("studio.apply.resume")}</Button>
          )}
        </div>
      )}
    </section>
  );
}

/** What is on its way to being live, what was live when, and applying it to what waits. */
export function PublishedTab() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const right = useRight();
  const rollouts = useQuery({ queryKey: ["rollouts"], queryFn: ({ signal }) => publishing.rollouts(signal) });
  const list = useQuery({
    queryKey: ["publications"],
    queryFn: ({ signal }) => publishing.publications(signal),
  });
  const back = usePublishing(publishing.rollBack, t("studio.publish.rolledBack"));
  if (rollouts.isPending || list.isPending) return <Skeleton active />;
  if (rollouts.isError) return <Problem error={rollouts.error} retry={rollouts.refetch} />;
  if (list.isError) return <Problem error={list.error} retry={list.refetch} />;
  const coming = rollouts.data.filter((row) => ON_THE_WAY.has(row.state));
  return (
    <div className="qd-publish">
      {coming.length > 0 && <h2>{t("studio.publish.coming")}</h2>}
      {coming.map((row) => (
        <RolloutCard key={row.id} row={row} />
      ))}
      <Applying />
      <div className="qd-section-head">
        <h2>{t("studio.publish.history")}</h2>
        {right("policies.edit") && (
          <Popconfirm
            title={t("studio.publish.confirmBack")}
            okText={t("studio.publish.back")}
            cancelText={t("action.cancel")}
            onConfirm={() => back.mutate(undefined as never)}
          >
            <Button disabled={new Set(list.data.map((one) => one.hash)).size < 2} data-action="rollback">
              {t("studio.publish.back")}
            </Button>
          </Popconfirm>
        )}
      </div>
      <div className="qd-panel">
        <Table<Publication>
          size="small"
          rowKey="at"
          dataSource={list.data}
          pagination={list.data.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
          columns={[
            {
              key: "title",
              title: t("studio.publish.policy"),
              render: (_, row) => (
                <>
                  {language === "zh" ? row.title_zh : row.title_en}{" "}
                  {row.live && <span className="qd-tag qd-verdict-release">{t("studio.publish.live")}</span>}
                </>
              ),
            },
            {
              key: "hash",
              title: t("policy.hash"),
              render: (_, row) => <span className="qd-code">{row.hash.slice(0, 16)}</span>,
            },
            { key: "at", title: t("policy.since"), render: (_, row) => <Time at={row.at} as="both" /> },
            { key: "by", title: t("studio.publish.by"), dataIndex: "actor_name" },
          ]}
        />
      </div>
    </div>
  );
}
