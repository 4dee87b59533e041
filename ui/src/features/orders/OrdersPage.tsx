import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, type InputRef } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import type { OrderRow } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { useHotkeys } from "../../app/useHotkeys";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { ColumnChooser } from "./ColumnChooser";
import { type ColumnId, makeColumns } from "./columns";
import { ExportMenu } from "./ExportMenu";
import { FilterBar } from "./FilterBar";
import { OrderDrawer } from "./OrderDrawer";
import { active, apiParams, BACKLOG, type Filters, filterParams, ordersPath } from "./query";
import { StageTabs } from "./StageTabs";
import { useColumns } from "./useColumns";
import { useOrdersState } from "./useOrdersState";
import { ViewsMenu } from "./ViewsMenu";
import "./orders.css";

const CLEAR: Filters = {};
const rowClass = (row: OrderRow) => (row.overdue ? "qd-row-overdue" : "");

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  return filtered ? (
    <EmptyState
      title={t("orders.noMatch")}
      text={t("orders.noMatchText")}
      action={<Button onClick={onClear}>{t("orders.clear")}</Button>}
    />
  ) : (
    <EmptyState
      title={t("orders.empty")}
      text={t("orders.emptyText")}
      action={<Link to="/imports">{t("board.emptyAction")}</Link>}
    />
  );
}

export function OrdersPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const { state, change, filter } = useOrdersState();
  const [chosen, choose] = useColumns();
  const search = useRef<InputRef>(null);
  const asked = apiParams(state);
  const page = useQuery({
    queryKey: ["orders", asked.toString()],
    queryFn: ({ signal }) => api.orders(asked, signal),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => page.data?.rows ?? [], [page.data]);
  const total = page.data?.total ?? 0;

  const columns = useMemo(
    () => makeColumns(labels, t).filter((column) => chosen.includes(column.key as ColumnId)),
    [labels, t, chosen],
  );
  const at = rows.findIndex((row) => String(row.id) === state.open);
  const activeId = rows[at]?.id ?? null;

  const open = useCallback((row: OrderRow) => change({ open: String(row.id) }, true), [change]);
  const close = useCallback(() => {
    const id = state.open;
    change({ open: null }, true);
    document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id ?? "")}"]`)?.focus();
  }, [change, state.open]);
  const pages = Math.max(1, Math.ceil(total / state.size));
  const settled = page.data !== undefined && !page.isPlaceholderData;
  /** The card goes on over the edge of a page: which page is to come, and which of its rows opens. */
  const [arriving, setArriving] = useState<{ page: number; row: 0 | -1 } | null>(null);
  const step = (by: 1 | -1) => {
    if (arriving !== null && arriving.page === state.page) return;
    const next = rows[at === -1 ? (by === 1 ? 0 : -1) : at + by];
    if (next) return open(next);
    const beyond = state.page + by;
    if (at === -1 || !settled || beyond < 1 || beyond > pages) return;
    setArriving({ page: beyond, row: by === 1 ? 0 : -1 });
    change({ page: beyond });
  };
  useEffect(() => {
    if (arriving === null || !settled || page.data?.page !== arriving.page) return;
    setArriving(null);
    const row = rows.at(arriving.row);
    if (row) open(row);
  }, [arriving, settled, page.data, rows, open]);
  const moveFocus = (by: 1 | -1) => {
    const here = document.activeElement?.getAttribute("data-id");
    const next = rows[rows.findIndex((row) => String(row.id) === here) + by];
    if (!next) return;
    document.querySelector<HTMLElement>(`tr[data-id="${next.id}"]`)?.focus();
    if (state.open !== null) open(next);
  };
  const whileOpen = (run: () => void) => () => state.open !== null && run();
  useHotkeys([
    ["KeyJ", () => step(1)],
    ["KeyK", () => step(-1)],
    ["ArrowRight", whileOpen(() => step(1))],
    ["ArrowLeft", whileOpen(() => step(-1))],
    ["Escape", whileOpen(close)],
    [
      "Slash",
      (event) => {
        event.preventDefault();
        search.current?.focus();
      },
    ],
  ]);
  useEffect(() => {
    if (activeId === null) return;
    document.querySelector(`tr[data-id="${activeId}"]`)?.scrollIntoView({ block: "nearest" });
  }, [activeId]);

  const clear = () => change({ filters: CLEAR, page: 1, open: null });
  const filtered = active(state.filters) > 0;
  return (
    <>
      <PageHeader
        title={t("nav.orders")}
        note={
          page.data && (
            <>
              <span
                data-testid="total"
                data-total={total}
                data-loading={page.isPlaceholderData}
                aria-live="polite"
              >
                {t(filtered ? "orders.matching" : "orders.all", { total: count(total) })}
              </span>
              {filtered && (
                <Button type="link" size="small" onClick={clear}>
                  {t("filter.clear", { n: active(state.filters) })}
                </Button>
              )}
            </>
          )
        }
        actions={
          <>
            <ViewsMenu query={filterParams(state.filters).toString()} />
            <ColumnChooser chosen={chosen} onChoose={choose} />
            {right("orders.export") && <ExportMenu filters={state.filters} total={total} />}
          </>
        }
      />
      <section className="qd-panel">
        <StageTabs filters={state.filters} path={ordersPath} backlog={BACKLOG} />
        <FilterBar filters={state.filters} onFilter={filter} search={search} />
        {page.isError && (
          <div className="qd-orders-problem">
            <Problem error={page.error} retry={page.refetch} />
          </div>
        )}
        <DataTable<OrderRow>
          label={t("nav.orders")}
          columns={columns}
          rows={rows}
          total={total}
          state={state}
          onState={change}
          loading={page.isPending || page.isPlaceholderData}
          empty={page.isPending || page.isError ? null : <Nothing filtered={filtered} onClear={clear} />}
          active={activeId}
          onOpen={open}
          onMove={moveFocus}
          rowClass={rowClass}
        />
      </section>
      <p className="qd-keys qd-muted">{t("orders.keys")}</p>
      <OrderDrawer
        id={state.open}
        onClose={close}
        onStep={step}
        hasPrevious={at > 0 || (at === 0 && state.page > 1)}
        hasNext={at === -1 ? rows.length > 0 : at < rows.length - 1 || state.page < pages}
      />
    </>
  );
}
