import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { api } from "../../api";
import { usePreferences } from "../../app/preferences";
import { LanguageButton, ThemeButton } from "../../app/Shell";
import { useSession, useSetSession } from "../../app/session";
import { Problem } from "../../ui/Problem";
import { safeNext } from "./next";
import "./login.css";
import "../../app/shell.css";

interface Credentials {
  login: string;
  password: string;
}

export function LoginPage() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [search] = useSearchParams();
  const session = useSession();
  const setSession = useSetSession();
  const login = useMutation({
    mutationFn: (who: Credentials) => api.login(who.login, who.password),
    onSuccess: setSession,
  });
  useEffect(() => {
    document.title = `${t("login.submit")} · ${t("product.name")}`;
  }, [t]);

  if (session.isPending) return null;
  if (session.isError) return <Problem error={session.error} retry={session.refetch} page />;
  const next = safeNext(search.get("next"));
  if (session.data.user && next.startsWith("/admin/")) {
    window.location.replace(next);
    return null;
  }
  if (session.data.user) return <Navigate to={next} replace />;
  const demo = session.data.demo_logins ?? [];

  return (
    <div className="qd-login">
      <main className="qd-login-card">
        <div className="qd-login-brand">
          <span className="qd-login-seal" aria-hidden>
            {t("product.sealTop")}
            {t("product.sealBottom")}
          </span>
          <div>
            <h1>{t("product.name")}</h1>
            <p>{t("product.sentence")}</p>
          </div>
        </div>
        <Form<Credentials>
          layout="vertical"
          requiredMark={false}
          onFinish={(values) => login.mutate(values)}
          key={language}
        >
          <Form.Item
            name="login"
            label={t("login.login")}
            rules={[{ required: true, message: t("login.needLogin") }]}
          >
            <Input size="large" autoComplete="username" autoFocus />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("login.password")}
            rules={[{ required: true, message: t("login.needPassword") }]}
          >
            <Input.Password size="large" autoComplete="current-password" visibilityToggle={false} />
          </Form.Item>
          {login.isError && (
            <div className="qd-login-error" role="alert">
              <Problem error={login.error} />
            </div>
          )}
          <Button type="primary" htmlType="submit" size="large" block loading={login.isPending}>
            {t("login.submit")}
          </Button>
        </Form>
        {demo.length > 0 && (
          <section className="qd-login-demo" aria-label={t("login.demo")}>
            <h2>{t("login.demo")}</h2>
            <p>{t("login.demoHint")}</p>
            <div>
              {demo.map((who) => (
                <Button
                  key={who.login}
                  data-login={who.login}
                  disabled={login.isPending}
                  onClick={() => login.mutate({ login: who.login, password: who.password })}
                >
                  {who.name}
                  <span className="qd-muted">{t(`role.${who.role}`, { defaultValue: who.role })}</span>
                </Button>
              ))}
            </div>
          </section>
        )}
      </main>
      <footer className="qd-login-foot">
        <LanguageButton />
        <ThemeButton />
      </footer>
    </div>
  );
}
