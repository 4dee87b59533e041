import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { PageHeader } from "../../ui/PageHeader";
import { AuditTab } from "./audit/AuditTab";
import { DraftList } from "./DraftList";
import { LivePolicy } from "./LivePolicy";
import { NewDraft } from "./NewDraft";
import { PublishedTab } from "./publish/PublishedTab";
import { SnoozeTab } from "./snooze/SnoozeTab";
import { SuggestTab } from "./suggest/SuggestTab";
import { TemplatesTab } from "./templates/TemplatesTab";

const TABS = ["live", "drafts", "templates", "suggest", "published", "audit", "snoozes"] as const;

/** Front page of the studio; the open tab is in the address. */
export function StudioHome() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const shown = TABS.find((one) => one === params.get("tab")) ?? "live";
  const content = {
    live: <LivePolicy />,
    drafts: <DraftList />,
    templates: <TemplatesTab />,
    suggest: <SuggestTab />,
    published: <PublishedTab />,
    audit: <AuditTab />,
    snoozes: <SnoozeTab />,
  };
  return (
    <>
      <PageHeader title={t("nav.policyFull")} actions={<NewDraft />} />
      <Tabs
        className="qd-studio-tabs"
        activeKey={shown}
        onChange={(tab) => setParams(tab === "live" ? {} : { tab })}
        items={TABS.map((key) => ({ key, label: t(`studio.tab.${key}`), children: content[key] }))}
        destroyOnHidden
      />
    </>
  );
}
