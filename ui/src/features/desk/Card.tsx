import { useQuery } from "@tanstack/react-query";
import { Alert, Skeleton } from "antd";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import { useLabels } from "../../app/catalogue";
import { usePreferences } from "../../app/preferences";
import { Money } from "../../ui/Money";
import { Problem } from "../../ui/Problem";
import { Deadline } from "../../ui/Time";
import { StageTag, TierTag } from "../../ui/tags";
import { OrderWork } from "../cases/OrderWork";
import { Facts } from "../orders/Facts";
import { Lines } from "../orders/Lines";
import { ordersPath } from "../orders/query";
import { Timeline } from "../orders/Timeline";
import { Why } from "../orders/Why";
import { type DeskRow, desk } from "./api";

/** Other orders that could go in one parcel with this one. */
function Together({ row }: { row: DeskRow }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["desk", "merge", row.id],
    queryFn: ({ signal }) => desk.merge(row.id, signal),
    staleTime: 60_000,
  });
  const rows = found.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={t("desk.together", { count: rows.length })}
      description={
        <ul className="qd-together">
          {rows.slice(0, 5).map((other) => (
            <li key={other.id}>
              <Link to={ordersPath({ q: other.order_no })} className="qd-num">
                {other.order_no}
              </Link>
              <StageTag id={other.stage} />
              <span className="qd-ellipsis">{other.goods_title}</span>
              <Money fen={other.paid_amount} />
            </li>
          ))}
        </ul>
      }
    />
  );
}

/** The order before the person: first what stopped it, then what is needed to judge it. */
export const Card = memo(function Card({ row }: { row: DeskRow }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { language } = usePreferences();
  const id = String(row.id);
  const detail = useQuery({
    queryKey: ["order", id, language],
    queryFn: ({ signal }) => api.order(id, signal),
    staleTime: 60_000,
  });
  const shown = detail.data;
  const notes = [
    { label: labels.field("buyer_message"), text: row.buyer_message },
    { label: labels.field("seller_memo"), text: row.seller_memo },
  ].filter(({ text }) => text);
  return (
    <article className="qd-play-card" data-testid="play-card" data-order={id} aria-label={row.order_no}>
      <header>
        <h2 className="qd-num">{row.order_no}</h2>
        <StageTag id={row.stage} />
        <TierTag id={row.tier} />
        <Money fen={row.paid_amount} />
        <span className="qd-muted">
          {labels.value("channel", row.channel)} · {row.shop}
        </span>
        <span className="qd-play-due">
          {t("desk.due")} <Deadline at={row.desk.due ?? row.due_at} />
        </span>
      </header>
      <p className="qd-play-why">{labels.say(row.desk.why)}</p>
      {row.desk.ask && <Alert type="warning" showIcon title={t("desk.asks")} />}
      {detail.isError && <Problem error={detail.error} retry={detail.refetch} />}
      {detail.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {shown && (
        <>
          <section aria-label={t("desk.stopped")}>
            <h3>{t("desk.stopped")}</h3>
            <Why detail={shown} key={id} />
          </section>
          {notes.length > 0 && (
            <dl className="qd-play-notes">
              {notes.map(({ label, text }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          )}
          <Together row={row} />
          <section aria-label={t("cases.work")}>
            <h3>{t("cases.work")}</h3>
            <OrderWork order={{ id: row.id, version: row.version, no: row.order_no }} key={`work-${id}`} />
          </section>
          <section>
            <h3>{t("order.lines")}</h3>
            <Lines lines={shown.lines} />
          </section>
          <section>
            <h3>{t("order.facts")}</h3>
            <Facts detail={shown} key={id} />
          </section>
          <section>
            <h3>{t("order.events")}</h3>
            <Timeline events={shown.events} />
          </section>
        </>
      )}
    </article>
  );
});
