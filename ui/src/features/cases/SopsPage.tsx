import { Button, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { PageHeader } from "../../ui/PageHeader";
import { CausesTab } from "./CausesTab";
import { MacrosTab } from "./MacrosTab";
import { SopTab } from "./SopTab";
import { TemplatesTab } from "./TemplatesTab";
import "../imports/imports.css";
import "../desk/desk.css";
import "../../ui/tags.css";
import "./cases.css";

const TABS = ["steps", "causes", "messages", "macros"] as const;
type Tab = (typeof TABS)[number];

/** How cases are worked: steps, causes, messages and macros, all of them the team's own. */
export function SopsPage() {
  const { t } = useTranslation();
  const [address, setAddress] = useSearchParams();
  const tab: Tab = TABS.find((known) => known === address.get("tab")) ?? "steps";
  return (
    <>
      <PageHeader
        title={t("cases.settings")}
        note={t(`cases.settingsNote.${tab}`)}
        actions={
          <>
            <Segmented
              value={tab}
              aria-label={t("cases.settings")}
              onChange={(to) => setAddress({ tab: to })}
              options={TABS.map((value) => ({ value, label: t(`cases.settingsTab.${value}`) }))}
            />
            <Link to="/cases">
              <Button tabIndex={-1}>{t("cases.toCases")}</Button>
            </Link>
          </>
        }
      />
      {tab === "steps" && <SopTab />}
      {tab === "causes" && <CausesTab />}
      {tab === "messages" && <TemplatesTab />}
      {tab === "macros" && <MacrosTab />}
    </>
  );
}
