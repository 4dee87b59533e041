import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { type Cause, cases } from "./api";
import { useSetup } from "./useSetup";

interface Values {
  zh: string;
  en: string;
  types: string[];
  active: boolean;
}

function CauseDialog({ cause, onClose }: { cause: Cause | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { types, labels } = useSetup();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const save = useMutation({
    mutationFn: ({ active, ...values }: Values) =>
      cause ? cases.changeCause(cause.id, { ...values, active }) : cases.addCause(values),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["cases"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t(cause ? "cases.causes.change" : "cases.causes.add")}
      okText={t("cases.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={cause ?? { zh: "", en: "", types: [], active: true }}
        onFinish={(values) => save.mutate({ ...values, active: values.active ?? true })}
      >
        <Form.Item
          name="zh"
          label={t("cases.causes.zh")}
          rules={[{ required: true, whitespace: true, message: t("cases.needed") }]}
        >
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="en" label={t("cases.causes.en")}>
          <Input maxLength={80} />
        </Form.Item>
        <Form.Item name="types" label={t("cases.causes.types")} extra={t("cases.causes.typesHint")}>
          <Select
            mode="multiple"
            options={types.map((type) => ({ value: type.key, label: labels.say(type.title) }))}
          />
        </Form.Item>
        {cause && (
          <Form.Item name="active" label={t("cases.causes.active")} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
      </Form>
      {save.isError && <Problem error={save.error} />}
    </Modal>
  );
}

/** The team's root causes. */
export function CausesTab() {
  const { t } = useTranslation();
  const right = useRight();
  const { causes, type, labels } = useSetup();
  const [open, setOpen] = useState<Cause | "new" | null>(null);
  const edits = right("sops.edit");
  return (
    <section className="qd-panel">
      <div className="qd-panel-body">
        {right("cases.work") && (
          <div className="qd-tab-tools">
            <Button type="primary" onClick={() => setOpen("new")}>
              {t("cases.causes.add")}
            </Button>
          </div>
        )}
        <div className="qd-history">
          <table data-testid="causes">
            <thead>
              <tr>
                {["name", "types", "active", "acts"].map((key) => (
                  <th key={key} scope="col">
                    {t(`cases.causes.head.${key}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {causes.map((cause) => (
                <tr key={cause.id}>
                  <td>{labels.say(cause)}</td>
                  <td className="qd-wrap">
                    {cause.types.length === 0 ? (
                      <span className="qd-muted">{t("cases.allTypes")}</span>
                    ) : (
                      cause.types.map(type).join(t("cases.listMark"))
                    )}
                  </td>
                  <td>{t(cause.active ? "cases.inUse" : "cases.outOfUse")}</td>
                  <td>
                    {edits && (
                      <Button type="link" size="small" onClick={() => setOpen(cause)}>
                        {t("cases.edit")}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      {open && <CauseDialog cause={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </section>
  );
}
