import { useQuery } from "@tanstack/react-query";
import { Button, Segmented, Skeleton } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import { Problem } from "../../ui/Problem";
import { type Calendar, hours, people, type Teams, type YearDay } from "./api";
import { CalendarDialog } from "./CalendarDialog";

/** Calendars: the usual week, and every day of a year as it comes out of it and of the public holidays. */
export function CalendarTab({ setup, edits }: { setup: Teams; edits: boolean }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(setup.calendars[0]?.id);
  const [year, setYear] = useState(dayjs().year());
  const [open, setOpen] = useState<Calendar | "new" | null>(null);
  const calendar = setup.calendars.find((one) => one.id === chosen) ?? setup.calendars[0];
  const days = useQuery({
    queryKey: ["people", "days", calendar?.id, year],
    queryFn: ({ signal }) => people.days(calendar?.id ?? 0, year, signal),
    enabled: calendar !== undefined,
  });
  const add = edits && (
    <Button type={calendar ? "default" : "primary"} onClick={() => setOpen("new")}>
      {t("people.calendar.add")}
    </Button>
  );
  return (
    <section className="qd-panel" aria-label={t("people.tab.calendar")}>
      <div className="qd-panel-body">
        {calendar === undefined ? (
          <EmptyState
            title={t("people.calendar.none")}
            text={t("people.calendar.noneText")}
            action={add || undefined}
          />
        ) : (
          <>
            <div className="qd-people-tools">
              <Segmented
                value={calendar.id}
                onChange={setChosen}
                options={setup.calendars.map(({ id, name }) => ({ value: id, label: name }))}
              />
              <Segmented
                value={year}
                onChange={setYear}
                options={[-1, 0, 1].map((n) => dayjs().year() + n)}
              />
              <span className="qd-people-gap" />
              {edits && <Button onClick={() => setOpen(calendar)}>{t("people.calendar.change")}</Button>}
              {add}
            </div>
            <Week calendar={calendar} />
            {days.isError && <Problem error={days.error} retry={days.refetch} />}
            {days.isPending && <Skeleton active />}
            {days.data && <Year days={days.data} />}
          </>
        )}
      </div>
      {open && <CalendarDialog calendar={open === "new" ? undefined : open} onDone={() => setOpen(null)} />}
    </section>
  );
}

function Week({ calendar }: { calendar: Calendar }) {
  const { t } = useTranslation();
  return (
    <dl className="qd-week">
      {calendar.week.map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a week has seven days in one order
        <div key={index}>
          <dt>{t(`people.weekday.${index}`)}</dt>
          <dd className={spans.length === 0 ? "qd-muted" : "qd-num"}>
            {spans.length === 0
              ? t("people.roster.off")
              : spans.map((span) => <span key={span}>{span}</span>)}
          </dd>
        </div>
      ))}
      <div>
        <dt>{t("people.calendar.holidays")}</dt>
        <dd>{t(calendar.works_holidays ? "people.calendar.work" : "people.roster.off")}</dd>
      </div>
    </dl>
  );
}

/** Twelve small months; a day says what it is by colour, its name and hours by its title. */
function Year({ days }: { days: readonly YearDay[] }) {
  const { t } = useTranslation();
  const months = Array.from({ length: 12 }, (_, index) =>
    days.filter((day) => Number(day.day.slice(5, 7)) === index + 1),
  );
  const unknown = days.some((day) => !day.known);
  return (
    <>
      <p className="qd-year-legend">
        {["work", "off", "holiday", "make_up", "own"].map((kind) => (
          <span key={kind}>
            <i className={`qd-day qd-day-is-${kind}`} aria-hidden /> {t(`people.calendar.is.${kind}`)}
          </span>
        ))}
        {unknown && <span className="qd-amber">{t("people.roster.unpublished")}</span>}
      </p>
      <div className="qd-year" data-testid="year">
        {months.map((month, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a year has twelve months in one order
          <section key={index} aria-label={t("people.calendar.month", { n: index + 1 })}>
            <h3>{t("people.calendar.month", { n: index + 1 })}</h3>
            <ol style={{ paddingInlineStart: 0 }}>
              {month.map((day, number) => {
                const weekday = (dayjs(day.day).day() + 6) % 7;
                const kind = day.own ? "own" : day.kind !== "" ? day.kind : day.minutes > 0 ? "work" : "off";
                const title = `${day.day} ${day.name} ${
                  day.minutes > 0
                    ? t("people.calendar.hours", { n: hours(day.minutes) })
                    : t("people.roster.off")
                }`;
                return (
                  <li
                    key={day.day}
                    className={`qd-day qd-day-is-${kind}`}
                    style={number === 0 ? { gridColumnStart: weekday + 1 } : undefined}
                    title={title}
                  >
                    {number + 1}
                  </li>
                );
              })}
            </ol>
          </section>
        ))}
      </div>
    </>
  );
}
