import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Pagination, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Money } from "../../ui/Money";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { StageTag } from "../../ui/tags";
import { oversight, type Reconciliation, SIZE } from "./api";
import { ReasonDialog } from "./ReasonDialog";

const STATES = ["open", "settled", "gone"] as const;

function Runs({ runs }: { runs: readonly Reconciliation[] }) {
  const { t } = useTranslation();
  return (
    <ul className="qd-runs">
      {runs.slice(0, 6).map((run) => (
        <li key={run.id}>
          <Time at={run.ended_at} as="short" />{" "}
          <b>{run.book === "bill" ? t("oversight.book.bill") : run.name}</b>{" "}
          {t("oversight.run", {
            compared: count(run.compared),
            found: count(run.found),
            caught: count(run.caught_up),
          })}
          {run.unanswered > 0 && (
            <span className="qd-amber"> {t("oversight.unanswered", { n: count(run.unanswered) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What our ledger and the warehouses' books or the bills say differently, to be settled with a reason. */
export function DifferencesPanel() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const labels = useLabels();
  const client = useQueryClient();
  const [state, setState] = useState<(typeof STATES)[number]>("open");
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [asking, setAsking] = useState(false);
  const list = useQuery({
    queryKey: ["oversight", "differences", state, page],
    queryFn: ({ signal }) => oversight.differences(state, page, signal),
    placeholderData: keepPreviousData,
  });
  const runs = useQuery({
    queryKey: ["oversight", "runs"],
    queryFn: ({ signal }) => oversight.reconciliations(signal),
    refetchInterval: 10_000,
  });
  const refresh = () => client.invalidateQueries({ queryKey: ["oversight"] });
  const settle = useMutation({
    mutationFn: (reason: string) => oversight.settle(chosen, reason),
    onSuccess: () => {
      setAsking(false);
      setChosen([]);
    },
    onSettled: refresh,
  });
  const now = useMutation({ mutationFn: oversight.reconcile, onSettled: refresh });
  const toggle = (id: number) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const rows = list.data?.rows ?? [];
  return (
    <section className="qd-panel" aria-label={t("oversight.views.differences")}>
      <div className="qd-panel-head qd-oversight-head">
        <Segmented
          aria-label={t("oversight.state")}
          value={state}
          onChange={(next) => {
            setState(next);
            setPage(1);
            setChosen([]);
          }}
          options={STATES.map((key) => ({ value: key, label: t(`oversight.difference.${key}`) }))}
        />
        <span className="qd-oversight-actions">
          {state === "open" && (
            <Button
              size="small"
              type="primary"
              disabled={chosen.length === 0}
              onClick={() => {
                settle.reset();
                setAsking(true);
              }}
            >
              {t("oversight.settle", { n: count(chosen.length) })}
            </Button>
          )}
          <Button size="small" loading={now.isPending} onClick={() => now.mutate()}>
            {t("oversight.compareNow")}
          </Button>
        </span>
      </div>
      <div className="qd-panel-body">
        {now.isError && <Problem error={now.error} />}
        {runs.data && runs.data.length > 0 && <Runs runs={runs.data} />}
        {list.isPending && <Skeleton active />}
        {list.isError && <Problem error={list.error} retry={list.refetch} />}
        {list.data?.total === 0 && (
          <EmptyState title={t(`oversight.noDifference.${state}`)} text={t("oversight.noDifferenceText")} />
        )}
        {rows.length > 0 && (
          <div className="qd-history">
            <table>
              <thead>
                <tr>
                  {state === "open" && <th scope="col">{t("oversight.choose")}</th>}
                  <th scope="col">{t("push.order")}</th>
                  <th scope="col">{t("oversight.what")}</th>
                  <th scope="col">{t("oversight.ours")}</th>
                  <th scope="col">{t("oversight.theirs")}</th>
                  <th scope="col" className="qd-right">
                    {t("oversight.amount")}
                  </th>
                  <th scope="col">{t("push.stage")}</th>
                  <th scope="col">{t("oversight.foundAt")}</th>
                  {state === "settled" && <th scope="col">{t("oversight.reason")}</th>}
                </tr>
              </thead>
              <tbody>
                {rows.map((one) => (
                  <tr key={one.id}>
                    {state === "open" && (
                      <td>
                        <Checkbox
                          checked={chosen.includes(one.id)}
                          aria-label={one.order_no}
                          onChange={() => toggle(one.id)}
                        />
                      </td>
                    )}
                    <td>
                      <Link to={`/orders?order=${one.order_id}`} className="qd-num">
                        {one.order_no}
                      </Link>
                      <div className="qd-muted">
                        {labels.value("channel", one.channel)} · {one.shop}
                      </div>
                    </td>
                    <td>
                      <b>{one.what[language]}</b>
                      <div className="qd-muted">
                        {one.book === "bill" ? t("oversight.book.bill") : one.name}
                      </div>
                    </td>
                    <td>{one.ours[language]}</td>
                    <td>{one.theirs[language]}</td>
                    <td className="qd-right">{one.amount === null ? "—" : <Money fen={one.amount} />}</td>
                    <td>
                      <StageTag id={one.stage} />
                    </td>
                    <td>
                      <Time at={one.found_at} as="short" />
                    </td>
                    {state === "settled" && (
                      <td>
                        {one.reason} <span className="qd-muted">{one.settled_name}</span>
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
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
      </div>
      {asking && (
        <ReasonDialog
          title={t("oversight.settle", { n: count(chosen.length) })}
          hint={t("oversight.settleHint")}
          busy={settle.isPending}
          error={settle.error}
          onCancel={() => setAsking(false)}
          onGive={(reason) => settle.mutate(reason)}
        />
      )}
    </section>
  );
}
