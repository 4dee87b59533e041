import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRight } from "../../app/session";
import { PageHeader } from "../../ui/PageHeader";
import { AlertList } from "./AlertList";
import { SettingsTab } from "./SettingsTab";
import "../../ui/tags.css";
import "../imports/imports.css";
import "../people/people.css";
import "./alerts.css";

const TABS = ["list", "routes", "outlets", "reach"] as const;
type Tab = (typeof TABS)[number];

/** What needs somebody's eye, and where it is told. */
export function AlertsPage() {
  const { t } = useTranslation();
  const edits = useRight()("alerts.edit");
  const [params, setParams] = useSearchParams();
  const shown = TABS.filter((tab) => tab === "list" || edits);
  const tab: Tab = shown.find((known) => known === params.get("tab")) ?? "list";
  return (
    <>
      <PageHeader
        title={t("alerts.title")}
        note={t(`alerts.note.${tab}`)}
        actions={
          shown.length > 1 && (
            <Segmented
              value={tab}
              aria-label={t("alerts.title")}
              onChange={(to) => setParams(to === "list" ? {} : { tab: to as string })}
              options={shown.map((value) => ({ value, label: t(`alerts.tab.${value}`) }))}
            />
          )
        }
      />
      {tab === "list" ? <AlertList /> : <SettingsTab tab={tab} />}
    </>
  );
}
