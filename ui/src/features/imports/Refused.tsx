import { DownloadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { ImportJob } from "../../api/types";
import { useRight } from "../../app/session";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";

type SheetForm = "xlsx" | "zip";

/** The rows that became no order: whole, to be corrected and imported again, or as a masked list of what is wrong. */
export function Refused({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const can = useRight();
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<{ format: SheetForm; reason: string }>();
  const failed = (error: Error) => message.error(problem(error).text);
  const list = useMutation({
    mutationFn: (format: "csv" | "xlsx") => api.refused(job.id, format),
    onError: failed,
  });
  const take = useMutation({
    mutationFn: ({ format, reason }: { format: SheetForm; reason: string }) =>
      api.takeRefused(job.id, format, reason),
    onSuccess: () => {
      setAsking(false);
      message.success(t("imports.refusedTaken"));
    },
    onError: failed,
  });
  return (
    <div className="qd-refused" data-testid="refused">
      <p>
        <b className="qd-red">{t("imports.refusedTitle", { n: count(job.refused) })}</b>{" "}
        <span className="qd-muted">{t("imports.refusedText")}</span>
      </p>
      {can("orders.unmask") && (
        <Button
          size="small"
          type="primary"
          icon={<DownloadOutlined aria-hidden />}
          onClick={() => setAsking(true)}
        >
          {t("imports.refusedTake")}
        </Button>
      )}
      <Button size="small" onClick={() => list.mutate("xlsx")} loading={list.isPending}>
        {t("imports.refusedXlsx")}
      </Button>
      <Button size="small" onClick={() => list.mutate("csv")} loading={list.isPending}>
        {t("imports.refusedCsv")}
      </Button>
      <Modal
        open={asking}
        title={t("imports.refusedTakeTitle", { n: count(job.refused) })}
        okText={t("imports.refusedTakeOk")}
        confirmLoading={take.isPending}
        onCancel={() => setAsking(false)}
        onOk={form.submit}
        destroyOnHidden
      >
        <p>{t("imports.refusedTakeHow")}</p>
        <p className="qd-muted">{t("imports.refusedTakeWhy")}</p>
        <Form
          form={form}
          layout="vertical"
          initialValues={{ format: "xlsx", reason: t("imports.refusedReason") }}
          onFinish={(values) => take.mutate(values)}
        >
          <Form.Item name="format" label={t("imports.refusedForm")}>
            <Radio.Group
              options={[
                { value: "xlsx", label: t("imports.refusedFormXlsx") },
                { value: "zip", label: t("imports.refusedFormZip") },
              ]}
            />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t("export.reason")}
            rules={[{ required: true, min: 2, whitespace: true }]}
          >
            <Input maxLength={500} />
          </Form.Item>
        </Form>
      </Modal>
    </div>
  );
}
