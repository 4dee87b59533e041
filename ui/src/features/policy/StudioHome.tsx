import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { PageHeader } from "../../ui/PageHeader";
import { DraftList } from "./DraftList";
import { LivePolicy } from "./LivePolicy";
import { NewDraft } from "./NewDraft";
import { PublishedTab } from "./publish/PublishedTab";
import { SuggestTab } from "./suggest/SuggestTab";

const TABS = ["live", "drafts", "suggest", "published"] as const;

/** Front page of the studio; the open tab is in the address. */
export function StudioHome() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const shown = TABS.find((one) => one === params.get("tab")) ?? "live";
  const content = { live: <LivePolicy />, drafts: <DraftList />, suggest: <SuggestTab />, published: <PublishedTab /> };
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
