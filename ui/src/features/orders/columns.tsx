import type { TableColumnsType } from "antd";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import type { OrderRow } from "../../api/types";
import type { Labels } from "../../app/catalogue";
import { Money } from "../../ui/Money";
import { Deadline, Time } from "../../ui/Time";
import { ReasonTags, StageTag, TierTag, VerdictTag } from "../../ui/tags";

export const COLUMN_IDS = [
  "order_no",
  "channel",
  "shop",
  "stage",
  "tier",
  "reasons",
  "paid_amount",
  "due_at",
  "region",
  "goods_title",
  "buyer_message",
  "seller_memo",
  "owner_role",
  "verdict",
  "receiver_name",
  "created_at",
  "paid_at",
  "ship_by",
  "platform_status",
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

export const DEFAULT_COLUMNS: readonly ColumnId[] = [
  "order_no",
  "channel",
  "stage",
  "tier",
  "reasons",
  "paid_amount",
  "due_at",
  "region",
  "goods_title",
  "buyer_message",
  "seller_memo",
  "created_at",
];

/** Stages in which the deadline no longer runs. */
const CLOSED = new Set(["released", "sent", "shipped", "cancelled", "archived"]);

const cut = (text: string | null, width: number) =>
  text ? (
    <span className="qd-ellipsis" style={{ maxWidth: width }} title={text}>
      {text}
    </span>
  ) : (
    <span className="qd-muted">—</span>
  );

const region = (row: OrderRow, labels: Labels) =>
  [
    labels.value("province", row.province),
    row.province && row.city?.startsWith(row.province) ? null : row.city,
  ]
    .filter(Boolean)
    .join(" ");

/** Columns of the order list, in their order; the chooser picks among them. */
export function makeColumns(labels: Labels, t: TFunction): TableColumnsType<OrderRow> {
  const title = (id: ColumnId) => (id === "region" ? t("column.region") : t(`column.${id}`));
  const cell: Record<ColumnId, (row: OrderRow) => ReactNode> = {
    order_no: (row) => <span className="qd-num qd-order-no">{row.order_no}</span>,
    channel: (row) => labels.value("channel", row.channel),
    shop: (row) => cut(row.shop, 140),
    stage: (row) => <StageTag id={row.stage} />,
    tier: (row) => <TierTag id={row.tier} />,
    reasons: (row) => <ReasonTags ids={row.reasons} />,
    paid_amount: (row) => <Money fen={row.paid_amount} />,
    due_at: (row) => <Deadline at={CLOSED.has(row.stage) ? null : row.due_at} />,
    region: (row) => cut(region(row, labels), 116),
    goods_title: (row) => cut(row.goods_title, 180),
    buyer_message: (row) => cut(row.buyer_message, 150),
    seller_memo: (row) => cut(row.seller_memo, 150),
    owner_role: (row) => labels.role(row.owner_role) || <span className="qd-muted">—</span>,
    verdict: (row) => <VerdictTag id={row.verdict} />,
    receiver_name: (row) => cut(row.receiver_name, 80),
    created_at: (row) => <Time at={row.created_at} as="short" />,
    paid_at: (row) => <Time at={row.paid_at} as="short" />,
    ship_by: (row) => (
      <span className={row.late ? "qd-red" : undefined}>
        <Time at={row.ship_by} as="short" />
      </span>
    ),
    platform_status: (row) => cut(row.platform_status, 120),
  };
  const sortable = new Set<ColumnId>([
    "order_no",
    "paid_amount",
    "due_at",
    "created_at",
    "paid_at",
    "ship_by",
  ]);
  return COLUMN_IDS.map((id) => ({
    key: id,
    title: title(id),
    align: id === "paid_amount" ? ("right" as const) : ("left" as const),
    sorter: sortable.has(id),
    fixed: id === "order_no" ? ("start" as const) : undefined,
    render: (_value: unknown, row: OrderRow) => cell[id](row),
  }));
}
