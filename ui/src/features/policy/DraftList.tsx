import { DeleteOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { Problem, useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type DraftRow, policies } from "./api";

/** Policies being written, the one changed last first. */
export function DraftList() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const right = useRight();
  const problem = useProblem();
  const client = useQueryClient();
  const drafts = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => policies.drafts(signal) });
  const remove = useMutation({
    mutationFn: policies.deleteDraft,
    onSuccess: () => client.invalidateQueries({ queryKey: ["drafts"] }),
    onError: (error) => void message.error(problem(error).text),
  });
  if (drafts.isPending) return <Skeleton active />;
  if (drafts.isError) return <Problem error={drafts.error} retry={drafts.refetch} />;
  if (drafts.data.length === 0)
    return <EmptyState title={t("studio.draft.empty")} text={t("studio.draft.emptyText")} />;
  return (
    <div className="qd-panel">
      <Table<DraftRow>
        size="small"
        rowKey="id"
        pagination={false}
        dataSource={drafts.data}
        columns={[
          {
            key: "name",
            title: t("studio.draft.name"),
            render: (_, row) => <Link to={`/policy/drafts/${row.id}`}>{row.name}</Link>,
          },
          { key: "by", title: t("studio.draft.by"), dataIndex: "changed_by", width: 140 },
          {
            key: "at",
            title: t("studio.draft.at"),
            width: 200,
            render: (_, row) => <Time at={row.changed_at} as="both" />,
          },
          {
            key: "based",
            title: t("studio.draft.basedOn"),
            width: 150,
            render: (_, row) => <span className="qd-code qd-muted">{row.based_on.slice(0, 12) || "—"}</span>,
          },
          {
            key: "tools",
            width: 60,
            render: (_, row) =>
              right("policies.edit") && (
                <Popconfirm
                  title={t("studio.draft.confirmDelete", { name: row.name })}
                  okText={t("studio.remove")}
                  cancelText={t("action.cancel")}
                  onConfirm={() => remove.mutate(row.id)}
                >
                  <Button
                    type="text"
                    size="small"
                    icon={<DeleteOutlined aria-hidden />}
                    aria-label={t("studio.removeNamed", { name: row.name })}
                  />
                </Popconfirm>
              ),
          },
        ]}
      />
    </div>
  );
}
