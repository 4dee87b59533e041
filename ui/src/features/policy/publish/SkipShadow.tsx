import { Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";

/** Asks why a policy goes live without having judged a single incoming order beside the live one. */
export function SkipShadow({ onSkip, onClose }: { onSkip: (why: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ why: string }>();
  return (
    <Modal
      open
      title={t("studio.rollout.skipTitle")}
      onCancel={onClose}
      closable={{ "aria-label": t("action.close") }}
      okText={t("studio.rollout.skip")}
      cancelText={t("action.cancel")}
      onOk={() => form.submit()}
      width={460}
    >
      <p className="qd-muted">{t("studio.rollout.skipText")}</p>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={({ why }) => onSkip(why.trim())}>
        <Form.Item
          name="why"
          label={t("studio.rollout.skipWhy")}
          rules={[{ required: true, whitespace: true, message: t("studio.rollout.skipNeed") }]}
        >
          <Input.TextArea autoFocus rows={2} maxLength={500} placeholder={t("studio.rollout.skipHint")} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
