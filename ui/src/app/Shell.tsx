import { BulbOutlined, GlobalOutlined, UserOutlined } from "@ant-design/icons";
import { Dropdown, Skeleton } from "antd";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Outlet, useLocation, useNavigation } from "react-router";
import { api } from "../api";
import { Problem } from "../ui/Problem";
import { Bell } from "./Bell";
import { useLabels } from "./catalogue";
import { ErrorBoundary } from "./ErrorBoundary";
import { useLive } from "./live/useLive";
import { Palette } from "./palette/Palette";
import { type ThemeChoice, usePreferences } from "./preferences";
import { RailPages } from "./Rail";
import { useRight, useSession, useSetSession } from "./session";
import "./shell.css";

const THEMES: ThemeChoice[] = ["system", "light", "dark"];

export function LanguageButton() {
  const { t } = useTranslation();
  const { language, setLanguage } = usePreferences();
  const other = language === "zh" ? "en" : "zh";
  return (
    <button
      type="button"
      className="qd-rail-tool"
      data-testid="language"
      onClick={() => setLanguage(other)}
      title={t("shell.switchLanguage")}
    >
      <GlobalOutlined aria-hidden />
      <span lang={other === "zh" ? "zh-CN" : "en"}>{t("shell.otherLanguage")}</span>
    </button>
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  const { theme, setTheme } = usePreferences();
  return (
    <Dropdown
      trigger={["click"]}
      placement="topLeft"
      menu={{
        selectable: true,
        selectedKeys: [theme],
        items: THEMES.map((key) => ({ key, label: t(`theme.${key}`) })),
        onClick: ({ key }) => setTheme(key as ThemeChoice),
      }}
    >
      <button type="button" className="qd-rail-tool" data-testid="theme" aria-haspopup="menu">
        <BulbOutlined aria-hidden />
        <span>{t("theme.title")}</span>
      </button>
    </Dropdown>
  );
}

function UserButton() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { data } = useSession();
  const setSession = useSetSession();
  const user = data?.user;
  if (!data || !user) return null;
  const leave = async () => {
    await api.logout();
    setSession({ ...data, user: null, rights: [] });
  };
  return (
    <Dropdown
      trigger={["click"]}
      placement="topLeft"
      menu={{
        items: [
          {
            key: "who",
            type: "group",
            label: `${user.name} · ${user.roles.map(labels.role).join(" / ")} · ${user.merchant.name}`,
          },
          { key: "logout", label: t("shell.logout") },
        ],
        onClick: ({ key }) => {
          if (key === "logout") void leave();
        },
      }}
    >
      <button
        type="button"
        className="qd-rail-tool"
        data-testid="user"
        aria-haspopup="menu"
        aria-label={t("shell.account", { name: user.name })}
      >
        <UserOutlined aria-hidden />
        <span>{user.name}</span>
      </button>
    </Dropdown>
  );
}

/** Frame of every page behind the login: rail on the left, the page beside it. */
export function Shell() {
  const { t } = useTranslation();
  const session = useSession();
  const right = useRight();
  const { pathname, search } = useLocation();
  const loading = useNavigation().state === "loading";
  useLive(Boolean(session.data?.user) && right("board.view"));

  if (session.isPending) return null;
  if (session.isError) return <Problem error={session.error} retry={session.refetch} page />;
  if (!session.data.user) {
    const next = pathname === "/" ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={`/login${next}`} replace />;
  }
  return (
    <div className="qd-shell">
      <a className="qd-skip" href="#main">
        {t("shell.skip")}
      </a>
      <nav className="qd-rail" aria-label={t("shell.nav")}>
        <NavLink to="/board" className="qd-mark">
          <span className="qd-visually-hidden">{t("product.name")}</span>
          <span aria-hidden>{t("product.sealTop")}</span>
          <span aria-hidden>{t("product.sealBottom")}</span>
        </NavLink>
        <RailPages />
        <div className="qd-rail-gap" />
        <Palette />
        <Bell />
        <LanguageButton />
        <ThemeButton />
        <UserButton />
      </nav>
      <main id="main" className="qd-main" tabIndex={-1} aria-busy={loading}>
        <ErrorBoundary resetKey={pathname}>
          <Suspense fallback={<Skeleton active />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}
