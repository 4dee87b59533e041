import { CopyOutlined, DownOutlined, UpOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Drawer, Skeleton, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { OrderDetail } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { ErrorBoundary } from "../../app/ErrorBoundary";
import { usePreferences } from "../../app/preferences";
import { useRight } from "../../app/session";
import { Money } from "../../ui/Money";
import { Problem } from "../../ui/Problem";
import { Deadline, Time } from "../../ui/Time";
import { StageTag, TierTag, VerdictTag } from "../../ui/tags";
import { OrderWork } from "../cases/OrderWork";
import { Decide } from "./Decide";
import { Facts } from "./Facts";
import { Lines } from "./Lines";
import { Timeline } from "./Timeline";
import { Why } from "./Why";
import "./drawer.css";

interface Props {
  id: string | null;
  onClose: () => void;
  onStep: (by: 1 | -1) => void;
  hasPrevious: boolean;
  hasNext: boolean;
}

const CLOSED = new Set(["released", "sent", "shipped", "cancelled", "archived"]);

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function Item({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Head({ detail }: { detail: OrderDetail }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const { order, decision } = detail;
  const number = text(order.order_no) ?? "";
  const stage = text(order.stage) ?? "";
  const closed = CLOSED.has(stage);
  const copy = async () => {
    await navigator.clipboard.writeText(number);
    message.success(t("order.copied"));
  };
  return (
    <div className="qd-card-head">
      <div className="qd-card-title">
        <h2 className="qd-num">{number}</h2>
        <Button
          type="text"
          size="small"
          icon={<CopyOutlined aria-hidden />}
          aria-label={t("order.copy")}
          onClick={() => void copy()}
        />
        <StageTag id={stage} />
        <TierTag id={decision.tier} tentative={decision.tier_tentative} />
      </div>
      <dl className="qd-card-facts">
        <Item label={labels.field("channel")}>
          {labels.value("channel", text(order.channel))} · {text(order.shop)}
        </Item>
        <Item label={labels.field("paid_amount")}>
          <Money fen={typeof order.paid_amount === "number" ? order.paid_amount : null} />
        </Item>
        <Item label={t("column.owner_role")}>{labels.role(decision.owner_role) || "—"}</Item>
        <Item label={t("order.respond_by")}>
          <Deadline at={decision.respond_by} closed={closed} />
        </Item>
        <Item label={t("order.resolve_by")}>
          <Deadline at={decision.resolve_by} closed={closed} />
        </Item>
        <Item label={labels.field("ship_by")}>
          <Deadline at={decision.ship_by} closed={stage === "shipped" || stage === "cancelled"} />
        </Item>
      </dl>
      {decision.decided_by && decision.reviewed_at && (
        <p className="qd-muted">
          {t(`order.decidedBy.${decision.decided_by.kind}`, {
            defaultValue: t("order.decidedBy.other"),
            name: decision.decided_by.name ?? "",
          })}{" "}
          <Time at={decision.reviewed_at} as="both" />
        </p>
      )}
    </div>
  );
}

function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="qd-card-section">
      <h3>
        {title} {note}
      </h3>
      <ErrorBoundary>{children}</ErrorBoundary>
    </section>
  );
}

/** The order card: what it is, why it is here, what to do, what happened. */
export function OrderDrawer({ id, onClose, onStep, hasPrevious, hasNext }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const right = useRight();
  const detail = useQuery({
    queryKey: ["order", id, language],
    queryFn: ({ signal }) => api.order(id ?? "", signal),
    enabled: id !== null,
  });
  const shown = detail.data;
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      mask={false}
      size="min(760px, calc(100vw - 120px))"
      rootClassName="qd-drawer"
      title={t("order.title")}
      aria-label={t("order.title")}
      closable={{ "aria-label": t("action.close") }}
      extra={
        <>
          <Tooltip title={t("order.previousKey")}>
            <Button
              type="text"
              disabled={!hasPrevious}
              icon={<UpOutlined aria-hidden />}
              aria-label={t("order.previous")}
              onClick={() => onStep(-1)}
            />
          </Tooltip>
          <Tooltip title={t("order.nextKey")}>
            <Button
              type="text"
              disabled={!hasNext}
              icon={<DownOutlined aria-hidden />}
              aria-label={t("order.next")}
              onClick={() => onStep(1)}
            />
          </Tooltip>
        </>
      }
      footer={shown && <Decide detail={shown} key={String(shown.order.id)} />}
    >
      {detail.isError && <Problem error={detail.error} retry={detail.refetch} />}
      {detail.isPending && id !== null && <Skeleton active paragraph={{ rows: 10 }} />}
      {shown && (
        <div data-testid="order-card" data-order={String(shown.order.id)}>
          <Head detail={shown} />
          <Section title={t("order.why")} note={<VerdictTag id={shown.decision.verdict} />}>
            <Why detail={shown} />
          </Section>
          {right("cases.view") && (
            <Section title={t("cases.work")}>
              <OrderWork
                order={{
                  id: Number(shown.order.id),
                  version: Number(shown.order.version),
                  no: text(shown.order.order_no) ?? "",
                }}
                key={String(shown.order.id)}
              />
            </Section>
          )}
          <Section title={t("order.lines")}>
            <Lines lines={shown.lines} />
          </Section>
          <Section title={t("order.facts")}>
            <Facts detail={shown} key={String(shown.order.id)} />
          </Section>
          <Section title={t("order.events")}>
            <Timeline events={shown.events} />
          </Section>
        </div>
      )}
    </Drawer>
  );
}
