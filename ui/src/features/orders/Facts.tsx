import { EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "../../api";
import type { FieldValue, OrderDetail, Revealed } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { ordersPath } from "./query";
import { show } from "./values";

/** Signs of fake orders, and what the orders behind each have in common. */
const BEHIND: Record<string, { sign: string; from: number }> = {
  same_receiver_count: { sign: "receiver", from: 2 },
  same_phone_count: { sign: "phone", from: 2 },
  same_buyer_count: { sign: "buyer", from: 2 },
  same_minute_count: { sign: "minute", from: 2 },
  same_amount_count: { sign: "amount", from: 2 },
  receiver_refunds_30d: { sign: "refunds", from: 1 },
};

/** The address of the orders behind a field's count; none where the order is alone. */
function behind(field: string, value: FieldValue | undefined, order: number | string): string | null {
  const of = BEHIND[field];
  return of && Number(value) >= of.from ? ordersPath({ like: `${order}:${of.sign}` }) : null;
}

/** Fields that the head of the card shows already. */
const IN_HEAD = new Set(["order_no", "stage", "channel", "shop"]);

interface UnmaskProps {
  id: number | string;
  onRevealed: (revealed: Revealed) => void;
}

function Unmask({ id, onRevealed }: UnmaskProps) {
  const { t } = useTranslation();
  const unmask = useMutation({
    mutationFn: ({ reason }: { reason: string }) => api.unmask(id, reason.trim()),
    onSuccess: onRevealed,
  });
  const form = (
    <Form<{ reason: string }> onFinish={(values) => unmask.mutate(values)} className="qd-unmask">
      <p>{t("unmask.note")}</p>
      <Form.Item name="reason" rules={[{ required: true, whitespace: true, message: t("unmask.need") }]}>
        <Input autoFocus placeholder={t("unmask.reason")} aria-label={t("unmask.reason")} maxLength={200} />
      </Form.Item>
      {unmask.isError && <Problem error={unmask.error} />}
      <Button type="primary" htmlType="submit" size="small" loading={unmask.isPending}>
        {t("unmask.submit")}
      </Button>
    </Form>
  );
  return (
    <Popover trigger="click" content={form} placement="topRight" destroyOnHidden>
      <Button size="small" icon={<EyeOutlined aria-hidden />}>
        {t("unmask.title")}
      </Button>
    </Popover>
  );
}

/** What is known of the order, by the groups of the catalogue; personal data is masked until asked for. */
export function Facts({ detail }: { detail: Pick<OrderDetail, "order"> }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const right = useRight();
  const [revealed, setRevealed] = useState<Revealed | null>(null);
  const values: Record<string, FieldValue> = { ...detail.order, ...revealed };
  return (
    <div className="qd-facts">
      {labels.groups.map((group) => {
        const shown = labels.fields
          .filter((field) => field.group === group.id && field.scope === "order" && !IN_HEAD.has(field.id))
          .map((field) => ({ field, node: show(field, values[field.id], labels, t) }))
          .filter(({ node }) => node !== null);
        if (shown.length === 0) return null;
        return (
          <div key={group.id} className="qd-fact-group">
            <div className="qd-fact-head">
              <h4>{labels.say(group)}</h4>
              {group.id === "receiver" && right("orders.unmask") && revealed === null && (
                <Unmask id={detail.order.id} onRevealed={setRevealed} />
              )}
            </div>
            <dl>
              {shown.map(({ field, node }) => {
                const to = behind(field.id, values[field.id], detail.order.id);
                return (
                  <div key={field.id}>
                    <dt>{labels.say(field)}</dt>
                    <dd>{to ? <Link to={to}>{node}</Link> : node}</dd>
                  </div>
                );
              })}
            </dl>
          </div>
        );
      })}
    </div>
  );
}
