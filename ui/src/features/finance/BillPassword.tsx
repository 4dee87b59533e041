import { LockOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useRight } from "../../app/session";
import { useProblem } from "../../ui/Problem";
import { type Bill, payments } from "./api";

/** Asks for the password of a protected bill; the bill is read once more with it. */
export function BillPassword({ bill }: { bill: Bill }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const problem = useProblem();
  const can = useRight();
  const client = useQueryClient();
  const [form] = Form.useForm<{ password: string }>();
  const unlock = useMutation({
    mutationFn: (password: string) => payments.unlock(bill.id, password),
    onSuccess: () => form.resetFields(),
    onError: (error) => message.error(problem(error).text),
    onSettled: () => client.invalidateQueries({ queryKey: ["payments"] }),
  });
  if (!can("payments.import")) return null;
  return (
    <Form
      form={form}
      layout="inline"
      className="qd-bill-password"
      onFinish={({ password }) => password && unlock.mutate(password)}
    >
      <Form.Item name="password" noStyle>
        <Input.Password
          size="small"
          autoComplete="off"
          maxLength={255}
          prefix={<LockOutlined aria-hidden />}
          placeholder={t("payments.bill.password")}
          aria-label={t("payments.bill.passwordOf", { name: bill.name })}
        />
      </Form.Item>
      <Button size="small" type="primary" htmlType="submit" loading={unlock.isPending}>
        {t("payments.bill.open")}
      </Button>
    </Form>
  );
}
