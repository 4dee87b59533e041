import { LockOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/http";

const LOCKED = ["file_encrypted", "password_wrong"];

interface Props {
  error: unknown;
  busy: boolean;
  onPassword: (password: string) => void;
  /** Shown when it is not a password that is missing. */
  otherwise: ReactNode;
}

/** Asks for the password of a table that is to be looked at. */
export function TableLocked({ error, busy, onPassword, otherwise }: Props) {
  const { t } = useTranslation();
  const code = error instanceof ApiError ? error.problem.code : "";
  if (!LOCKED.includes(code)) return otherwise;
  const wrong = code === "password_wrong";
  return (
    <section className="qd-panel qd-map" data-testid="mapping-locked">
      <Form<{ password: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={({ password }) => password && onPassword(password)}
      >
        <p>
          <LockOutlined aria-hidden /> <b>{t("mapping.locked")}</b>{" "}
          <span className="qd-muted">{t("mapping.lockedHow")}</span>
        </p>
        <Form.Item
          name="password"
          label={t("mapping.password")}
          validateStatus={wrong ? "error" : undefined}
          help={wrong ? t("imports.passwords.wrong") : undefined}
        >
          <Input.Password autoComplete="off" maxLength={255} className="qd-map-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("imports.passwords.open")}
        </Button>
      </Form>
    </section>
  );
}
