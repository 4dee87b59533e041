import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Popconfirm, Select, Skeleton, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "../../app/ErrorBoundary";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { Time } from "../../ui/Time";
import { AddressEditor } from "./AddressEditor";
import { cases, type Talk, useAct } from "./api";
import { Bill } from "./Bill";
import { CaseView } from "./CaseView";
import { Comments } from "./Comments";
import { Contacts } from "./Contacts";
import { MacroButton } from "./Macros";
import { CaseState } from "./tags";
import { useSetup } from "./useSetup";
import "../../ui/tags.css";
import "./cases.css";

interface Props {
  order: { id: number; version: number; no: string };
}

/** Opens a case by hand on an order that has none of that kind. */
function OpenCase({ order, taken }: { order: number; taken: readonly string[] }) {
  const { t } = useTranslation();
  const { types, labels } = useSetup();
  const [open, setOpen] = useState(false);
  const make = useAct(
    (type: string) => cases.open({ order_id: order, type, note: "" }),
    () => setOpen(false),
  );
  if (!open)
    return (
      <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t("cases.open")}
      </Button>
    );
  return (
    <>
      <Select
        size="small"
        autoFocus
        defaultOpen
        className="qd-open-type"
        loading={make.isPending}
        placeholder={t("cases.openType")}
        aria-label={t("cases.openType")}
        showSearch={{ optionFilterProp: "label" }}
        onChange={(type: string) => make.mutate(type)}
        onBlur={() => !make.isPending && setOpen(false)}
        options={types
          .filter((type) => !taken.includes(type.key))
          .map((type) => ({ value: type.key, label: labels.say(type.title) }))}
      />
      {make.isError && <Problem error={make.error} />}
    </>
  );
}

function Archive({ order, talk }: { order: Props["order"]; talk: Talk }) {
  const { t } = useTranslation();
  const right = useRight();
  const archive = useAct(() => cases.archive(order.id, { version: order.version, note: "" }));
  if (!talk.archive) return null;
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={
          <>
            {t("cases.archive.note", { count: Number(talk.archive.tries) })}{" "}
            <Time at={String(talk.archive.since)} as="short" />
          </>
        }
        action={
          right("orders.decide") && (
            <Popconfirm title={t("cases.archive.ask")} onConfirm={() => archive.mutate(undefined)}>
              <Button size="small">{t("cases.archive.do")}</Button>
            </Popconfirm>
          )
        }
      />
      {archive.isError && <Problem error={archive.error} />}
    </>
  );
}

/** What people do about an order: its cases step by step, the address, the buyer, colleagues. */
export function OrderWork({ order }: Props) {
  const { t } = useTranslation();
  const right = useRight();
  const { type } = useSetup();
  const [tab, setTab] = useState("contact");
  const [old, showOld] = useState<number | null>(null);
  const talk = useQuery({
    queryKey: ["cases", "order", order.id],
    queryFn: ({ signal }) => cases.ofOrder(order.id, signal),
  });
  if (talk.isError) return <Problem error={talk.error} retry={talk.refetch} />;
  if (!talk.data) return <Skeleton active paragraph={{ rows: 4 }} />;
  const { data } = talk;
  const open = data.cases.filter((one) => one.state !== "closed");
  const closed = data.cases.filter((one) => one.state === "closed");
  const active = open[0] ?? null;
  return (
    <div className="qd-work" data-testid="order-work">
      <div className="qd-work-head">
        {closed.map((one) => (
          <button
            key={one.id}
            type="button"
            className="qd-old-case"
            aria-pressed={old === one.id}
            onClick={() => showOld(old === one.id ? null : one.id)}
          >
            {type(one.type)} <CaseState row={one} />
          </button>
        ))}
        {data.cases.length === 0 && <span className="qd-muted">{t("cases.noneOnOrder")}</span>}
        {right("cases.work") && (
          <span className="qd-work-acts">
            <OpenCase order={order.id} taken={open.map((one) => one.type)} />
            <MacroButton size="small" orders={[order]} />
          </span>
        )}
      </div>
      <Archive order={order} talk={data} />
      {open.map((one) => (
        <ErrorBoundary key={one.id}>
          <CaseView id={one.id} people={data.people} goTo={setTab} />
        </ErrorBoundary>
      ))}
      {old !== null && <CaseView id={old} people={data.people} goTo={setTab} key={old} />}
      <Tabs
        activeKey={tab}
        onChange={setTab}
        size="small"
        items={[
          {
            key: "contact",
            label: `${t("cases.tab.contact")} ${data.contacts.length || ""}`,
            children: (
              <Contacts order={order.id} talk={data} active={active} toAddress={() => setTab("address")} />
            ),
          },
          {
            key: "address",
            label: t("cases.tab.address"),
            children: <AddressEditor order={order.id} />,
          },
          {
            key: "comments",
            label: `${t("cases.tab.comments")} ${data.comments.length || ""}`,
            children: <Comments order={order.id} talk={data} caseId={active?.id ?? null} />,
          },
          ...(data.payment
            ? [{ key: "bill", label: t("cases.payment.title"), children: <Bill payment={data.payment} /> }]
            : []),
        ]}
      />
    </div>
  );
}
