import { Form, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences";
import { Problem } from "../../ui/Problem";
import type { Adapter, Warehouse, WarehouseIn } from "./warehouses";

interface Props {
  warehouse: Warehouse | null;
  adapters: readonly Adapter[];
  busy: boolean;
  error: unknown;
  onCancel: () => void;
  onSave: (body: WarehouseIn) => void;
}

type Values = Omit<WarehouseIn, "settings"> & { settings: Record<string, string> };

/** Connects a warehouse, or changes one; the secret can be written and never read. */
export function WarehouseDialog({ warehouse, adapters, busy, error, onCancel, onSave }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [form] = Form.useForm<Values>();
  const [kind, setKind] = useState(warehouse?.adapter ?? "qimen");
  const adapter = adapters.find((one) => one.id === kind);
  const known = warehouse?.settings ?? {};
  const asked = [...(adapter?.required ?? []), ...(adapter?.optional ?? [])];
  const given = Object.fromEntries(
    asked.map((key) => [key, known[key] === undefined ? "" : String(known[key])]),
  );
  return (
    <Modal
      open
      width={640}
      title={t(warehouse ? "warehouse.change" : "warehouse.add")}
      okText={t("warehouse.save")}
      cancelText={t("action.cancel")}
      okButtonProps={{ loading: busy }}
      onCancel={onCancel}
      onOk={() => form.submit()}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        className="qd-warehouse-form"
        initialValues={{
          name: warehouse?.name ?? "",
          adapter: kind,
          secret: "",
          active: warehouse?.active ?? true,
          concurrency: warehouse?.concurrency ?? 8,
          settings: given,
        }}
        onFinish={(values) => {
          const told = Object.entries(values.settings ?? {}).filter(
            ([, text]) => String(text ?? "").trim() !== "",
          );
          // settings without a place in this form, such as a sender, stay as they are
          const rest = Object.entries(known).filter(([key]) => !asked.includes(key));
          onSave({ ...values, settings: Object.fromEntries([...rest, ...told]) });
        }}
      >
        <Form.Item name="name" label={t("warehouse.name")} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={40} disabled={warehouse !== null} />
        </Form.Item>
        <Form.Item name="adapter" label={t("warehouse.adapter")}>
          <Select
            onChange={setKind}
            options={adapters.map((one) => ({ value: one.id, label: one.label[language] }))}
          />
        </Form.Item>
        {asked.map((key) => (
          <Form.Item
            key={key}
            name={["settings", key]}
            label={t(`warehouse.setting.${key}`, { defaultValue: key })}
            rules={adapter?.required.includes(key) ? [{ required: true, whitespace: true }] : []}
          >
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
        ))}
        {adapter?.wants_secret && (
          <Form.Item
            name="secret"
            label={t("warehouse.secret")}
            extra={t(warehouse?.has_secret ? "warehouse.secretKept" : "warehouse.secretNone")}
          >
            <Input.Password autoComplete="new-password" maxLength={500} visibilityToggle={false} />
          </Form.Item>
        )}
        <Form.Item name="concurrency" label={t("warehouse.concurrency")}>
          <InputNumber min={1} max={64} />
        </Form.Item>
        <Form.Item name="active" label={t("warehouse.active")} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
      {error !== null && <Problem error={error} />}
    </Modal>
  );
}
