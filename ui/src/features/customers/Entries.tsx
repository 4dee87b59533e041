import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Pagination, Popconfirm, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Problem, useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { AddEntry } from "./AddEntry";
import { customers, type Entry, type Kind, SIZE } from "./api";

/** Who stands on one list: masked, searched by anything that names them in full. */
export function Entries({ kind, name }: { kind: Kind; name: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const problem = useProblem();
  const edits = useRight()("customers.edit");
  const client = useQueryClient();
  const [q, setQ] = useState("");
  const [page, setPage] = useState(1);
  const [adding, setAdding] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first page
  useEffect(() => {
    setPage(1);
    setQ("");
  }, [kind]);
  const found = useQuery({
    queryKey: ["customers", "entries", kind, q, page],
    queryFn: ({ signal }) => customers.entries(kind, q, page, signal),
    placeholderData: keepPreviousData,
  });
  const remove = useMutation({
    mutationFn: (id: number) => customers.remove(id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["customers"] }),
    onError: (error) => message.error(problem(error).text),
  });
  const dated = kind === "returns";
  const row = (entry: Entry) => (
    <tr key={entry.id} data-entry={entry.id}>
      <td>{entry.buyer || "—"}</td>
      <td className="qd-num">{entry.phone || "—"}</td>
      <td className="qd-num">{entry.order_no || "—"}</td>
      <td>{entry.channel ? labels.value("channel", entry.channel) : t("customers.anyChannel")}</td>
      {dated && <td className="qd-num">{entry.happened_on ?? "—"}</td>}
      <td className="qd-num">{entry.expires_on ?? t("customers.forever")}</td>
      <td>
        <span className="qd-ellipsis">{entry.note || "—"}</span>
      </td>
      <td>
        {entry.by}{" "}
        <span className="qd-muted">
          <Time at={entry.added_at} as="short" />
        </span>
      </td>
      {edits && (
        <td className="qd-right">
          <Popconfirm
            title={t("customers.removeTitle")}
            description={t("customers.removeText")}
            okText={t("customers.remove")}
            onConfirm={() => remove.mutate(entry.id)}
          >
            <Button size="small" type="text" danger>
              {t("customers.remove")}
            </Button>
          </Popconfirm>
        </td>
      )}
    </tr>
  );
  return (
    <>
      <div className="qd-list-tools">
        <Input.Search
          key={kind}
          allowClear
          placeholder={t("customers.search")}
          aria-label={t("customers.search")}
          maxLength={100}
          onSearch={(text) => {
            setPage(1);
            setQ(text.trim());
          }}
        />
        {edits && <Button onClick={() => setAdding(true)}>{t("customers.addOne")}</Button>}
      </div>
      {found.isError && <Problem error={found.error} retry={found.refetch} />}
      {found.isPending && <Skeleton active />}
      {found.data && found.data.total === 0 && (
        <EmptyState
          title={t(q ? "customers.noneFound" : "customers.none")}
          text={t(q ? "customers.noneFoundText" : "customers.noneText")}
        />
      )}
      {found.data && found.data.total > 0 && (
        <div className="qd-history">
          <table data-testid="list-entries">
            <thead>
              <tr>
                {["buyer", "phone", "order_no", "channel"].map((key) => (
                  <th key={key} scope="col">
                    {t(`customers.column.${key}`)}
                  </th>
                ))}
                {dated && <th scope="col">{t("customers.column.happened_on")}</th>}
                <th scope="col">{t("customers.column.expires_on")}</th>
                <th scope="col">{t("customers.column.note")}</th>
                <th scope="col">{t("customers.column.by")}</th>
                {edits && <th scope="col" aria-label={t("customers.remove")} />}
              </tr>
            </thead>
            <tbody>{found.data.rows.map(row)}</tbody>
          </table>
          {found.data.total > SIZE && (
            <Pagination
              align="end"
              size="small"
              current={page}
              total={found.data.total}
              pageSize={SIZE}
              showSizeChanger={false}
              showTotal={(total) => t("customers.total", { n: count(total) })}
              onChange={setPage}
            />
          )}
        </div>
      )}
      {adding && <AddEntry kind={kind} name={name} onDone={() => setAdding(false)} />}
    </>
  );
}
