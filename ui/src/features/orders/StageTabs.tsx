import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLabels } from "../../app/catalogue";
import type { Filters } from "./query";

interface Props {
  filters: Filters;
  path: (filters: Filters) => string;
  backlog: readonly string[];
}

const SINGLE_STAGES = ["in_review", "exception", "held", "released", "shipped"];

/** The stages people ask for most, one click each; other filters stay as they are. */
export function StageTabs({ filters, path, backlog }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const tabs = [
    { key: "all", label: t("orders.tabAll"), stage: [] as readonly string[] },
    { key: "backlog", label: t("orders.tabBacklog"), stage: backlog },
    ...SINGLE_STAGES.map((id) => ({ key: id, label: labels.value("stage", id), stage: [id] })),
  ];
  const now = (filters.stage ?? []).join();
  return (
    <nav className="qd-tabs" aria-label={t("orders.tabs")}>
      {tabs.map(({ key, label, stage }) => (
        <Link
          key={key}
          to={path({ ...filters, stage })}
          aria-current={stage.join() === now ? "page" : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
