import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Select, Skeleton, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRight } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { CHANNELS, cases, type Template, type TemplateIn } from "./api";
import { useSetup } from "./useSetup";

interface DialogProps {
  template: Template | null;
  places: readonly string[];
  onClose: () => void;
}

function TemplateDialog({ template, places, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { types, labels } = useSetup();
  const client = useQueryClient();
  const [form] = Form.useForm<TemplateIn>();
  const save = useMutation({
    mutationFn: (body: TemplateIn) => cases.saveTemplate(template?.id ?? null, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["cases", "templates"] });
      onClose();
    },
  });
  const needed = [{ required: true, whitespace: true, message: t("cases.needed") }];
  return (
    <Modal
      open
      width={640}
      title={t(template ? "cases.templates.change" : "cases.templates.add")}
      okText={t("cases.save")}
      cancelText={t("action.cancel")}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<TemplateIn>
        form={form}
        layout="vertical"
        initialValues={template ?? { name: "", channel: "chat", types: [], text: "", active: true }}
        onFinish={(values) => save.mutate({ ...values, active: values.active ?? true })}
      >
        <div className="qd-pair">
          <Form.Item name="name" label={t("cases.templates.name")} rules={needed}>
            <Input maxLength={40} />
          </Form.Item>
          <Form.Item name="channel" label={t("cases.templates.channel")}>
            <Select
              options={CHANNELS.map((value) => ({ value, label: t(`cases.contact.channel.${value}`) }))}
            />
          </Form.Item>
        </div>
        <Form.Item name="text" label={t("cases.templates.text")} rules={needed}>
          <Input.TextArea autoSize={{ minRows: 4, maxRows: 10 }} maxLength={500} showCount />
        </Form.Item>
        <div className="qd-quick qd-places">
          {places.map((place) => (
            <button
              key={place}
              type="button"
              className="qd-tag"
              onClick={() => form.setFieldValue("text", `${form.getFieldValue("text") ?? ""}{${place}}`)}
            >
              {place}
            </button>
          ))}
        </div>
        <Form.Item name="types" label={t("cases.templates.types")} extra={t("cases.templates.typesHint")}>
          <Select
            mode="multiple"
            options={types.map((type) => ({ value: type.key, label: labels.say(type.title) }))}
          />
        </Form.Item>
        <Form.Item name="active" label={t("cases.inUse")} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
      {save.isError && <Problem error={save.error} />}
    </Modal>
  );
}

/** Messages to buyers that people compose from. */
export function TemplatesTab() {
  const { t } = useTranslation();
  const right = useRight();
  const [open, setOpen] = useState<Template | "new" | null>(null);
  const found = useQuery({
    queryKey: ["cases", "templates"],
    queryFn: ({ signal }) => cases.templates(signal),
  });
  if (found.isError) return <Problem error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton active />;
  const edits = right("sops.edit");
  return (
    <section className="qd-panel">
      <div className="qd-panel-body">
        {edits && (
          <div className="qd-tab-tools">
            <Button type="primary" onClick={() => setOpen("new")}>
              {t("cases.templates.add")}
            </Button>
          </div>
        )}
        <ul className="qd-settings" data-testid="templates">
          {found.data.rows.map((row) => (
            <li key={row.id} data-active={row.active}>
              <div>
                <b>{row.name}</b> <span className="qd-tag">{t(`cases.contact.channel.${row.channel}`)}</span>
                {!row.active && <span className="qd-tag">{t("cases.outOfUse")}</span>}
                <p className="qd-muted">{row.text}</p>
              </div>
              {edits && (
                <Button type="link" size="small" onClick={() => setOpen(row)}>
                  {t("cases.edit")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      {open && (
        <TemplateDialog
          template={open === "new" ? null : open}
          places={found.data.places}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}
