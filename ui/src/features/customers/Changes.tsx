import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Pagination, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { type Change, customers, SIZE } from "./api";

const WATCH = 1_500;

/** How far the review of the orders that a change concerns is; it may be stopped, and go on. */
function Review({ change }: { change: Change }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const edits = useRight()("customers.edit");
  const act = useMutation({
    mutationFn: () => (change.done ? customers.resume(change.id) : customers.cancel(change.id)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["customers", "changes"] }),
    onError: (error) => message.error(problem(error).text),
  });
  const figures = { n: count(change.orders), changed: count(change.orders_changed) };
  const stoppable = edits && (!change.done || change.cancelled);
  return (
    <span className="qd-list-review">
      {!change.done && (
        <Progress
          size="small"
          percent={Math.floor(change.progress * 100)}
          aria-label={t("customers.change.orders")}
        />
      )}
      <span className={change.done && !change.cancelled ? undefined : "qd-amber"}>
        {change.cancelled
          ? t("customers.reviewCancelled", figures)
          : change.done
            ? t("customers.reviewed", figures)
            : t("customers.reviewing", { seen: count(change.seen), of: count(change.waiting) })}
      </span>
      {stoppable && (
        <Button size="small" type="link" loading={act.isPending} onClick={() => act.mutate()}>
          {t(change.done ? "customers.reviewResume" : "customers.reviewCancel")}
        </Button>
      )}
    </span>
  );
}

/** What was done to the lists, and how far the review of the orders concerned has come. */
export function Changes({ names }: { names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const edits = useRight()("customers.edit");
  const [page, setPage] = useState(1);
  const found = useQuery({
    queryKey: ["customers", "changes", page],
    queryFn: ({ signal }) => customers.changes(page, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.rows.some((change) => !change.done) ? WATCH : false),
  });
  const take = useMutation({
    mutationFn: (id: number) => customers.refused(id),
    onError: (error) => message.error(problem(error).text),
  });
  if (!found.data || found.data.total === 0) return null;
  return (
    <section className="qd-panel" aria-label={t("customers.history")}>
      <div className="qd-panel-head">
        <h2>{t("customers.history")}</h2>
      </div>
      <div className="qd-panel-body qd-history">
        <table data-testid="list-changes">
          <thead>
            <tr>
              {["when", "list", "what", "file", "by"].map((key) => (
                <th key={key} scope="col">
                  {t(`customers.change.${key}`)}
                </th>
              ))}
              {["added", "kept", "removed", "refused"].map((key) => (
                <th key={key} scope="col" className="qd-right">
                  {t(`customers.change.${key}`)}
                </th>
              ))}
              <th scope="col">{t("customers.change.orders")}</th>
            </tr>
          </thead>
          <tbody>
            {found.data.rows.map((change) => (
              <tr key={change.id} data-change={change.id} data-done={change.done}>
                <td>
                  <Time at={change.created_at} as="short" />
                </td>
                <td>{names.get(change.kind) ?? change.kind}</td>
                <td>{t(`customers.did.${change.mode}`, { defaultValue: change.mode })}</td>
                <td>
                  <span className="qd-ellipsis" title={change.file}>
                    {change.file || "—"}
                  </span>
                </td>
                <td>{change.by}</td>
                <td className="qd-right qd-num">{count(change.added)}</td>
                <td className="qd-right qd-num">{count(change.kept)}</td>
                <td className="qd-right qd-num">{count(change.removed)}</td>
                <td className="qd-right qd-num">
                  {change.refused > 0 && edits ? (
                    <Button
                      size="small"
                      type="link"
                      danger
                      title={t("customers.refusedTake")}
                      onClick={() => take.mutate(change.id)}
                    >
                      {t("customers.refused", { n: count(change.refused) })}
                    </Button>
                  ) : (
                    count(change.refused)
                  )}
                </td>
                <td>
                  <Review change={change} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {found.data.total > SIZE && (
          <Pagination
            align="end"
            size="small"
            current={page}
            total={found.data.total}
            pageSize={SIZE}
            showSizeChanger={false}
            onChange={setPage}
          />
        )}
      </div>
    </section>
  );
}
