import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Pagination, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRight } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { OrderDrawer } from "../orders/OrderDrawer";
import { type Payment, payments, SIZE, type Summary } from "./api";
import { BillDrop } from "./BillDrop";
import { Bills } from "./Bills";
import { Entries } from "./Entries";
import { PaymentCard } from "./PaymentCard";
import { SettleDialog } from "./SettleDialog";
import { Signed } from "./Signed";
import { counts, queryOf, VIEWS, viewOf } from "./views";
import "../imports/imports.css";
import "./finance.css";

const WATCH = 1_500;
const FIGURES = ["open", "missing", "short", "over", "double", "unexpected", "full", "not_ours"] as const;

function Figures({ summary, onView }: { summary: Summary; onView: (view: string) => void }) {
  const { t } = useTranslation();
  const found = counts(summary);
  const sums = new Map(summary.states.map((one) => [one.state, one.difference]));
  return (
    <section className="qd-panel qd-pay-figures" aria-label={t("payments.figures")}>
      {FIGURES.map((view) => (
        <button key={view} type="button" onClick={() => onView(view)}>
          <span>{t(`payments.views.${view}`)}</span>
          <b className={`qd-num ${found[view] > 0 && view === "open" ? "qd-red" : ""}`}>
            {count(found[view])}
          </b>
          {view === "not_ours" ? (
            <Signed fen={summary.not_ours_amount} />
          ) : sums.has(view) && view !== "full" ? (
            <Signed fen={sums.get(view) ?? 0} />
          ) : (
            <small className="qd-muted">{t("payments.orders")}</small>
          )}
        </button>
      ))}
    </section>
  );
}

