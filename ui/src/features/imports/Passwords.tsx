import { LockOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api";
import type { ImportJob } from "../../api/types";
import { useRight } from "../../app/session";
import { useProblem } from "../../ui/Problem";

/** Asks for the passwords of the files that are locked; the other files of the drop are in already. */
export function Passwords({ job }: { job: ImportJob }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const can = useRight();
  const client = useQueryClient();
  const [form] = Form.useForm<Record<string, string>>();
  const unlock = useMutation({
    mutationFn: (passwords: readonly string[]) => api.unlockImport(job.id, passwords),
    onSuccess: () => {
      form.resetFields();
      return client.invalidateQueries({ queryKey: ["imports"] });
    },
    onError: (error) => message.error(problem(error).text),
  });
  const locked = job.files.filter((file) => file.state === "needs_password");
  if (locked.length === 0 || job.state === "undone") return null;
  if (!can("imports.create")) return <p className="qd-muted">{t("imports.passwords.others")}</p>;
  return (
    <Form
      form={form}
      layout="vertical"
      className="qd-passwords"
      data-testid="passwords"
      requiredMark={false}
      onFinish={(values) => {
        const given = Object.values(values).filter(Boolean);
        if (given.length > 0) unlock.mutate(given);
      }}
    >
      <p>
        <LockOutlined aria-hidden /> <b>{t("imports.passwords.title", { n: locked.length })}</b>{" "}
        <span className="qd-muted">{t("imports.passwords.how")}</span>
      </p>
      {locked.map((file) => {
        const wrong = file.error?.code === "password_wrong";
        return (
          <Form.Item
            key={file.sha256 + file.name}
            name={`${file.sha256}${file.name}`}
            label={<span className="qd-ellipsis">{file.name}</span>}
            validateStatus={wrong ? "error" : undefined}
            help={wrong ? t("imports.passwords.wrong") : undefined}
          >
            <Input.Password autoComplete="off" maxLength={255} placeholder={t("imports.passwords.place")} />
          </Form.Item>
        );
      })}
      <Button type="primary" htmlType="submit" loading={unlock.isPending}>
        {t("imports.passwords.open")}
      </Button>
    </Form>
  );
}
