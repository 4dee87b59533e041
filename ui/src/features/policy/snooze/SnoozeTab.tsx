import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../../app/catalogue";
import { useRight } from "../../../app/session";
import { EmptyState } from "../../../ui/EmptyState";
import { Problem, useProblem } from "../../../ui/Problem";
import { Time } from "../../../ui/Time";
import { type Snooze, snoozes } from "../api";

/** Rules that do not count for somebody for a while: those that do now first, then those that did. */
export function SnoozeTab() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const list = useQuery({ queryKey: ["snoozes"], queryFn: ({ signal }) => snoozes.list(signal) });
  const end = useMutation({
    mutationFn: snoozes.end,
    onSuccess: () => client.invalidateQueries({ queryKey: ["snoozes"] }),
    onError: (error) => void message.error(problem(error).text),
  });
  if (list.isPending) return <Skeleton active />;
  if (list.isError) return <Problem error={list.error} retry={list.refetch} />;
  if (list.data.length === 0)
    return <EmptyState title={t("studio.snooze.none")} text={t("studio.snooze.noneText")} />;
  return (
    <div className="qd-panel" data-testid="snoozes">
      <Table<Snooze>
        size="small"
        rowKey="id"
        dataSource={list.data}
        scroll={{ x: "max-content" }}
        pagination={list.data.length > 30 ? { pageSize: 30, showSizeChanger: false } : false}
        columns={[
          { key: "rule", title: t("studio.snooze.rule"), render: (_, row) => labels.say(row.title) },
          {
            key: "whom",
            title: t("studio.snooze.whom"),
            render: (_, row) => (
              <>
                {t(`studio.snooze.kind.${row.kind}`)} {row.shown}
                {row.channel && <span className="qd-muted"> {labels.value("channel", row.channel)}</span>}
              </>
            ),
          },
          { key: "reason", title: t("studio.snooze.reason"), dataIndex: "reason" },
          {
            key: "until",
            title: t("studio.snooze.until"),
            render: (_, row) =>
              row.active ? (
                <Time at={row.until} as="both" />
              ) : (
                <span className="qd-muted">
                  {t("studio.snooze.ended", { by: row.ended_by || "" })}{" "}
                  <Time at={row.ended_at ?? row.until} as="short" />
                </span>
              ),
          },
          {
            key: "by",
            title: t("studio.snooze.by"),
            render: (_, row) => (
              <>
                {row.created_by} <Time at={row.since} as="short" />
              </>
            ),
          },
          {
            key: "tools",
            render: (_, row) =>
              row.active &&
              right("policies.edit") && (
                <Popconfirm
                  title={t("studio.snooze.confirmEnd")}
                  okText={t("studio.snooze.end")}
                  cancelText={t("action.cancel")}
                  onConfirm={() => end.mutate(row.id)}
                >
                  <Button size="small">{t("studio.snooze.end")}</Button>
                </Popconfirm>
              ),
          },
        ]}
      />
    </div>
  );
}
