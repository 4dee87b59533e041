import { call } from "../../api/http";
import type { components } from "../../api/schema";

type Served = components["schemas"];
type Signal = AbortSignal | undefined;

export type CampaignRow = Served["CampaignRowOut"];
export type Campaign = Served["CampaignOut"];
export type Checkpoint = Served["CheckpointOut"];
export type Lane = Served["LaneOut"];
export type Choices = Served["PlanChoicesOut"];
export type Split = Served["SplitOut"];
export type Unowned = Served["UnownedOut"];
export type Kind = Served["KindLabelOut"]["id"];
export type Readiness = Served["ReadinessOut"];
export type Rehearsal = Served["RehearsalOut"];
export type Sop = Served["CampaignSopOut"];
export type ReportAnswer = Served["CampaignReportOut"];
export type Prevention = Served["PreventionOut"];

interface Said {
  zh: string;
  en: string;
}

/** The parts of a close-out report; see the server's ``campaigns.reports``. */
export interface Report {
  at: string;
  started_at: string;
  goal_at: string;
  hours: number;
  worked_hours: number;
  before: Record<"total" | "done" | "by_rules" | "left" | "overdue" | "late", number>;
  after: Record<"total" | "done" | "by_rules" | "left" | "parked" | "overdue" | "late", number>;
  kinds: { kind: string; label: Said; total: number; done: number; by_rules: number; left: number }[];
  people: {
    user_id: number | null;
    name: string | null;
    orders: number;
    lane: string;
    seconds: number | null;
  }[];
  lanes: {
    letter: string;
    name: string;
    people: number;
    total: number;
    done: number;
    by_rules: number;
    left: number;
  }[];
  timeline: { at: string; done: number; left: number; pace: number | null }[];
  late: { left_late: number; left_in_time: number; newly: number };
  fifo: { p50?: string | null; late?: number; penalty?: number };
  late_avoided: number | null;
  penalty_avoided: number | null;
  causes: { zh: string; en: string; count: number }[];
  reasons: { reason: string; count: number; done: number }[];
  cases: {
    type: string;
    title: Said;
    count: number;
    closed: number;
    unreachable: number;
    approved: number;
    reopened: number;
  }[];
}

/** What a rehearsal came to; see the server's ``campaigns.rehearsing``. */
export interface Played {
  orders: number;
  released: number;
  for_people: number;
  people: number;
  late: number;
  penalty: number;
  p50: string | null;
  p80: string | null;
  hours: { at: string; left: number; high: number; kinds: Record<string, number> }[];
  broke: (Said & { kind: string; hour: number; left: number }) | null;
}

export interface LaneIn {
  name: string;
  team_id: number;
  kinds: Kind[];
  people: number[];
}

const at = (id: number, rest = "") => `/api/campaigns/${id}${rest}`;

export const campaigns = {
  list: (signal?: Signal) => call<CampaignRow[]>("GET", "/api/campaigns", { signal }),
  get: (id: number, signal?: Signal) => call<Campaign>("GET", at(id), { signal }),
  choices: (signal?: Signal) => call<Choices>("GET", "/api/campaigns/choices", { signal }),
  create: (body: {
    name: string;
    filters: Record<string, unknown>;
    query: string;
    goal_at: string;
    grows: boolean;
  }) => call<Campaign>("POST", "/api/campaigns", { body }),
  change: (of: Campaign, changes: Partial<Pick<Campaign, "name" | "goal_at" | "grows" | "step">>) =>
    call<Campaign>("PUT", at(of.id), {
      body: {
        name: of.name,
        goal_at: of.goal_at,
        grows: of.grows,
        step: of.step,
        calendar_id: of.calendar_id,
        ...changes,
      },
    }),
  grow: (id: number) => call<Campaign>("POST", at(id, "/grow")),
  forecast: (id: number) => call<Campaign>("POST", at(id, "/forecast")),
  lanes: (id: number, lanes: readonly LaneIn[]) =>
    call<Campaign>("PUT", at(id, "/lanes"), { body: { lanes } }),
  split: (id: number, signal?: Signal) => call<Split>("GET", at(id, "/split"), { signal }),
  start: (id: number) => call<Campaign>("POST", at(id, "/start")),
  check: (id: number) => call<Campaign>("POST", at(id, "/checkpoints")),
  accept: (id: number, checkpoint: number, move: number) =>
    call<Campaign>("POST", at(id, `/checkpoints/${checkpoint}/accept`), { body: { move } }),
  note: (id: number, checkpoint: number, text: string) =>
    call<Campaign>("POST", at(id, `/checkpoints/${checkpoint}/note`), { body: { text } }),
  unowned: (id: number, signal?: Signal) => call<Unowned[]>("GET", at(id, "/unowned"), { signal }),
  owners: (id: number) => call<Campaign>("POST", at(id, "/owners")),
  authorise: (id: number, body: { role: string; kind: Kind; limit: number | null; ends_at: string }) =>
    call<Campaign>("POST", at(id, "/authorisations"), { body }),
  endAuthorisation: (id: number, one: number) => call<Campaign>("POST", at(id, `/authorisations/${one}/end`)),
  prevent: (id: number, body: { text: string; cause: string; owner_id: number; due: string }) =>
    call<Prevention>("POST", at(id, "/preventions"), { body }),
  tick: (id: number, one: number, done: boolean) =>
    call<Prevention>("PUT", at(id, `/preventions/${one}`), { body: { done } }),
  close: (id: number) => call<Campaign>("POST", at(id, "/close")),
  report: (id: number, signal?: Signal) => call<ReportAnswer>("GET", at(id, "/report"), { signal }),
  sheet: (id: number) => at(id, "/report.xlsx"),
  sops: (id: number, signal?: Signal) => call<Sop[]>("GET", at(id, "/sops"), { signal }),
  template: (id: number, name: string) => call<void>("POST", at(id, "/template"), { body: { name } }),
  readiness: (factor: number, signal?: Signal) =>
    call<Readiness>("GET", "/api/campaigns/readiness", {
      query: new URLSearchParams({ factor: String(factor) }),
      signal,
    }),
  rehearsals: (signal?: Signal) => call<Rehearsal[]>("GET", "/api/campaigns/rehearsals", { signal }),
  rehearse: (body: { name: string; first_day: string; last_day: string; play_day: string; scale: number }) =>
    call<Rehearsal>("POST", "/api/campaigns/rehearsals", { body }),
};
