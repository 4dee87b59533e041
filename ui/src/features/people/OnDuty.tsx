import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLabels } from "../../app/catalogue";
import { useZone } from "../../app/session";
import { count, short } from "../../ui/format";
import { useNow } from "../../ui/useNow";
import { hours, people, type Team } from "./api";

/** Who is on duty this minute and until when, and what each team can still do today. */
export function OnDuty({ teams }: { teams: readonly Team[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const zone = useZone();
  const now = useNow();
  const found = useQuery({
    queryKey: ["people", "now"],
    queryFn: ({ signal }) => people.now(signal),
    refetchInterval: 60_000,
  });
  const active = teams.filter((team) => team.active);
  if (!found.data || active.length === 0) return null;
  const { on_duty, capacity } = found.data;
  return (
    <section className="qd-duty" aria-label={t("people.duty.title")} data-testid="on-duty">
      {active.map((team) => {
        const here = on_duty.filter((person) => person.team_id === team.id);
        const room = capacity.find((one) => one.team_id === team.id);
        return (
          <div key={team.id} className="qd-panel qd-duty-team">
            <header>
              <b>{team.name}</b>
              <span className="qd-muted">{labels.role(team.role)}</span>
            </header>
            <div className="qd-duty-figure">
              <b className={here.length === 0 ? "qd-amber" : ""}>{count(here.length)}</b>
              <span className="qd-muted">{t("people.duty.now", { of: team.members.length })}</span>
            </div>
            <p className="qd-muted">
              {room && room.minutes > 0
                ? t("people.duty.left", { left: hours(room.minutes_left), all: hours(room.minutes) })
                : t("people.duty.none")}
            </p>
            <ul>
              {here.map((person) => (
                <li key={person.user_id}>
                  <i aria-hidden />
                  <span className="qd-ellipsis">
                    {person.name}
                    {person.lead && <span className="qd-tag qd-duty-lead">{t("people.lead")}</span>}
                  </span>
                  <span className="qd-muted qd-num">
                    {t("people.duty.until", { time: short(person.until, zone, now) })}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
