import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, type TableColumnsType } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { Labels } from "../../app/catalogue";
import { DataTable, type TableState } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Money } from "../../ui/Money";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Deadline, Time } from "../../ui/Time";
import { OrderDrawer } from "../orders/OrderDrawer";
import { type CasePage, type CaseRow, cases } from "./api";
import { CaseState } from "./tags";
import { useSetup } from "./useSetup";
import "./cases.css";
import "../desk/desk.css";

const SIZE = 50;

/** The lists that are asked for most, by what their address holds. */
const VIEWS = [
  { key: "all", query: "" },
  { key: "mine", query: "owner=me" },
  { key: "approvals", query: "owner=my_approval" },
  { key: "late", query: "late=true" },
  { key: "nobody", query: "owner=nobody" },
  { key: "waiting", query: "state=waiting" },
  { key: "closed", query: "state=closed&sort=-closed" },
] as const;

type Counts = CasePage["counts"];

function countOf(view: (typeof VIEWS)[number]["key"], counts: Counts): number | null {
  if (view === "all") return counts.total;
  if (view === "waiting") return counts.by_state.waiting ?? 0;
  return view === "closed" ? null : counts[view];
}

/** Whether an address asks for a view: its parts are there and no other filter is. */
function asks(address: URLSearchParams, query: string): boolean {
  const own = new URLSearchParams(address);
  for (const name of ["page", "size", "q", "sort", "case", "order"]) own.delete(name);
  const wanted = new URLSearchParams(query);
  wanted.delete("sort");
  own.sort();
  wanted.sort();
  return own.toString() === wanted.toString();
}

