import { useQuery } from "@tanstack/react-query";
import { Segmented, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRight } from "../../app/session";
import { PageHeader } from "../../ui/PageHeader";
import { Problem } from "../../ui/Problem";
import { people } from "./api";
import { CalendarTab } from "./CalendarTab";
import { OnDuty } from "./OnDuty";
import { RosterTab } from "./RosterTab";
import { TeamsTab } from "./TeamsTab";
import { UsersTab } from "./UsersTab";
import "../../ui/tags.css";
import "../imports/imports.css";
import "./people.css";

const TABS = ["roster", "teams", "calendar", "users"] as const;
type Tab = (typeof TABS)[number];

/** Who works when, in which team, under which calendar; and who may log in. */
export function PeoplePage() {
  const { t } = useTranslation();
  const right = useRight();
  const [params, setParams] = useSearchParams();
  const shown = TABS.filter((tab) => tab !== "users" || right("users.manage"));
  const tab: Tab = shown.find((known) => known === params.get("tab")) ?? "roster";
  const teams = useQuery({ queryKey: ["people", "teams"], queryFn: ({ signal }) => people.teams(signal) });
  const edits = right("teams.edit");
  const open = (to: Tab) => setParams({ tab: to });
  return (
    <>
      <PageHeader
        title={t("people.title")}
        note={t(`people.note.${tab}`)}
        actions={
          <Segmented
            value={tab}
            aria-label={t("people.title")}
            onChange={(to) => open(to as Tab)}
            options={shown.map((value) => ({ value, label: t(`people.tab.${value}`) }))}
          />
        }
      />
      {teams.isError && <Problem error={teams.error} retry={teams.refetch} />}
      {teams.isPending && <Skeleton active />}
      {teams.data && (
        <div className="qd-people-stack">
          {tab === "roster" && (
            <>
              <OnDuty teams={teams.data.teams} />
              <RosterTab setup={teams.data} edits={edits} toTeams={() => open("teams")} />
            </>
          )}
          {tab === "teams" && (
            <TeamsTab setup={teams.data} edits={edits} toCalendar={() => open("calendar")} />
          )}
          {tab === "calendar" && <CalendarTab setup={teams.data} edits={edits} />}
          {tab === "users" && <UsersTab />}
        </div>
      )}
    </>
  );
}
