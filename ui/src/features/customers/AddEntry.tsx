import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, DatePicker, Form, Input, Modal, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useProblem } from "../../ui/Problem";
import { customers, type Kind } from "./api";

interface Values {
  channel?: string;
  buyer?: string;
  phone?: string;
  order_no?: string;
  happened_on?: Dayjs | null;
  expires_on?: Dayjs | null;
  note?: string;
}

const day = (moment: Dayjs | null | undefined) => moment?.format("YYYY-MM-DD") ?? null;

/** Puts one customer on a list. */
export function AddEntry({ kind, name, onDone }: { kind: Kind; name: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const labels = useLabels();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const add = useMutation({
    mutationFn: (values: Values) =>
      customers.add({
        kind,
        channel: values.channel ?? "",
        buyer: values.buyer?.trim() ?? "",
        phone: values.phone?.trim() ?? "",
        order_no: values.order_no?.trim() ?? "",
        happened_on: day(values.happened_on),
        expires_on: day(values.expires_on),
        note: values.note?.trim() ?? "",
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customers"] });
      onDone();
    },
    onError: (error) => {
      const said = problem(error);
      message.error(`${said.text} ${said.advice}`);
    },
  });
  return (
    <Modal
      open
      width={560}
      title={t("customers.addTitle", { name })}
      okText={t("customers.add")}
      confirmLoading={add.isPending}
      onOk={form.submit}
      onCancel={onDone}
    >
      <p className="qd-muted">{t("customers.addHow")}</p>
      <Form form={form} layout="vertical" className="qd-list-form" onFinish={(values) => add.mutate(values)}>
        <Form.Item name="buyer" label={t("customers.column.buyer")}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item name="phone" label={t("customers.column.phone")}>
          <Input maxLength={50} inputMode="tel" />
        </Form.Item>
        <Form.Item name="order_no" label={t("customers.column.order_no")}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="channel" label={t("customers.column.channel")}>
          <Select
            allowClear
            placeholder={t("customers.anyChannel")}
            options={labels.options({ field: "channel" })}
          />
        </Form.Item>
        {kind === "returns" && (
          <Form.Item
            name="happened_on"
            label={t("customers.column.happened_on")}
            rules={[{ required: true, message: t("customers.needsDate") }]}
          >
            <DatePicker className="qd-wide" />
          </Form.Item>
        )}
        <Form.Item name="expires_on" label={t("customers.column.expires_on")}>
          <DatePicker className="qd-wide" placeholder={t("customers.forever")} />
        </Form.Item>
        <Form.Item name="note" label={t("customers.column.note")}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
