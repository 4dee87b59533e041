import { call, download } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type Diagnosis = Served["DiagnosisOut"];
export type DiagnosisBody = Served["DiagnosisBodyOut"];
export type Finding = Served["DiagnosisFindingOut"];
export type Report = Served["DayReportOut"];

export const LENGTHS = [1, 3, 7, 14, 30] as const;

const period = (since: string, until: string) => new URLSearchParams({ since, until });
const ofDay = (day: string | null) => new URLSearchParams(day ? { day } : {});

export const insight = {
  setRanking: (shown: boolean) => call<{ shown: boolean }>("PUT", "/api/board/ranking", { body: { shown } }),
  diagnosis: (days: number, signal?: Signal) =>
    call<Diagnosis>("GET", "/api/board/diagnosis", {
      query: new URLSearchParams({ days: String(days) }),
      signal,
    }),
  diagnose: (days: number) => call<Diagnosis>("POST", "/api/board/diagnosis", { body: { days } }),
  exportLog: (form: "csv" | "xes", since: string, until: string) =>
    download("GET", `/api/board/log.${form}`, `log.${form}`, { query: period(since, until) }),
  report: (day: string | null, signal?: Signal) =>
    call<Report>("GET", "/api/board/report", { query: ofDay(day), signal }),
  exportReport: (day: string | null) =>
    download("GET", "/api/board/report.xlsx", "report.xlsx", { query: ofDay(day) }),
};
