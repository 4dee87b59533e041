import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { EmptyState } from "../../ui/EmptyState";
import { count } from "../../ui/format";
import type { Team, Teams } from "./api";
import { TeamDialog } from "./TeamDialog";

interface Props {
  setup: Teams;
  edits: boolean;
  toCalendar: () => void;
}

/** Teams: whose orders they answer for, under which calendar, who is in them and how much each can take. */
export function TeamsTab({ setup, edits, toCalendar }: Props) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [open, setOpen] = useState<Team | "new" | null>(null);
  const calendars = new Map(setup.calendars.map((calendar) => [calendar.id, calendar.name]));
  const names = new Map(setup.people.map((person) => [person.id, person.name]));
  const bare = setup.calendars.length === 0;
  return (
    <section className="qd-panel" aria-label={t("people.tab.teams")}>
      <div className="qd-panel-body">
        {edits && bare && (
          <Alert
            type="info"
            showIcon
            title={t("people.teams.calendarFirst")}
            action={<Button onClick={toCalendar}>{t("people.tab.calendar")}</Button>}
          />
        )}
        {setup.teams.length === 0 ? (
          <EmptyState
            title={t("people.teams.none")}
            text={t("people.teams.noneText")}
            action={
              edits && !bare ? (
                <Button type="primary" onClick={() => setOpen("new")}>
                  {t("people.teams.add")}
                </Button>
              ) : undefined
            }
          />
        ) : (
          <>
            {edits && (
              <div className="qd-people-tools">
                <Button type="primary" onClick={() => setOpen("new")}>
                  {t("people.teams.add")}
                </Button>
              </div>
            )}
            <div className="qd-history">
              <table data-testid="teams">
                <thead>
                  <tr>
                    {["name", "role", "calendar", "lead", "members"].map((key) => (
                      <th key={key} scope="col">
                        {t(`people.teams.${key}`)}
                      </th>
                    ))}
                    <th scope="col" className="qd-right">
                      {t("people.teams.cap")}
                    </th>
                    {edits && <th scope="col" aria-label={t("people.edit")} />}
                  </tr>
                </thead>
                <tbody>
                  {setup.teams.map((team) => (
                    <tr key={team.id}>
                      <td>
                        <b>{team.name}</b>{" "}
                        {!team.active && <span className="qd-tag">{t("people.users.off")}</span>}
                      </td>
                      <td>{labels.role(team.role)}</td>
                      <td>{calendars.get(team.calendar_id)}</td>
                      <td>{(team.lead_id && names.get(team.lead_id)) || "—"}</td>
                      <td className="qd-people-names">
                        {team.members.map((member) => (
                          <span key={member.id} className="qd-tag">
                            {member.name}
                            <span className="qd-muted">
                              {member.cap > 0 ? count(member.cap) : t("people.teams.pool")}
                            </span>
                          </span>
                        ))}
                      </td>
                      <td className="qd-right qd-num">
                        {count(team.members.reduce((sum, member) => sum + member.cap, 0))}
                      </td>
                      {edits && (
                        <td className="qd-right">
                          <Button size="small" onClick={() => setOpen(team)}>
                            {t("people.edit")}
                          </Button>
                        </td>
                      )}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </div>
      {open && (
        <TeamDialog setup={setup} team={open === "new" ? undefined : open} onDone={() => setOpen(null)} />
      )}
    </section>
  );
}
