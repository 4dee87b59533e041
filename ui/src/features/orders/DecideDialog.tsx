import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, DatePicker, Form, Input, Modal } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import { ApiError } from "../../api/http";
import type { Action, FieldValue, OrderDetail } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { Problem } from "../../ui/Problem";
import { differences } from "./conflict";
import { show } from "./values";

interface Answer {
  reason: string;
  until?: Dayjs | null;
}

function Changed({ detail, error }: { detail: OrderDetail; error: ApiError }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const now = error.problem.details?.order as Record<string, FieldValue> | undefined;
  const rows = now ? differences(detail.order, now, labels.fields) : [];
  return (
    <Alert
      type="warning"
      showIcon
      title={t("decide.conflict")}
      description={
        rows.length > 0 && (
          <ul>
            {rows.map(({ field, before, after }) => (
              <li key={field.id}>
                {labels.say(field)} <s>{show(field, before, labels, t) ?? t("rule.empty")}</s> →{" "}
                <b>{show(field, after, labels, t) ?? t("rule.empty")}</b>
              </li>
            ))}
          </ul>
        )
      }
    />
  );
}

interface DialogProps {
  action: Action;
  detail: OrderDetail;
  onClose: () => void;
}

/** Asks for the reason, and shows what changed when somebody was faster. */
export function DecideDialog({ action, detail, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Answer>();
  // the card follows the server while the dialog is open; what she decides on is what she saw when she opened it
  const [seen, see] = useState(detail);
  const [catchingUp, catchUp] = useState(false);
  useEffect(() => {
    if (!catchingUp || detail === seen) return;
    see(detail);
    catchUp(false);
  }, [catchingUp, detail, seen]);
  const { id, version } = seen.order;
  const decide = useMutation({
    mutationFn: ({ reason, until }: Answer) =>
      api.decide(id, {
        action,
        reason: reason.trim(),
        version,
        ...(until ? { until: until.toISOString() } : {}),
      }),
    onSuccess: () => {
      message.success(t(`decide.done.${action}`));
      onClose();
    },
    onSettled: (_row, error) => {
      if (error) return;
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["order"] });
      void client.invalidateQueries({ queryKey: ["board"] });
    },
  });
  const conflict = decide.error instanceof ApiError && decide.error.status === 409 ? decide.error : null;
  const reload = async () => {
    decide.reset();
    catchUp(true);
    await client.invalidateQueries({ queryKey: ["order"] });
    void client.invalidateQueries({ queryKey: ["orders"] });
  };
  const add = (phrase: string) => form.setFieldsValue({ reason: phrase });
  const phrases = t(`decide.phrases.${action}`).split("|");
  return (
    <Modal
      open
      title={t(`decide.title.${action}`, { number: String(detail.order.order_no ?? "") })}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={conflict ? t("decide.reload") : t(`decide.action.${action}`)}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading: decide.isPending, danger: !conflict && action === "exception" }}
      onOk={() => (conflict ? void reload() : form.submit())}
      width={480}
    >
      <Form<Answer>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(values) => decide.mutate(values)}
      >
        <Form.Item
          name="reason"
          label={t("decide.reason")}
          rules={[{ required: true, whitespace: true, message: t("decide.need") }]}
        >
          <Input.TextArea autoFocus rows={3} maxLength={500} placeholder={t(`decide.hint.${action}`)} />
        </Form.Item>
        <div className="qd-phrases">
          {phrases.map((phrase) => (
            <Button key={phrase} size="small" onClick={() => add(phrase)}>
              {phrase}
            </Button>
          ))}
        </div>
        {action === "hold" && (
          <Form.Item name="until" label={t("decide.until")}>
            <DatePicker
              showTime={{ format: "HH:mm" }}
              format="YYYY-MM-DD HH:mm"
              minDate={dayjs()}
              placeholder={t("decide.untilHint")}
              style={{ width: "100%" }}
            />
          </Form.Item>
        )}
        {conflict && <Changed detail={seen} error={conflict} />}
        {decide.isError && !conflict && <Problem error={decide.error} />}
      </Form>
    </Modal>
  );
}
