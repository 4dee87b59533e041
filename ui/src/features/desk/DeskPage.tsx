import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, type TableColumnsType } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { type Labels, useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { DataTable, type TableState } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import { Money } from "../../ui/Money";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { Deadline } from "../../ui/Time";
import { ReasonTags, StageTag, TierTag } from "../../ui/tags";
import { MacroButton } from "../cases/Macros";
import { OrderDrawer } from "../orders/OrderDrawer";
import { type DeskRow, desk, type QueueName, type Queues } from "./api";
import { BulkDialog, Bulks } from "./Bulk";
import "./desk.css";

const SIZE = 50;

function QueueList({ queues, chosen }: { queues: Queues; chosen: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const to = (queue: string) => (queue === "all" ? "/desk" : `/desk?queue=${queue}`);
  const tops = [
    { name: "reason", facets: queues.facets.reason, say: labels.reason },
    { name: "channel", facets: queues.facets.channel, say: (id: string) => labels.value("channel", id) },
  ] as const;
  return (
    <nav className="qd-queues" aria-label={t("desk.queues")}>
      <ul>
        {queues.built_in.map((queue) => (
          <li key={queue.id}>
            <Link
              to={to(queue.id)}
              aria-current={chosen === queue.id ? "page" : undefined}
              data-queue={queue.id}
            >
              {labels.say(queue.name)} <b className="qd-num">{count(queue.count)}</b>
            </Link>
          </li>
        ))}
      </ul>
      {queues.saved.length > 0 && (
        <>
          <h2>{t("desk.saved")}</h2>
          <ul>
            {queues.saved.map((queue) => (
              <li key={queue.id}>
                <Link to={`/desk?${queue.query}`}>
                  {queue.name} <b className="qd-num">{count(queue.count)}</b>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {tops.map(({ name, facets, say }) => (
        <div key={name}>
          <h2>{t(`desk.by.${name}`)}</h2>
          <ul>
            {facets.slice(0, 8).map((facet) => (
              <li key={facet.value}>
                <Link
                  to={`/desk?${name}=${encodeURIComponent(facet.value)}`}
                  aria-current={chosen === `${name}=${facet.value}` ? "page" : undefined}
                >
                  {say(facet.value)} <b className="qd-num">{count(facet.count)}</b>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function columns(labels: Labels, t: (key: string) => string): TableColumnsType<DeskRow> {
  return [
    {
      key: "order_no",
      title: t("column.order_no"),
      render: (_, row) => <span className="qd-num qd-order-no">{row.order_no}</span>,
    },
    { key: "tier", title: t("column.tier"), render: (_, row) => <TierTag id={row.tier} /> },
    { key: "stage", title: t("column.stage"), render: (_, row) => <StageTag id={row.stage} /> },
    { key: "reasons", title: t("column.reasons"), render: (_, row) => <ReasonTags ids={row.reasons} /> },
    {
      key: "paid_amount",
      title: t("column.paid_amount"),
      align: "right",
      render: (_, row) => <Money fen={row.paid_amount} />,
    },
    {
      key: "due",
      title: t("desk.due"),
      render: (_, row) => <Deadline at={row.desk.due ?? row.due_at} />,
    },
    {
      key: "why",
      title: t("desk.whyNext"),
      render: (_, row) => (
        <span className="qd-ellipsis qd-desk-why" title={labels.say(row.desk.why)}>
          {labels.say(row.desk.why)}
        </span>
      ),
    },
    {
      key: "owner",
      title: t("desk.owner"),
      render: (_, { desk: { lease, owner }, owner_role }) =>
        lease ? (
          <span className={lease.mine ? "qd-tag qd-desk-mine" : "qd-tag"}>
            {lease.mine ? t("desk.inMyHands") : lease.user.name}
          </span>
        ) : (
          (owner?.user?.name ?? owner?.team?.name ?? labels.role(owner?.role ?? owner_role))
        ),
    },
  ];
}

/** The desk: queues with exact counts, the orders of one in the order of work, and the way into play mode. */
export function DeskPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const go = useNavigate();
  const [address, setAddress] = useSearchParams();
  const [open, setOpen] = useState<number | null>(null);
  const [bulk, setBulk] = useState(false);
  const state: TableState = {
    page: Number(address.get("page") ?? 1),
    size: Number(address.get("size") ?? SIZE),
    sort: "turn",
  };
  const queue = (address.get("queue") ?? "all") as QueueName;
  const asked = useMemo(() => {
    const query = new URLSearchParams(address);
    if (!query.has("size")) query.set("size", String(SIZE));
    return query;
  }, [address]);
  const facet = ["reason", "channel"].find((name) => address.has(name));
  const queues = useQuery({ queryKey: ["desk", "queues"], queryFn: ({ signal }) => desk.queues(signal) });
  const page = useQuery({
    queryKey: ["desk", "orders", asked.toString()],
    queryFn: ({ signal }) => desk.orders(asked, signal),
    placeholderData: keepPreviousData,
  });
  const rows = page.data?.rows ?? [];
  const at = rows.findIndex((row) => row.id === open);
  const shown = useMemo(() => columns(labels, t), [labels, t]);
  const change = (next: Partial<TableState>) =>
    setAddress((old) => {
      const query = new URLSearchParams(old);
      if (next.page) query.set("page", String(next.page));
      if (next.size) query.set("size", String(next.size));
      return query;
    });
  return (
    <>
      <PageHeader
        title={t("nav.desk")}
        note={page.data && t("desk.total", { count: page.data.total, shown: count(page.data.total) })}
        actions={
          <>
            {right("cases.work") && (
              <MacroButton
                orders={rows.map(({ id, version, order_no }) => ({ id, version, no: order_no }))}
              />
            )}
            {right("desk.bulk") && (
              <Button disabled={!page.data?.total} onClick={() => setBulk(true)}>
                {t("desk.bulk")}
              </Button>
            )}
            {right("desk.work") && (
              <Button type="primary" data-testid="claim" onClick={() => go(`/desk/play?queue=${queue}`)}>
                {t("desk.startPlay")}
              </Button>
            )}
          </>
        }
      />
      {queues.isError && <Problem error={queues.error} retry={queues.refetch} />}
      {page.isError && <Problem error={page.error} retry={page.refetch} />}
      {right("desk.work") && <Bulks />}
      <div className="qd-desk">
        {queues.data && (
          <QueueList queues={queues.data} chosen={facet ? `${facet}=${address.get(facet)}` : queue} />
        )}
        <section className="qd-panel qd-desk-table">
          <DataTable
            label={t("nav.desk")}
            columns={shown}
            rows={rows}
            total={page.data?.total ?? 0}
            state={state}
            onState={change}
            loading={page.isPending}
            empty={<EmptyState title={t("desk.noneTitle")} text={t("desk.noneText")} />}
            active={open}
            onOpen={(row) => setOpen(row.id)}
            onMove={(by) => setOpen(rows[at + by]?.id ?? open)}
          />
        </section>
      </div>
      <OrderDrawer
        id={open === null ? null : String(open)}
        onClose={() => setOpen(null)}
        onStep={(by) => setOpen(rows[at + by]?.id ?? open)}
        hasPrevious={at > 0}
        hasNext={at >= 0 && at < rows.length - 1}
      />
      {bulk && <BulkDialog address={address} onClose={() => setBulk(false)} />}
    </>
  );
}
