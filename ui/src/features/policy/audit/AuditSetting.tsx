import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Form, InputNumber, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { Problem } from "../../../ui/Problem";
import { type AuditRules, audits } from "../api";

interface Asked {
  share: number;
  limit: number;
  controls: boolean;
}

const percent = (value: number) => Math.round(value * 10_000) / 100;

/** How much is drawn, and from which defect rate on a check is paused. */
export function AuditSetting({ now, onClose }: { now: AuditRules; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Asked>();
  const save = useMutation({
    mutationFn: ({ share, limit, controls }: Asked) =>
      audits.set({ share: share / 100, limit: limit / 100, controls }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["audits"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("studio.audit.set")}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={t("studio.audit.save")}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading: save.isPending }}
      onOk={() => form.submit()}
      width={460}
    >
      <Form<Asked>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ share: percent(now.share), limit: percent(now.limit), controls: now.controls }}
        onFinish={(values) => save.mutate(values)}
      >
        <Form.Item name="share" label={t("studio.audit.share")} extra={t("studio.audit.shareText")}>
          <InputNumber min={0} max={100} step={0.5} suffix="%" />
        </Form.Item>
        <Form.Item name="limit" label={t("studio.audit.limit")} extra={t("studio.audit.limitText")}>
          <InputNumber min={0.1} max={50} step={0.5} suffix="%" />
        </Form.Item>
        <Form.Item name="controls" valuePropName="checked" extra={t("studio.audit.controlsText")}>
          <Checkbox>{t("studio.audit.controls")}</Checkbox>
        </Form.Item>
        {save.isError && <Problem error={save.error} />}
      </Form>
    </Modal>
  );
}
