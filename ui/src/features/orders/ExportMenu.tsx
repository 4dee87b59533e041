import { DownloadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Dropdown, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { ExportFormat } from "../../api/types";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { type Filters, filterBody } from "./query";

/** Takes the filtered orders away as a file: masked as on screen, or in clear for those who may and say why. */
export function ExportMenu({ filters, total }: { filters: Filters; total: number }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const can = useRight();
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<{ reason: string }>();
  const save = useMutation({
    mutationFn: ({ format, reason }: { format: ExportFormat; reason?: string }) =>
      api.exportOrders(filterBody(filters), format, reason),
    onSuccess: () => {
      setAsking(false);
      message.success(t("export.done", { total: count(total) }));
    },
    onError: (error) => message.error(problem(error).text),
  });
  const items = [
    { key: "xlsx", label: t("export.xlsx", { total: count(total) }) },
    { key: "csv", label: t("export.csv", { total: count(total) }) },
    { key: "zip", label: t("export.zip", { total: count(total) }) },
  ];
  return (
    <>
      <Dropdown
        trigger={["click"]}
        disabled={total === 0}
        menu={{
          items: can("orders.unmask")
            ? [...items, { type: "divider" }, { key: "clear", label: t("export.clear") }]
            : items,
          onClick: ({ key }) =>
            key === "clear" ? setAsking(true) : save.mutate({ format: key as ExportFormat }),
        }}
      >
        <Button icon={<DownloadOutlined aria-hidden />} loading={save.isPending && !asking}>
          {t("export.title")}
        </Button>
      </Dropdown>
      <Modal
        open={asking}
        title={t("export.clearTitle", { total: count(total) })}
        okText={t("export.clearOk")}
        confirmLoading={save.isPending}
        onCancel={() => setAsking(false)}
        onOk={form.submit}
        destroyOnHidden
      >
        <p>{t("export.clearWhy")}</p>
        <Form
          form={form}
          layout="vertical"
          onFinish={({ reason }) => save.mutate({ format: "xlsx", reason })}
        >
          <Form.Item
            name="reason"
            label={t("export.reason")}
            rules={[{ required: true, min: 2, whitespace: true }]}
          >
            <Input.TextArea rows={2} maxLength={500} autoFocus />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}
