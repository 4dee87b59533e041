import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Select, Skeleton } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useZone } from "../../app/session";
import { EmptyState } from "../../ui/EmptyState";
import { Problem } from "../../ui/Problem";
import { type CellIn, people, type Row, type Teams } from "./api";
import { LeaveDialog } from "./LeaveDialog";
import { RosterGrid } from "./RosterGrid";
import { ShiftDialog } from "./ShiftDialog";
import { useSave } from "./useSave";

const mondayOf = (day: Dayjs) => day.subtract((day.day() + 6) % 7, "day").startOf("day");
const DAY = "YYYY-MM-DD";

interface Props {
  setup: Teams;
  edits: boolean;
  toTeams: () => void;
}

/** A team's week: shifts, days off and leave, written cell by cell or copied from the week before. */
export function RosterTab({ setup, edits, toTeams }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const teams = setup.teams.filter((team) => team.active);
  const [team, setTeam] = useState(teams[0]?.id);
  const zone = useZone();
  const today = () => dayjs(new Date().toLocaleDateString("sv-SE", { timeZone: zone }));
  const [monday, setMonday] = useState(() => mondayOf(today()));
  const [away, setAway] = useState<{ row: Row | null; day: string } | null>(null);
  const [shifts, setShifts] = useState(false);
  const week = monday.format(DAY);
  const roster = useQuery({
    queryKey: ["people", "roster", team, week],
    queryFn: ({ signal }) => people.roster(team ?? 0, week, signal),
    enabled: team !== undefined,
    placeholderData: keepPreviousData,
  });
  const write = useSave((cells: CellIn[]) => people.saveRoster(team ?? 0, cells));
  const copy = useSave(async () => {
    const before = await people.roster(team ?? 0, monday.subtract(7, "day").format(DAY));
    const cells = before.members.flatMap((row) =>
      row.cells.map((cell, index) => ({
        member_id: row.member_id,
        day: monday.add(index, "day").format(DAY),
        shift_id: cell.from_calendar ? null : cell.shift_id,
        spans: cell.from_calendar || cell.shift_id !== null ? null : cell.spans,
      })),
    );
    await people.saveRoster(team ?? 0, cells);
    message.success(t("people.roster.copied"));
  });
  if (teams.length === 0)
    return (
      <section className="qd-panel">
        <EmptyState
          title={t("people.roster.none")}
          text={t("people.roster.noneText")}
          action={edits ? <Button onClick={toTeams}>{t("people.tab.teams")}</Button> : undefined}
        />
      </section>
    );
  const unknown = roster.data?.days.some((day) => !day.known);
  return (
    <section className="qd-panel qd-roster" aria-label={t("people.tab.roster")}>
      <div className="qd-roster-tools">
        <Select
          value={team}
          aria-label={t("people.roster.team")}
          onChange={setTeam}
          options={teams.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Button.Group>
          <Button
            icon={<LeftOutlined />}
            aria-label={t("people.roster.before")}
            onClick={() => setMonday(monday.subtract(7, "day"))}
          />
          <Button onClick={() => setMonday(mondayOf(today()))}>{t("people.roster.thisWeek")}</Button>
          <Button
            icon={<RightOutlined />}
            aria-label={t("people.roster.after")}
            onClick={() => setMonday(monday.add(7, "day"))}
          />
        </Button.Group>
        <b className="qd-num">
          {monday.format("YYYY-MM-DD")} – {monday.add(6, "day").format("MM-DD")}
        </b>
        {edits && (
          <div className="qd-roster-actions">
            <Button loading={copy.isPending} onClick={() => copy.mutate(undefined)}>
              {t("people.roster.copy")}
            </Button>
            <Button onClick={() => setShifts(true)}>{t("people.shift.title")}</Button>
            <Button type="primary" onClick={() => setAway({ row: null, day: week })}>
              {t("people.leave.add")}
            </Button>
          </div>
        )}
      </div>
      {unknown && <Alert type="warning" showIcon title={t("people.roster.unpublished")} />}
      {roster.isError && <Problem error={roster.error} retry={roster.refetch} />}
      {roster.isPending && <Skeleton active />}
      {roster.data?.members.length === 0 && (
        <EmptyState title={t("people.roster.empty")} text={t("people.roster.emptyText")} />
      )}
      {roster.data && roster.data.members.length > 0 && (
        <RosterGrid
          roster={roster.data}
          shifts={setup.shifts}
          edits={edits}
          busy={roster.isPlaceholderData || write.isPending}
          onWrite={(cell) => write.mutate([cell])}
          onLeave={(row, day) => setAway({ row, day })}
        />
      )}
      {edits && <p className="qd-muted qd-roster-keys">{t("people.roster.keys")}</p>}
      {away && (
        <LeaveDialog
          people={setup.people}
          user={away.row?.user_id}
          day={away.day}
          onDone={() => setAway(null)}
        />
      )}
      {shifts && <ShiftDialog shifts={setup.shifts} onDone={() => setShifts(false)} />}
    </section>
  );
}