function Lists({ counts, address }: { counts: Counts | undefined; address: URLSearchParams }) {
  const { t } = useTranslation();
  const { types, type } = useSetup();
  const shown = types.filter((one) => (counts?.by_type[one.key] ?? 0) > 0);
  const to = (query: string) => (query ? `/cases?${query}` : "/cases");
  return (
    <nav className="qd-queues" aria-label={t("cases.lists")}>
      <ul>
        {VIEWS.map(({ key, query }) => {
          const n = counts ? countOf(key, counts) : null;
          return (
            <li key={key}>
              <Link to={to(query)} data-view={key} aria-current={asks(address, query) ? "page" : undefined}>
                {t(`cases.view.${key}`)}{" "}
                {n !== null && (
                  <b className={`qd-num${key === "late" && n > 0 ? " qd-red" : ""}`}>{count(n)}</b>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
      {shown.length > 0 && <h2>{t("cases.byType")}</h2>}
      <ul>
        {shown.map((one) => (
          <li key={one.key}>
            <Link
              to={to(`type=${one.key}`)}
              aria-current={asks(address, `type=${one.key}`) ? "page" : undefined}
            >
              {type(one.key)} <b className="qd-num">{count(counts?.by_type[one.key] ?? 0)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function columns(
  t: (key: string) => string,
  labels: Labels,
  type: (key: string) => string,
  closed: boolean,
): TableColumnsType<CaseRow> {
  return [
    {
      key: "order_no",
      title: t("column.order_no"),
      render: (_, row) => <span className="qd-num qd-order-no">{row.order_no}</span>,
    },
    { key: "type", title: t("cases.type"), render: (_, row) => type(row.type) },
    { key: "state", title: t("cases.stateLabel"), render: (_, row) => <CaseState row={row} /> },
    {
      key: "step",
      title: t("cases.stepLabel"),
      render: (_, row) => (
        <span className="qd-ellipsis qd-case-step">{labels.say(row.step_title) || "—"}</span>
      ),
    },
    {
      key: "owner",
      title: t("cases.owner"),
      render: (_, row) =>
        row.owner ? row.owner.name : <span className="qd-muted">{labels.role(row.owner_role)}</span>,
    },
    closed
      ? {
          key: "closed",
          title: t("cases.closedAt"),
          sorter: true,
          render: (_, row) => <Time at={row.closed_at} as="short" />,
        }
      : {
          key: "due",
          title: t("cases.due"),
          sorter: true,
          render: (_, row) =>
            row.next_due ? (
              <Deadline at={row.next_due} />
            ) : (
              <span className="qd-muted">{row.state === "waiting" ? t("cases.paused") : "—"}</span>
            ),
        },
    {
      key: "paid_amount",
      title: t("column.paid_amount"),
      align: "right",
      render: (_, row) => <Money fen={row.paid_amount} />,
    },
    {
      key: "channel",
      title: t("column.channel"),
      render: (_, row) => labels.value("channel", row.channel),
    },
    {
      key: "opened",
      title: t("cases.openedAt"),
      sorter: true,
      render: (_, row) => <Time at={row.opened_at} as="short" />,
    },
  ];
}

/** The cases of the team, the nearest due first; each opens beside the list with its order. */
export function CasesPage() {
  const { t } = useTranslation();
  const { type, labels } = useSetup();
  const [address, setAddress] = useSearchParams();
  const closed = address.get("state") === "closed";
  const state: TableState = {
    page: Number(address.get("page") ?? 1),
    size: Number(address.get("size") ?? SIZE),
    sort: address.get("sort") ?? (closed ? "-closed" : "due"),
  };
  const chosen = address.get("case");
  const asked = useMemo(() => {
    const query = new URLSearchParams(address);
    query.delete("case");
    query.delete("order");
    if (!query.has("size")) query.set("size", String(SIZE));
    return query;
  }, [address]);
  const page = useQuery({
    queryKey: ["cases", "list", asked.toString()],
    queryFn: ({ signal }) => cases.list(asked, signal),
    placeholderData: keepPreviousData,
  });
  const [typed, setTyped] = useState(address.get("q") ?? "");
  const rows = page.data?.rows ?? [];
  const at = rows.findIndex((row) => String(row.id) === chosen);
  const shown = useMemo(() => columns(t, labels, type, closed), [t, labels, type, closed]);
  const set = (changes: Record<string, string | null>) =>
    setAddress((old) => {
      const query = new URLSearchParams(old);
      for (const [name, value] of Object.entries(changes)) {
        if (value) query.set(name, value);
        else query.delete(name);
      }
      return query;
    });
  const open = (row: CaseRow | undefined) =>
    row && set({ case: String(row.id), order: String(row.order_id) });
  const current = rows[at];
  return (
    <>
      <PageHeader
        title={t("nav.cases")}
        note={page.data && t("cases.total", { count: page.data.total, shown: count(page.data.total) })}
        actions={
          <>
            <Input.Search
              className="qd-case-search"
              allowClear
              value={typed}
              placeholder={t("cases.search")}
              aria-label={t("cases.search")}
              onChange={(event) => setTyped(event.target.value)}
              onSearch={(value) => set({ q: value.trim() || null, page: null })}
            />
            <Link to="/cases/sops">
              <Button tabIndex={-1}>{t("cases.toSops")}</Button>
            </Link>
          </>
        }
      />
      {page.isError && <Problem error={page.error} retry={page.refetch} />}
      <div className="qd-desk">
        <Lists counts={page.data?.counts} address={address} />
        <section className="qd-panel qd-desk-table">
          <DataTable
            label={t("nav.cases")}
            columns={shown}
            rows={rows}
            total={page.data?.total ?? 0}
            state={state}
            onState={(change) =>
              set({
                ...(change.page === undefined ? {} : { page: String(change.page) }),
                ...(change.size === undefined ? {} : { size: String(change.size) }),
                ...(change.sort === undefined ? {} : { sort: change.sort }),
              })
            }
            loading={page.isPending}
            empty={<EmptyState title={t("cases.noneTitle")} text={t("cases.noneText")} />}
            active={current?.id ?? null}
            onOpen={open}
            onMove={(by) => open(rows[at + by])}
            rowClass={(row) => (row.late ? "qd-case-late" : "")}
          />
        </section>
      </div>
      <OrderDrawer
        id={address.get("order")}
        onClose={() => set({ case: null, order: null })}
        onStep={(by) => open(rows[at + by])}
        hasPrevious={at > 0}
        hasNext={at >= 0 && at < rows.length - 1}
      />
    </>
  );
}
