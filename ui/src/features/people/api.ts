import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type Colleague = Served["ColleagueOut"];
export type NewUser = Served["NewUserIn"];
export type Teams = Served["TeamsOut"];
export type Team = Served["TeamOut"];
export type TeamIn = Served["TeamIn"];
export type Calendar = Served["CalendarOut"];
export type CalendarIn = Served["CalendarIn"];
export type Shift = Served["ShiftOut"];
export type Roster = Served["RosterOut"];
export type Row = Served["RosterRowOut"];
export type Cell = Served["CellOut"];
export type CellIn = Served["RosterCellIn"];
export type Leave = Served["LeaveOut"];
export type LeaveIn = Served["LeaveIn"];
export type Now = Served["NowOut"];
export type YearDay = Served["YearDayOut"];

export const ROLES = ["supervisor", "agent", "risk", "finance", "warehouse", "admin"] as const;
export const OWNERS = ["front_line", "supervisor", "risk", "finance", "warehouse"] as const;
export const LEAVES = ["annual", "sick", "personal", "training", "other"] as const;

export const people = {
  users: (signal?: Signal) => call<Colleague[]>("GET", "/api/users", { signal }),
  create: (body: NewUser) => call<Colleague>("POST", "/api/users", { body }),
  change: (id: number, body: Served["UserIn"]) => call<Colleague>("PUT", `/api/users/${id}`, { body }),
  password: (id: number, password: string) =>
    call<void>("POST", `/api/users/${id}/password`, { body: { password } }),

  teams: (signal?: Signal) => call<Teams>("GET", "/api/teams", { signal }),
  saveTeam: (body: TeamIn) => call<Team>("PUT", "/api/teams", { body }),
  saveCalendar: (body: CalendarIn) => call<Calendar>("PUT", "/api/teams/calendars", { body }),
  saveShift: (body: Served["ShiftIn"]) => call<Shift>("PUT", "/api/teams/shifts", { body }),
  dropShift: (id: number) => call<void>("DELETE", `/api/teams/shifts/${id}`),
  days: (id: number, year: number, signal?: Signal) =>
    call<YearDay[]>("GET", `/api/teams/calendars/${id}/days`, {
      query: new URLSearchParams({ year: String(year) }),
      signal,
    }),
  now: (signal?: Signal) => call<Now>("GET", "/api/teams/now", { signal }),
  roster: (team: number, monday: string, signal?: Signal) =>
    call<Roster>("GET", `/api/teams/${team}/roster`, { query: new URLSearchParams({ monday }), signal }),
  saveRoster: (team: number, cells: CellIn[]) =>
    call<void>("PUT", `/api/teams/${team}/roster`, { body: { cells } }),
  addLeave: (body: LeaveIn) => call<Leave>("POST", "/api/teams/leave", { body }),
  dropLeave: (id: number) => call<void>("DELETE", `/api/teams/leave/${id}`),
};

/** Hours as people type them: `09:00-12:00 13:00-18:00`, with Chinese punctuation too. */
export function readHours(text: string): string[] {
  return text
    .replaceAll("：", ":")
    .replaceAll(/[–—－~～]/g, "-")
    .replaceAll(/\s*-\s*/g, "-")
    .split(/[\s,，、;；]+/)
    .filter((part) => part !== "");
}

export const writeHours = (spans: readonly string[]) => spans.join(" ");

/** Hours and minutes of work, short: `8`, `7.5`. */
export const hours = (minutes: number) => (Math.round(minutes / 6) / 10).toString();

/** Moment at which clocks of a zone show `wall` (`2026-11-24T09:00`), wherever the browser is. */
export function inZone(wall: string, zone: string): string {
  const asked = Date.parse(`${wall}Z`);
  const shown = Date.parse(
    `${new Date(asked).toLocaleString("sv-SE", { timeZone: zone }).replace(" ", "T")}Z`,
  );
  return new Date(asked - (shown - asked)).toISOString();
}
