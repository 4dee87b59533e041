import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Progress, Radio, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { count } from "../../ui/format";
import { useProblem } from "../../ui/Problem";
import { customers, type Kind, type Mode } from "./api";

/** Takes a list in from a file, added to what stands there or in its place. */
export function Uploads({ kind, name }: { kind: Kind; name: string }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const problem = useProblem();
  const client = useQueryClient();
  const [mode, setMode] = useState<Mode>("add");
  const [sent, setSent] = useState(0);
  const failed = (error: Error) => {
    const said = problem(error);
    message.error(`${said.text} ${said.advice}`);
  };
  const take = useMutation({
    mutationFn: (file: File) => customers.upload(file, kind, mode, setSent),
    onSuccess: (change) => {
      setMode("add");
      message.success(
        t("customers.taken", {
          added: count(change.added),
          removed: count(change.removed),
          refused: count(change.refused),
        }),
      );
      return client.invalidateQueries({ queryKey: ["customers"] });
    },
    onError: failed,
    onSettled: () => setSent(0),
  });
  const template = useMutation({ mutationFn: () => customers.template(kind), onError: failed });
  const ask = (file: File) => {
    if (mode === "add") take.mutate(file);
    else
      modal.confirm({
        title: t("customers.replaceTitle", { name }),
        content: t("customers.replaceText"),
        okText: t("customers.replaceOk"),
        okButtonProps: { danger: true },
        onOk: () => take.mutate(file),
      });
    return false;
  };
  return (
    <div className="qd-list-upload" data-testid="list-upload">
      <Radio.Group
        value={mode}
        onChange={(event) => setMode(event.target.value as Mode)}
        options={[
          { value: "add", label: t("customers.mode.add") },
          { value: "replace", label: t("customers.mode.replace") },
        ]}
      />
      <Upload accept=".csv,.xlsx,.xls" showUploadList={false} beforeUpload={ask} disabled={take.isPending}>
        <Button icon={<UploadOutlined aria-hidden />} loading={take.isPending}>
          {t("customers.upload")}
        </Button>
      </Upload>
      <Button
        type="text"
        icon={<DownloadOutlined aria-hidden />}
        loading={template.isPending}
        onClick={() => template.mutate()}
      >
        {t("customers.template")}
      </Button>
      {take.isPending && <Progress size="small" percent={Math.round(sent * 100)} />}
    </div>
  );
}