/** Bills in, what they say of the orders, and the differences that finance settles. */
export function PaymentsPage() {
  const { t } = useTranslation();
  const right = useRight();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [sent, setSent] = useState(0);
  const [asked, setAsked] = useState<Payment | null>(null);
  const view = viewOf(params.get("view"));
  const search = params.get("q") ?? "";
  const page = Math.max(1, Number(params.get("page")) || 1);
  const billPage = Math.max(1, Number(params.get("bills")) || 1);
  const open = params.get("order");
  const change = (next: Record<string, string | null>) => {
    const changed = new URLSearchParams(params);
    for (const [key, value] of Object.entries(next))
      if (value) changed.set(key, value);
      else changed.delete(key);
    setParams(changed);
  };
  const summary = useQuery({
    queryKey: ["payments", "summary"],
    queryFn: ({ signal }) => payments.summary(signal),
  });
  const bills = useQuery({
    queryKey: ["payments", "bills", billPage],
    queryFn: ({ signal }) => payments.bills(billPage, signal),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const runs = query.state.data?.rows.some((bill) => bill.finished_at === null || bill.matching);
      if (runs) void client.invalidateQueries({ queryKey: ["payments", "summary"] });
      return runs ? WATCH : false;
    },
  });
  const running = bills.data?.rows.some((bill) => bill.finished_at === null || bill.matching) ?? false;
  const list = useQuery({
    queryKey: ["payments", "list", view, search, page],
    queryFn: ({ signal }) => payments.list(queryOf(view, search, page), signal),
    enabled: view !== "not_ours",
    placeholderData: keepPreviousData,
    refetchInterval: running ? WATCH : false,
  });
  const stray = useQuery({
    queryKey: ["payments", "not-ours", page],
    queryFn: ({ signal }) => payments.notOurs(page, signal),
    enabled: view === "not_ours",
    placeholderData: keepPreviousData,
  });
  const refresh = () => client.invalidateQueries({ queryKey: ["payments"] });
  const send = useMutation({
    mutationFn: (files: File[]) => payments.upload(files, setSent),
    onSettled: () => {
      setSent(0);
      return refresh();
    },
  });
  const settle = useMutation({
    mutationFn: ({ payment, note }: { payment: Payment; note: string }) => payments.settle(payment, note),
    onSuccess: () => setAsked(null),
    onSettled: () => {
      for (const key of ["orders", "order", "board"]) void client.invalidateQueries({ queryKey: [key] });
      return refresh();
    },
  });
  const found = summary.data ? counts(summary.data) : null;
  const shown = view === "not_ours" ? stray : list;
  const rows = list.data?.rows ?? [];
  const place = rows.findIndex((one) => String(one.order_id) === open);
  const step = (by: 1 | -1) => {
    const next = rows[place + by];
    if (next) change({ order: String(next.order_id) });
  };
  return (
    <>
      <PageHeader
        title={t("payments.title")}
        note={
          summary.data && summary.data.bills.length > 0 ? (
            <>
              {t("payments.until")}{" "}
              {summary.data.bills.map((one) => (
                <span key={one.family} className="qd-pay-until">
                  {t(`payments.family.${one.family}`)} <Time at={one.until} as="short" />
                </span>
              ))}
            </>
          ) : (
            t("payments.note")
          )
        }
      />
      {right("payments.import") && (
        <BillDrop busy={send.isPending} sent={sent} onFiles={(files) => send.mutate(files)} />
      )}
      {send.isError && (
        <div className="qd-import-problem" role="alert">
          <Problem error={send.error} />
        </div>
      )}
      <div className="qd-pay-stack">
        {summary.isPending && <Skeleton active />}
        {summary.isError && <Problem error={summary.error} retry={summary.refetch} />}
        {summary.data && (
          <Figures summary={summary.data} onView={(next) => change({ view: next, page: null, q: null })} />
        )}
        <section className="qd-panel" aria-label={t("payments.list")}>
          <div className="qd-panel-head qd-pay-tabs">
            <Segmented
              aria-label={t("payments.list")}
              value={view}
              onChange={(next) => change({ view: next, page: null })}
              options={VIEWS.map((key) => ({
                value: key,
                label: (
                  <>
                    {t(`payments.views.${key}`)}
                    {found && <span className="qd-num qd-muted"> {count(found[key])}</span>}
                  </>
                ),
              }))}
            />
            {view !== "not_ours" && (
              <Input.Search
                key={search}
                className="qd-pay-search"
                allowClear
                defaultValue={search}
                placeholder={t("payments.search")}
                aria-label={t("payments.search")}
                onSearch={(text) => change({ q: text.trim() || null, page: null })}
              />
            )}
          </div>
          <div className="qd-panel-body">
            {shown.isPending && <Skeleton active />}
            {shown.isError && <Problem error={shown.error} retry={shown.refetch} />}
            {shown.data?.total === 0 && (
              <EmptyState title={t("payments.empty")} text={t("payments.emptyText")} />
            )}
            {view !== "not_ours" &&
              rows.map((one) => (
                <PaymentCard
                  key={one.order_id}
                  payment={one}
                  may={right("payments.settle")}
                  onOpen={() => change({ order: String(one.order_id) })}
                  onSettle={() => {
                    settle.reset();
                    setAsked(one);
                  }}
                />
              ))}
            {view === "not_ours" && stray.data && stray.data.total > 0 && (
              <div className="qd-pay-scroll">
                <Entries rows={stray.data.rows} numbers />
              </div>
            )}
            {shown.data && shown.data.total > SIZE && (
              <Pagination
                className="qd-pay-pages"
                align="end"
                size="small"
                current={page}
                total={shown.data.total}
                pageSize={SIZE}
                showSizeChanger={false}
                onChange={(next) => change({ page: String(next) })}
              />
            )}
          </div>
        </section>
        <section className="qd-panel" aria-label={t("payments.history")}>
          <div className="qd-panel-head">
            <h2>{t("payments.history")}</h2>
          </div>
          <div className="qd-panel-body">
            {bills.isPending && <Skeleton active />}
            {bills.isError && <Problem error={bills.error} retry={bills.refetch} />}
            {bills.data?.total === 0 && (
              <EmptyState title={t("payments.noBills")} text={t("payments.noBillsText")} />
            )}
            {bills.data && bills.data.total > 0 && (
              <Bills
                bills={bills.data.rows}
                total={bills.data.total}
                page={billPage}
                onPage={(next) => change({ bills: String(next) })}
              />
            )}
          </div>
        </section>
      </div>
      {asked && (
        <SettleDialog
          payment={asked}
          busy={settle.isPending}
          error={settle.error}
          onCancel={() => setAsked(null)}
          onSettle={(note) => settle.mutate({ payment: asked, note })}
        />
      )}
      <OrderDrawer
        id={open}
        onClose={() => change({ order: null })}
        onStep={step}
        hasPrevious={place > 0}
        hasNext={place >= 0 && place < rows.length - 1}
      />
    </>
  );
}
