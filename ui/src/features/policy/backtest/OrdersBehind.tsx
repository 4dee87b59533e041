import { useQuery } from "@tanstack/react-query";
import { Drawer, Skeleton, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderRow } from "../../../api/types";
import { useLabels } from "../../../app/catalogue";
import { Money } from "../../../ui/Money";
import { Problem } from "../../../ui/Problem";
import { ReasonTags, StageTag } from "../../../ui/tags";
import { OrderDrawer } from "../../orders/OrderDrawer";

interface Props {
  title: string | null;
  queryKey: readonly unknown[];
  load: (signal: AbortSignal) => Promise<OrderRow[]>;
  onClose: () => void;
}

/** The orders behind a figure; each opens its card. */
export function OrdersBehind({ title, queryKey, load, onClose }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [open, setOpen] = useState<number | null>(null);
  const orders = useQuery({
    queryKey: ["behind", ...queryKey],
    queryFn: ({ signal }) => load(signal),
    enabled: title !== null,
    staleTime: 60_000,
  });
  const rows = orders.data ?? [];
  const at = rows.findIndex((row) => row.id === open);
  const close = () => {
    setOpen(null);
    onClose();
  };
  return (
    <>
      <Drawer
        open={title !== null}
        onClose={close}
        size="min(820px, calc(100vw - 120px))"
        title={title}
        closable={{ "aria-label": t("action.close") }}
      >
        {orders.isError && <Problem error={orders.error} retry={orders.refetch} />}
        {orders.isPending && title !== null && <Skeleton active />}
        {orders.data && (
          <Table<OrderRow>
            size="small"
            rowKey="id"
            dataSource={rows}
            pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
            locale={{ emptyText: t("studio.behind.none") }}
            columns={[
              {
                key: "no",
                title: t("column.order_no"),
                render: (_, row) => (
                  <button type="button" className="qd-link qd-num" onClick={() => setOpen(row.id)}>
                    {row.order_no}
                  </button>
                ),
              },
              { key: "shop", title: t("column.shop"), dataIndex: "shop" },
              {
                key: "amount",
                title: t("column.paid_amount"),
                align: "right",
                render: (_, row) => <Money fen={row.paid_amount} />,
              },
              {
                key: "province",
                title: t("column.province"),
                render: (_, row) => labels.value("province", row.province) || "—",
              },
              { key: "stage", title: t("column.stage"), render: (_, row) => <StageTag id={row.stage} /> },
              {
                key: "reasons",
                title: t("column.reasons"),
                render: (_, row) => <ReasonTags ids={row.reasons} />,
              },
            ]}
          />
        )}
      </Drawer>
      <OrderDrawer
        id={open === null ? null : String(open)}
        onClose={() => setOpen(null)}
        onStep={(by) => setOpen(rows[at + by]?.id ?? open)}
        hasPrevious={at > 0}
        hasNext={at >= 0 && at < rows.length - 1}
      />
    </>
  );
}
