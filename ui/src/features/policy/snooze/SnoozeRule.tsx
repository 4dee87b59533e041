import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, DatePicker, Form, Input, Modal, Select, Tooltip } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExplainedRule, OrderDetail } from "../../../api/types";
import { useLabels } from "../../../app/catalogue";
import { useRight } from "../../../app/session";
import { Problem } from "../../../ui/Problem";
import { type NewSnooze, snoozes } from "../api";
import "./snooze.css";

const LONGEST_DAYS = 180;
const DAYS = [7, 30, 90] as const;
const STOPS = new Set(["check", "exception", "hold"]);

interface Asked {
  whom: string;
  until: Dayjs;
  reason: string;
}

/** Whom the order lets a rule be snoozed for; a SKU is told apart by its code. */
function subjects(detail: OrderDetail): { kind: NewSnooze["kind"]; sku: string }[] {
  const { order, lines } = detail;
  const codes = [...new Set(lines.map((line) => line.sku_code).filter((code) => typeof code === "string"))];
  return [
    ...(order.buyer_token ? [{ kind: "buyer" as const, sku: "" }] : []),
    ...(order.receiver_key ? [{ kind: "receiver" as const, sku: "" }] : []),
    ...codes.map((sku) => ({ kind: "sku" as const, sku })),
  ];
}

function Dialog({
  detail,
  rule,
  onClose,
}: {
  detail: OrderDetail;
  rule: ExplainedRule;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Asked>();
  const choices = subjects(detail);
  const save = useMutation({
    mutationFn: ({ whom, until, reason }: Asked) => {
      const chosen = choices[Number(whom)];
      if (!chosen) throw new Error("no subject");
      return snoozes.create({
        order: detail.order.id,
        rule: rule.id,
        until: until.toISOString(),
        reason: reason.trim(),
        ...chosen,
      });
    },
    onSuccess: async () => {
      message.success(t("studio.snooze.done"));
      onClose();
      await Promise.all(
        ["snoozes", "order", "orders", "board"].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  return (
    <Modal
      open
      title={t("studio.snooze.title", { rule: labels.say(rule.title) })}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={t("studio.snooze.save")}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading: save.isPending, disabled: choices.length === 0 }}
      onOk={() => form.submit()}
      width={480}
    >
      <p className="qd-muted qd-snooze-means">{t(`studio.snooze.means.${rule.kind}`)}</p>
      <Form<Asked>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ whom: choices.length ? "0" : undefined, until: dayjs().add(7, "day").endOf("day") }}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item name="whom" label={t("studio.snooze.whom")} extra={t("studio.snooze.whomText")}>
          <Select
            options={choices.map((one, place) => ({
              value: String(place),
              label: t(`studio.snooze.this.${one.kind}`, { sku: one.sku }),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="until"
          label={t("studio.snooze.until")}
          rules={[{ required: true, message: t("studio.snooze.needUntil") }]}
        >
          <DatePicker
            showTime={{ format: "HH:mm" }}
            format="YYYY-MM-DD HH:mm"
            disabledDate={(day) =>
              day.isBefore(dayjs().startOf("day")) || day.isAfter(dayjs().add(LONGEST_DAYS, "day"))
            }
            presets={DAYS.map((days) => ({
              label: t("studio.snooze.days", { n: days }),
              value: dayjs().add(days, "day").endOf("day"),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t("studio.snooze.reason")}
          rules={[{ required: true, whitespace: true, message: t("studio.snooze.needReason") }]}
        >
          <Input.TextArea rows={2} maxLength={500} placeholder={t("studio.snooze.reasonHint")} />
        </Form.Item>
        {save.isError && <Problem error={save.error} />}
      </Form>
    </Modal>
  );
}

/** Lets a rule that stopped the order not count for its buyer, receiver or SKU for a while. */
export function SnoozeRule({ detail, rule }: { detail: OrderDetail; rule: ExplainedRule }) {
  const { t } = useTranslation();
  const right = useRight();
  const [open, setOpen] = useState(false);
  if (!right("policies.edit") || !STOPS.has(rule.kind) || rule.snoozed) return null;
  return (
    <>
      <Tooltip title={t("studio.snooze.buttonHint")}>
        <Button
          type="link"
          size="small"
          className="qd-snooze"
          data-snooze={rule.id}
          onClick={() => setOpen(true)}
        >
          {t("studio.snooze.button")}
        </Button>
      </Tooltip>
      {open && <Dialog detail={detail} rule={rule} onClose={() => setOpen(false)} />}
    </>
  );
}
