import { EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { FieldValue, OrderDetail, Revealed } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { show } from "./values";

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
export function Facts({ detail }: { detail: OrderDetail }) {
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
              {shown.map(({ field, node }) => (
                <div key={field.id}>
                  <dt>{labels.say(field)}</dt>
                  <dd>{node}</dd>
                </div>
              ))}
            </dl>
          </div>
        );
      })}
    </div>
  );
}
